import { type SignInWay, signInWays } from "../../session/ways.ts";
import { useApp } from "../../shell/app.tsx";
import { DemoPeople } from "./demo-people.tsx";
import { PasteToken } from "./paste-token.tsx";
import { ProviderSignIn } from "./provider-sign-in.tsx";
import styles from "./sign-in.module.css";

export interface SignInWaysProps {
  /** The page to come back to, for ways that leave this one. */
  next: string;
  /** Whether a provider asks who the person is, although it knows. */
  isFresh?: boolean;
}

/** All ways to sign in here, the usual one first. */
export function SignInWays({ next, isFresh = false }: SignInWaysProps) {
  const { settings } = useApp();
  return signInWays(settings).map((way) => (
    <div key={way.kind} className={styles.way}>
      <Way way={way} next={next} isFresh={isFresh} />
    </div>
  ));
}

function Way({ way, ...request }: { way: SignInWay } & SignInWaysProps) {
  switch (way.kind) {
    case "demo":
      return <DemoPeople people={way.people} mint={way.mint} />;
    case "paste":
      return <PasteToken />;
    case "oidc":
      return <ProviderSignIn provider={way.provider} {...request} />;
  }
}
