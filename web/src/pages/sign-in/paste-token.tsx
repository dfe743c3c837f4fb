import { useState } from "react";
import { type FormErrors, unreachable } from "../../api/errors.ts";
import { isAccepted, looksLikeToken } from "../../session/pasted-token.ts";
import { signIn } from "../../session/session.ts";
import { useApp } from "../../shell/app.tsx";
import { Button } from "../../ui/button.tsx";
import { Form } from "../../ui/form.tsx";
import { TextField } from "../../ui/text-field.tsx";

/** Signs in with a token that somebody has already. */
export function PasteToken() {
  const { settings } = useApp();
  const [token, setToken] = useState("");
  const [errors, setErrors] = useState<FormErrors>();
  const [isTrying, setTrying] = useState(false);

  async function use() {
    const text = token.trim();
    if (!looksLikeToken(text)) {
      return setErrors(
        atToken("This is no token: one has three parts with dots between them, or begins with rst_."),
      );
    }
    setTrying(true);
    try {
      if (await isAccepted(settings.endpoint, text)) return signIn(text);
      setErrors(atToken("Roster does not accept this token."));
    } catch {
      setErrors({ fields: {}, form: [`${unreachable.title}. ${unreachable.message}`] });
    } finally {
      setTrying(false);
    }
  }

  return (
    <Form errors={errors} onSubmit={use}>
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
      <Button type="submit" isPending={isTrying}>
        Use this token
      </Button>
    </Form>
  );
}

function atToken(message: string): FormErrors {
  return { fields: { token: [message] }, form: [] };
}
