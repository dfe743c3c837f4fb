import { Button } from "./button.tsx";
import styles from "./load-more.module.css";

export interface LoadMoreProps {
  hasMore: boolean;
  isLoading: boolean;
  onLoadMore: () => void;
}

/** The end of a list that goes on. Nothing where it does not. */
export function LoadMore({ hasMore, isLoading, onLoadMore }: LoadMoreProps) {
  if (!hasMore) return null;
  return (
    <div className={styles.more}>
      <Button onPress={onLoadMore} isPending={isLoading}>
        Show more
      </Button>
    </div>
  );
}
