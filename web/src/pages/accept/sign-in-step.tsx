import { useLocation } from "react-router";
import { useApp } from "../../shell/app.tsx";
import { Alert } from "../../ui/alert.tsx";
import { Button } from "../../ui/button.tsx";
import { SignInWays } from "../sign-in/sign-in-ways.tsx";
import styles from "./accept.module.css";
import type { Visitor } from "./invitation.tsx";

/** Signing in, without leaving the page where that is possible. Who wants to be somebody else is asked anew. */
export function SignInStep({ isSwitching }: { isSwitching: boolean }) {
  const { session } = useApp();
  const { pathname } = useLocation();
  return (
    <>
      {session.hasExpired && <Alert>Your session has ended. Sign in again to go on.</Alert>}
      {session.token !== null && (
        <Alert tone="warning">You are signed in as an app. Only people can accept an invite.</Alert>
      )}
      <p className={styles.muted}>
        With an account that you have or a new one: the invite is for whoever has the link, whatever their
        address.
      </p>
      <div className={styles.ways}>
        <SignInWays next={pathname} isFresh={isSwitching} />
      </div>
    </>
  );
}

/** Who is signed in, and how to be somebody else. */
export function SignedInAs({ user, onSwitch }: { user: NonNullable<Visitor>; onSwitch: () => void }) {
  return (
    <div className={styles.who}>
      <span className={styles.muted}>
        As <bdi>{user.name}</bdi>
        {user.email && user.email !== user.name && ` (${user.email})`}
      </span>
      <Button variant="quiet" size="small" onPress={onSwitch}>
        Use another account
      </Button>
    </div>
  );
}
