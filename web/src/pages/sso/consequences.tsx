import { Alert } from "../../ui/alert.tsx";
import styles from "./sso.module.css";

/** What something brings about, before it is done. Nothing where there is nothing to know. */
export function Consequences({ title, sentences }: { title: string; sentences: readonly string[] }) {
  if (sentences.length === 0) return null;
  return (
    <Alert tone="warning">
      <strong>{title}</strong>
      <ul className={styles.sentences}>
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </Alert>
  );
}
