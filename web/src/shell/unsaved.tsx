import { useEffect, useId, useLayoutEffect } from "react";
import { type Location, useBlocker } from "react-router";
import { currentSession } from "../session/session.ts";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";

/** The forms of the page with changes that are not saved. */
const changed = new Set<string>();

/** Has people asked before they leave the page, as long as something is changed and not saved. */
export function useUnsaved(isChanged: boolean): void {
  const id = useId();
  // Whoever saves and goes on at once is not asked any more.
  useLayoutEffect(() => {
    if (!isChanged) return;
    changed.add(id);
    return () => void changed.delete(id);
  }, [id, isChanged]);
}

/** Asks before changes that are not saved are lost. There is one on the page, which the router allows. */
export function UnsavedGuard() {
  const blocker = useBlocker(isLoss);

  useEffect(() => {
    function ask(event: BeforeUnloadEvent) {
      if (changed.size > 0) event.preventDefault();
    }
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, []);

  return (
    <ConfirmDialog
      title="Leave without saving?"
      action="Leave"
      isOpen={blocker.state === "blocked"}
      onConfirm={() => blocker.proceed?.()}
      onClose={() => blocker.reset?.()}
    >
      What you have changed on this page is not saved yet.
    </ConfirmDialog>
  );
}

function isLoss({ currentLocation, nextLocation }: Record<"currentLocation" | "nextLocation", Location>) {
  // Where a session has ended the page is left in any case, and what was typed is kept.
  return (
    changed.size > 0 && currentSession().token !== null && currentLocation.pathname !== nextLocation.pathname
  );
}
