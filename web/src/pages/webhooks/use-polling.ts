import { useEffect } from "react";

/** Calls again and again while there is a reason to, and somebody looks at the page. */
export function usePolling(poll: () => void, pause: number, isWanted: boolean): void {
  useEffect(() => {
    if (!isWanted) return;
    const timer = setInterval(() => {
      if (!document.hidden) poll();
    }, pause);
    return () => clearInterval(timer);
  }, [poll, pause, isWanted]);
}
