import { SignInAnew } from "../sign-in/sign-in-anew.tsx";
import styles from "./accept.module.css";
import type { Visitor } from "./invitation.tsx";

/** The identity provider vouches for the address, and says so in the next sign-in. */
export function VerifyEmailStep({ organization, user }: { organization: string; user: Visitor }) {
  return (
    <>
      <p className={styles.muted}>
        {organization} lets in only people whose address is verified
        {user?.email ? `, and ${user.email} is not yet` : ""}. Open the mail that your identity provider has
        sent to that address, or have it sent again in the settings of your account there, and follow its
        link.
      </p>
      <SignInAnew
        user={user}
        proof={{ emailVerified: true }}
        developmentLabel="Sign in with a verified address"
      >
        I have verified it: check again
      </SignInAnew>
    </>
  );
}
