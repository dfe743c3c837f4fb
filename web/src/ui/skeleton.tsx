import { classNames } from "./class-names.ts";
import styles from "./skeleton.module.css";

/** The place of a text that is not there yet. */
export function Skeleton({ width = "100%", height }: { width?: number | string; height?: number }) {
  return (
    <span
      className={styles.skeleton}
      style={{ width, ...(height !== undefined && { height }) }}
      aria-hidden="true"
    />
  );
}

/** The place of a list that is not there yet: rows with a picture and two texts. */
export function SkeletonRows({ count = 8 }: { count?: number }) {
  return (
    <div className={styles.rows} role="status" aria-label="Loading">
      {Array.from({ length: count }, (_, row) => (
        <div key={row} className={styles.row}>
          <span
            className={classNames(styles.skeleton, styles.circle)}
            style={{ width: 32, height: 32 }}
            aria-hidden="true"
          />
          <Skeleton width={`${24 + ((row * 7) % 18)}%`} />
          <Skeleton width="12%" />
        </div>
      ))}
    </div>
  );
}
