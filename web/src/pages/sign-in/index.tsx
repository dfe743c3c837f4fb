import { Navigate, useSearchParams } from "react-router";
import { type SignInWay, signInWays } from "../../session/ways.ts";
import { useApp } from "../../shell/app.tsx";
import { nextPath } from "../../shell/paths.ts";
import { Alert } from "../../ui/alert.tsx";
import { Logo } from "../../ui/logo.tsx";
import { DemoPeople } from "./demo-people.tsx";
import { PasteToken } from "./paste-token.tsx";
import styles from "./sign-in.module.css";

/** Where one signs in. Whoever is, goes on to where they wanted to. */
export function Component() {
  const { settings, session } = useApp();
  const [parameters] = useSearchParams();
  if (session.token !== null) return <Navigate replace to={nextPath(parameters.get("next"))} />;

  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <div className={styles.brand}>
          <Logo />
          <h1>Sign in to {settings.productName}</h1>
        </div>
        {session.hasExpired && <Alert>Your session has ended. Sign in to go on where you were.</Alert>}
        {signInWays(settings).map((way) => (
          <div key={way.kind} className={styles.way}>
            <Way way={way} />
          </div>
        ))}
      </div>
    </main>
  );
}

function Way({ way }: { way: SignInWay }) {
  switch (way.kind) {
    case "demo":
      return <DemoPeople people={way.people} mint={way.mint} />;
    case "paste":
      return <PasteToken />;
    case "oidc":
      return null;
  }
}
