import { Navigate, useSearchParams } from "react-router";
import { useApp } from "../../shell/app.tsx";
import { nextPath } from "../../shell/paths.ts";
import { Alert } from "../../ui/alert.tsx";
import { SignInCard } from "./card.tsx";
import { SignInWays } from "./sign-in-ways.tsx";

/** Where one signs in. Whoever is, goes on to where they wanted to. */
export function Component() {
  const { settings, session } = useApp();
  const [parameters] = useSearchParams();
  const next = nextPath(parameters.get("next"));
  if (session.token !== null) return <Navigate replace to={next} />;

  return (
    <SignInCard title={`Sign in to ${settings.productName}`}>
      {session.hasExpired && <Alert>Your session has ended. Sign in to go on where you were.</Alert>}
      <SignInWays next={next} />
    </SignInCard>
  );
}
