import { useEffect, useLayoutEffect, useRef } from "react";
import { NavigationType, useLocation, useNavigationType } from "react-router";

/** How far each place of the history was scrolled, by its key. */
const places = new Map<string, number>();

/** Begins each page at its top, and comes back to where one was on the way back. */
export function useScrollPlace(): void {
  const { key, pathname } = useLocation();
  const type = useNavigationType();
  const shown = useRef({ key, pathname });

  useEffect(() => {
    // The browser would scroll before the page is there.
    history.scrollRestoration = "manual";
    const remember = () => void places.set(shown.current.key, window.scrollY);
    window.addEventListener("scroll", remember, { passive: true });
    return () => window.removeEventListener("scroll", remember);
  }, []);

  useLayoutEffect(() => {
    const isElsewhere = shown.current.pathname !== pathname;
    shown.current = { key, pathname };
    if (isElsewhere) window.scrollTo(0, type === NavigationType.Pop ? (places.get(key) ?? 0) : 0);
  }, [key, pathname, type]);
}
