import { useCallback, useEffect, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import { useApp } from "../../shell/app.tsx";
import { Button } from "../../ui/button.tsx";
import { Form } from "../../ui/form.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { SignInAnew } from "../sign-in/sign-in-anew.tsx";
import styles from "./accept.module.css";
import type { Preview, Visitor } from "./invitation.tsx";
import { LinkSsoToAccept } from "./invite-to-accept.ts";

/** In the address when somebody comes back from the provider to be linked. */
const linkParameter = "link";

export interface SsoStepProps {
  preview: Preview;
  user: Visitor;
  onLinked: () => void;
}

/** Signs the person in through the organization's provider, and has the API take note of it. */
export function SsoStep({ preview, user, onLinked }: SsoStepProps) {
  const { organizationId, organizationName: organization } = preview;
  const provider = preview.ssoProvider ?? "the organization's provider";
  const { settings, session } = useApp();
  const [parameters, setParameters] = useSearchParams();
  const { run, isRunning } = useMutation(LinkSsoToAccept);
  const [errors, setErrors] = useState<FormErrors>();
  const [key, setKey] = useState("");
  const linkedSession = useRef<number>(null);

  const link = useCallback(async () => {
    const outcome = await run({ input: { organizationId } });
    setErrors(errorsOf(outcome, []));
    if (outcome.kind === "ok") onLinked();
  }, [run, organizationId, onLinked]);

  const isBack = parameters.has(linkParameter);
  useEffect(() => {
    if (!isBack || linkedSession.current === session.id) return;
    linkedSession.current = session.id;
    setParameters({}, { replace: true });
    link();
  }, [isBack, session.id, setParameters, link]);

  return (
    <Form errors={errors} onSubmit={link}>
      <p className={styles.muted}>
        {organization} lets in only people who sign in through {provider}. Sign in again and choose it at the
        identity provider: it may be behind “Use your company's account” or a button with its name. Your
        account here stays the same one.
      </p>
      {settings.signIn.mint && !session.lease && (
        <TextField
          label="Key of the provider"
          description="Development only: what the claim idp of the token is to say. It is on the page of single sign-on."
          placeholder="google"
          value={key}
          onChange={setKey}
          isMonospaced
        />
      )}
      <SignInAnew
        user={user}
        isFresh
        proof={{ ...(key && { idp: key }) }}
        developmentLabel={`Sign in through ${provider}`}
        search={`?${linkParameter}`}
        onSignIn={() => setParameters({ [linkParameter]: "" }, { replace: true })}
      >
        {`Sign in through ${provider}`}
      </SignInAnew>
      <div>
        <Button type="submit" size="small" isPending={isRunning}>
          I have signed in through it: check again
        </Button>
      </div>
    </Form>
  );
}
