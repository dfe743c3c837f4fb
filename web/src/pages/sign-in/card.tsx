import type { ReactNode } from "react";
import { Logo } from "../../ui/logo.tsx";
import styles from "./sign-in.module.css";

/** What is around everything to do with signing in. */
export function SignInCard({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <div className={styles.brand}>
          <Logo />
          <h1>{title}</h1>
        </div>
        {children}
      </div>
    </main>
  );
}
