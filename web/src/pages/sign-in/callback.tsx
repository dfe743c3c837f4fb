import { useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { completeSignIn, nextOfBegun } from "../../session/oidc.ts";
import { problemOf, type SignInProblem } from "../../session/oidc-problem.ts";
import { signIn } from "../../session/session.ts";
import { useApp } from "../../shell/app.tsx";
import { nextPath, paths } from "../../shell/paths.ts";
import { LinkButton } from "../../ui/link-button.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { SignInCard } from "./card.tsx";
import { ProviderSignIn } from "./provider-sign-in.tsx";
import { SignInProblemAlert } from "./sign-in-problem-alert.tsx";

/** Where the provider sends people back to. Its answer is exchanged for a token, and they go on to where they were. */
export function Component() {
  const { settings } = useApp();
  const { oidc } = settings.signIn;
  const navigate = useNavigate();
  const [next] = useState(() => nextPath(nextOfBegun()));
  const [problem, setProblem] = useState<SignInProblem>();
  const isBegun = useRef(false);

  useEffect(() => {
    // The code in the address works once, and React runs effects twice in development.
    if (isBegun.current) return;
    isBegun.current = true;
    if (!oidc) return void navigate(paths.signIn(), { replace: true });
    completeSignIn(oidc, new URL(location.href)).then(
      ({ token, lease }) => {
        signIn(token, lease);
        navigate(next, { replace: true });
      },
      (error: unknown) => setProblem(problemOf(error)),
    );
  }, [oidc, next, navigate]);

  if (!problem || !oidc) {
    return (
      <SignInCard title="Signing you in…">
        <Skeleton height={36} />
      </SignInCard>
    );
  }
  return (
    <SignInCard title="You are not signed in">
      <SignInProblemAlert problem={problem} />
      <ProviderSignIn provider={oidc} next={next}>
        Try again
      </ProviderSignIn>
      <LinkButton variant="quiet" href={next}>
        Back
      </LinkButton>
    </SignInCard>
  );
}
