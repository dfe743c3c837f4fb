import { useEffect } from "react";

const pause = 30_000;

/**
 * Reads again what changes without an event: when somebody comes back to the window, and every half minute while they look
 * at it. The function stays the same as long as there is the same to read.
 */
export function useRefreshing(refresh: () => void): void {
  useEffect(() => {
    function refreshIfSeen() {
      if (!document.hidden) refresh();
    }
    const timer = setInterval(refreshIfSeen, pause);
    window.addEventListener("focus", refreshIfSeen);
    return () => {
      clearInterval(timer);
      window.removeEventListener("focus", refreshIfSeen);
    };
  }, [refresh]);
}
