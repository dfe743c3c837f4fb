import { PageSection } from "../../ui/page-section.tsx";
import styles from "./account.module.css";

/** What the console keeps in this browser. It has no cookies. */
export function StoredHere() {
  return (
    <PageSection title="In this browser" lead="What the console keeps here. It uses no cookies.">
      <ul className={styles.stored}>
        <li>
          <strong>Your token</strong>, in this tab only: gone when the tab is closed, or when you sign out.
        </li>
        <li>
          <strong>The theme</strong>, if you have chosen another than the device's.
        </li>
        <li>
          <strong>The organization that you had open last</strong>, by its name in addresses.
        </li>
      </ul>
    </PageSection>
  );
}
