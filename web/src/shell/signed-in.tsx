import { Navigate, Outlet, useLocation } from "react-router";
import { useApp } from "./app.tsx";
import { paths } from "./paths.ts";
import { SessionEnd } from "./session-end.tsx";

/** Pages for people who are signed in. Others sign in first, and come back here. */
export function SignedIn() {
  const { session } = useApp();
  const { pathname, search } = useLocation();
  if (session.token === null) return <Navigate replace to={paths.signIn(pathname + search)} />;
  return (
    <>
      <Outlet />
      {session.lease && <SessionEnd lease={session.lease} />}
    </>
  );
}
