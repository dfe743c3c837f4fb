import { useState } from "react";
import { useNavigate } from "react-router";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import { paths } from "../../shell/paths.ts";
import { Button } from "../../ui/button.tsx";
import { Form } from "../../ui/form.tsx";
import { toastSuccess } from "../../ui/toast.tsx";
import { AcceptInvite } from "./invite-to-accept.ts";

export interface JoinStepProps {
  token: string;
  organization: string;
  isReading: boolean;
  /** The person turned out to be a member already. */
  onInside: () => void;
  /** Something has changed since the page was read. */
  onRefused: () => void;
}

/** The last step: everything that was asked for is done. */
export function JoinStep({ token, organization, isReading, onInside, onRefused }: JoinStepProps) {
  const { run, isRunning } = useMutation(AcceptInvite);
  const [errors, setErrors] = useState<FormErrors>();
  const navigate = useNavigate();

  async function join() {
    const outcome = await run({ input: { token } });
    setErrors(errorsOf(outcome, []));
    if (outcome.kind === "ok") {
      const joined = outcome.payload.organization;
      toastSuccess(`Welcome to ${organization}.`);
      navigate(joined ? paths.organization(joined.slug) : paths.home, { replace: true });
    } else if (outcome.kind === "refused") {
      // The invite is gone now, so the page could not say it any more.
      if (outcome.userErrors.some(({ code }) => code === "ALREADY_MEMBER")) onInside();
      else onRefused();
    }
  }

  return (
    <Form errors={errors} onSubmit={join}>
      <div>
        <Button type="submit" variant="primary" isPending={isRunning} isDisabled={isReading}>
          Join {organization}
        </Button>
      </div>
    </Form>
  );
}
