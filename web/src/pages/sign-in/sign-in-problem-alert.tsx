import type { SignInProblem } from "../../session/oidc-problem.ts";
import { Alert } from "../../ui/alert.tsx";
import styles from "./sign-in.module.css";

/** Why the provider has signed nobody in. */
export function SignInProblemAlert({ problem }: { problem: SignInProblem }) {
  return (
    <Alert tone="danger">
      <p>{problem.message}</p>
      {problem.detail && <p className={styles.note}>{problem.detail}</p>}
    </Alert>
  );
}
