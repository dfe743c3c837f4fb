import { useState } from "react";
import { unreachable } from "../../api/errors.ts";
import type { SignInRequest } from "../../session/oidc.ts";
import type { SignInProblem } from "../../session/oidc-problem.ts";
import type { OidcSettings } from "../../session/settings.ts";
import { Button } from "../../ui/button.tsx";
import styles from "./sign-in.module.css";
import { SignInProblemAlert } from "./sign-in-problem-alert.tsx";

export interface ProviderSignInProps extends SignInRequest {
  provider: OidcSettings;
  children?: string;
}

/** Leads to the provider, which knows who people are, and sends them back. */
export function ProviderSignIn({
  provider,
  next,
  isFresh = false,
  children = "Sign in",
}: ProviderSignInProps) {
  const [isLeaving, setLeaving] = useState(false);
  const [problem, setProblem] = useState<SignInProblem>();

  async function leave() {
    setLeaving(true);
    const refused = await begin(provider, { next, isFresh });
    setProblem(refused);
    if (refused) setLeaving(false);
  }

  return (
    <div className={styles.provider}>
      {problem && <SignInProblemAlert problem={problem} />}
      <Button variant="primary" isPending={isLeaving} onPress={leave}>
        {children}
      </Button>
      <p className={styles.note}>At {new URL(provider.issuer).host}, which sends you back here.</p>
    </div>
  );
}

/** Begins to leave for the provider. Answers why that was not possible. */
async function begin(provider: OidcSettings, request: SignInRequest): Promise<SignInProblem | undefined> {
  const modules = await Promise.all([
    import("../../session/oidc.ts"),
    import("../../session/oidc-problem.ts"),
  ]).catch(() => null);
  if (!modules) return { message: `${unreachable.title}. ${unreachable.message}`, detail: null };
  const [{ beginSignIn }, { problemOf }] = modules;
  try {
    location.assign(await beginSignIn(provider, request));
    return undefined;
  } catch (error) {
    return problemOf(error);
  }
}
