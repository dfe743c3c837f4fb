import { SignInAnew } from "../sign-in/sign-in-anew.tsx";
import styles from "./accept.module.css";
import type { Visitor } from "./invitation.tsx";

/** A second factor is set up at the identity provider, and shows in the next sign-in. */
export function TwoFactorStep({ organization, user }: { organization: string; user: Visitor }) {
  return (
    <>
      <p className={styles.muted}>
        {organization} lets in only people who sign in with a second factor, such as an authenticator app or a
        security key. Set one up in the security settings of your account at the identity provider, then sign
        in again with it.
      </p>
      <SignInAnew user={user} isFresh proof={{ mfa: true }} developmentLabel="Sign in with a second factor">
        I have set it up: check again
      </SignInAnew>
    </>
  );
}
