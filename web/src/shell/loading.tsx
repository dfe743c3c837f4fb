import { SkeletonRows } from "../ui/skeleton.tsx";
import styles from "./frame.module.css";

/** What is shown while the first page is loaded. */
export function Loading() {
  return (
    <div className={styles.page}>
      <SkeletonRows />
    </div>
  );
}
