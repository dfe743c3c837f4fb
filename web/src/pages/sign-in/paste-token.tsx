import { useState } from "react";
import { signIn } from "../../session/session.ts";
import { Button } from "../../ui/button.tsx";
import { Form } from "../../ui/form.tsx";
import { TextField } from "../../ui/text-field.tsx";

/** Signs in with a token that somebody has already. */
export function PasteToken() {
  const [token, setToken] = useState("");
  return (
    <Form onSubmit={() => signIn(token.trim())}>
      <TextField
        label="Access token"
        description="It stays in this tab, and is forgotten when the tab is closed."
        type="password"
        name="token"
        value={token}
        onChange={setToken}
        isRequired
        autoComplete="off"
        isMonospaced
      />
      <Button type="submit">Use this token</Button>
    </Form>
  );
}
