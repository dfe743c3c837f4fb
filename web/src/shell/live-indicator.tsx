import type { LiveState } from "../api/live.ts";
import { classNames } from "../ui/class-names.ts";
import styles from "./live-indicator.module.css";

const words: Record<LiveState, string> = {
  connecting: "Connecting",
  live: "Live",
  interrupted: "Reconnecting",
  off: "Not live",
};

/** Shows whether what is seen follows what happens. */
export function LiveIndicator({ state }: { state: LiveState }) {
  return (
    <span className={styles.live} role="status">
      <span
        className={classNames(
          styles.dot,
          state === "live" && styles.isLive,
          state === "interrupted" && styles.isInterrupted,
        )}
        aria-hidden="true"
      />
      {words[state]}
    </span>
  );
}
