import { useState } from "react";
import { type Outcome, useMutation } from "../api/mutation.ts";
import type { LinkSsoIdentityMutation } from "../gql/graphql.ts";
import { graphql } from "../gql/index.ts";
import { signOut } from "../session/session.ts";
import { Alert } from "../ui/alert.tsx";
import { Button } from "../ui/button.tsx";
import { toastSuccess } from "../ui/toast.tsx";
import styles from "./link-sso.module.css";

const LinkSsoIdentity = graphql(`
  mutation LinkSsoIdentity($input: LinkSsoIdentityInput!) {
    linkSsoIdentity(input: $input) {
      member {
        id
        flags {
          idpProvisioned
          idpRoleRestricted
          memberLimitRestricted
          partnershipRestricted
          ssoInvalid
          ssoLinked
        }
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`);

export interface LinkSsoProps {
  organizationId: string;
  /** The name of the provider; null where the caller may not see it yet. */
  providerName: string | null;
  /** Why there is something to link: never linked, or what was linked is not good any more. Null where that is not known. */
  reason: "never" | "lapsed" | null;
  /** Called once the identity is linked. */
  onLinked?: () => void;
}

/** Links the identity through which one is signed in, and says what to do where that is another. */
export function LinkSso({ organizationId, providerName, reason, onLinked }: LinkSsoProps) {
  const { run, isRunning } = useMutation(LinkSsoIdentity);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const provider = providerName ?? "the organization's provider";

  async function link() {
    const outcome = await run({ input: { organizationId } });
    setRefusal(refusalOf(outcome));
    if (outcome.kind !== "ok") return;
    toastSuccess("Your identity is linked.");
    onLinked?.();
  }

  return (
    <div className={styles.link}>
      {reason && (
        <p>
          {reason === "never"
            ? `You have linked no identity of ${provider} yet.`
            : `The identity that you have linked is not good any more. Sign in through ${provider} and link it again.`}
        </p>
      )}
      {refusal && (
        <Alert tone="danger">
          <p>{refusal.message}</p>
          {refusal.isOfAnotherOrigin && (
            <p>
              This session did not begin at {provider}. Sign out, sign in through {provider}, and come back to
              this page.
            </p>
          )}
        </Alert>
      )}
      <div className={styles.buttons}>
        <Button isPending={isRunning} onPress={link}>
          Link my identity
        </Button>
        {refusal?.isOfAnotherOrigin && <Button onPress={signOut}>Sign out</Button>}
      </div>
    </div>
  );
}

interface Refusal {
  message: string;
  /** Whether the person has not come through the provider. */
  isOfAnotherOrigin: boolean;
}

function refusalOf(outcome: Outcome<LinkSsoIdentityMutation["linkSsoIdentity"]>): Refusal | null {
  switch (outcome.kind) {
    case "ok":
      return null;
    case "refused":
      return {
        message: outcome.userErrors.map(({ message }) => message).join(" "),
        isOfAnotherOrigin: outcome.userErrors.some(({ code }) => code === "SSO_REQUIRED"),
      };
    case "failed":
      return { message: outcome.failure.message, isOfAnotherOrigin: false };
  }
}
