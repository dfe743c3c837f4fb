import { useEffect, useState } from "react";
import { useLocation } from "react-router";
import { ProviderSignIn } from "../pages/sign-in/provider-sign-in.tsx";
import { isRenewable } from "../session/renewal.ts";
import { expire, type Lease } from "../session/session.ts";
import { Dialog } from "../ui/dialog.tsx";
import { useApp } from "./app.tsx";

/** How long before the end people are told: time enough to save what they are at. */
const notice = 5 * 60_000;
const second = 1000;

/** Tells people that their session is about to end where it cannot be renewed without them, and ends it in time. */
export function SessionEnd({ lease }: { lease: Lease }) {
  const { oidc } = useApp().settings.signIn;
  const { pathname, search } = useLocation();
  const [now, setNow] = useState(() => Date.now());
  const [isPutOff, setPutOff] = useState(false);

  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), second);
    return () => clearInterval(timer);
  }, []);

  const isOver = now >= lease.until && !isRenewable(lease);
  useEffect(() => {
    if (isOver) expire();
  }, [isOver]);

  // Of a short session, the last quarter.
  const isNear = now >= lease.until - Math.min(notice, (lease.until - lease.from) / 4);
  if (!oidc || !isNear || isOver || isPutOff || isRenewable(lease)) return null;
  return (
    <Dialog title="Your session is about to end" isOpen onClose={() => setPutOff(true)}>
      <p>
        You will be signed out at{" "}
        {new Date(lease.until).toLocaleTimeString(undefined, { timeStyle: "short" })}. Save what you are at,
        then sign in again to go on here.
      </p>
      <ProviderSignIn provider={oidc} next={pathname + search}>
        Sign in again
      </ProviderSignIn>
    </Dialog>
  );
}
