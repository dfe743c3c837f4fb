import { useState } from "react";
import { useLocation } from "react-router";
import { claimsOf } from "../../session/claims.ts";
import { signIn, signOut } from "../../session/session.ts";
import { type MintRequest, mintToken } from "../../session/ways.ts";
import { useApp } from "../../shell/app.tsx";
import { Alert } from "../../ui/alert.tsx";
import { Button } from "../../ui/button.tsx";
import { ProviderSignIn } from "./provider-sign-in.tsx";
import styles from "./sign-in.module.css";

export interface SignInAnewProps {
  /** Who is signed in, where the page knows that already. */
  user: { email: string | null } | null;
  /** Whether the provider has to ask who the person is, although it knows. */
  isFresh?: boolean;
  /** What the next token has to say; in development it simply does. */
  proof: Partial<MintRequest>;
  developmentLabel: string;
  /** What comes after the path of this page once the person is back. */
  search?: string;
  /** Called before another token is used, if the page is not left for it. */
  onSignIn?: () => void;
  children: string;
}

/** Signs the same person in once more, since only a new token says what has changed at the identity provider. */
export function SignInAnew({
  user,
  isFresh = false,
  proof,
  developmentLabel,
  search = "",
  onSignIn,
  children,
}: SignInAnewProps) {
  const { settings, session } = useApp();
  const { pathname } = useLocation();
  const [problem, setProblem] = useState<string>();
  const { oidc, mint } = settings.signIn;
  const claims = session.token === null ? null : claimsOf(session.token);

  async function signInWithProof(address: string, subject: string) {
    const known = {
      ...(claims?.name !== undefined && { name: claims.name }),
      ...(claims?.amr && { mfa: claims.amr.includes("otp") }),
      ...(claims?.email_verified !== undefined && { emailVerified: claims.email_verified }),
      ...(claims?.idp !== undefined && { idp: claims.idp }),
    };
    const email = claims?.email ?? user?.email;
    try {
      const token = await mintToken(address, { subject, ...(email && { email }), ...known, ...proof });
      onSignIn?.();
      signIn(token);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  }

  if (oidc && (session.lease || !mint)) {
    return (
      <ProviderSignIn provider={oidc} next={pathname + search} isFresh={isFresh}>
        {children}
      </ProviderSignIn>
    );
  }
  return (
    <div className={styles.anew}>
      {problem && <Alert tone="danger">{problem}</Alert>}
      {mint && claims ? (
        <Button variant="primary" onPress={() => signInWithProof(mint, claims.sub)}>
          {developmentLabel}
        </Button>
      ) : (
        <Button variant="primary" onPress={signOut}>
          {children}
        </Button>
      )}
    </div>
  );
}
