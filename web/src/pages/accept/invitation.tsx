import { useState } from "react";
import type { AccessRequirement, InviteToAcceptQuery } from "../../gql/graphql.ts";
import { signOut } from "../../session/session.ts";
import { Avatar } from "../../ui/avatar.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";
import styles from "./accept.module.css";
import { JoinStep } from "./join-step.tsx";
import { AlreadyInside, ExpiredInvite } from "./no-way-in.tsx";
import { SignedInAs, SignInStep } from "./sign-in-step.tsx";
import { SsoStep } from "./sso-step.tsx";
import { StepItem } from "./step-item.tsx";
import { type StepId, stepsOf } from "./steps.ts";
import { TwoFactorStep } from "./two-factor-step.tsx";
import { VerifyEmailStep } from "./verify-email-step.tsx";

/** What is known about an invite that exists. */
export type Preview = NonNullable<InviteToAcceptQuery["invitePreview"]>;
/** Whoever has opened it; null: nobody who is signed in. */
export type Visitor = NonNullable<InviteToAcceptQuery["viewer"]>["user"];

export interface InvitationProps {
  token: string;
  preview: Preview;
  user: Visitor;
  isReading: boolean;
  /** Something was done: the preview is to be read again. */
  onChange: () => void;
}

/** Who invites whom to what, and the way in, step by step. */
export function Invitation({ token, preview, user, isReading, onChange }: InvitationProps) {
  const { organizationName: organization, organizationSlug: slug, inviterName, requirements: left } = preview;
  const [seen, setSeen] = useState<readonly AccessRequirement[]>([]);
  const [isInside, setInside] = useState(false);
  const [isSwitching, setSwitching] = useState(false);
  if (left.some((requirement) => !seen.includes(requirement))) setSeen([...new Set([...seen, ...left])]);

  function switchAccount() {
    setSwitching(true);
    setInside(false);
    signOut();
  }

  if (user && (preview.isExistingMember || isInside)) {
    return (
      <AlreadyInside organization={organization} slug={slug} name={user.name} onSwitch={switchAccount} />
    );
  }
  if (preview.isExpired) return <ExpiredInvite organization={organization} inviter={inviterName} />;

  const titles: Readonly<Record<StepId, string>> = {
    SIGN_IN: "Sign in",
    ENROLL_TWO_FACTOR: "Set up a second factor",
    VERIFY_EMAIL: "Verify your address",
    LINK_SSO: `Sign in through ${preview.ssoProvider ?? "your organization"}`,
    JOIN: `Join ${organization}`,
  };

  function contentOf(id: StepId) {
    switch (id) {
      case "SIGN_IN":
        return <SignInStep isSwitching={isSwitching} />;
      case "ENROLL_TWO_FACTOR":
        return <TwoFactorStep organization={organization} user={user} />;
      case "VERIFY_EMAIL":
        return <VerifyEmailStep organization={organization} user={user} />;
      case "LINK_SSO":
        return <SsoStep preview={preview} user={user} onLinked={onChange} />;
      case "JOIN":
        return (
          <JoinStep
            token={token}
            organization={organization}
            isReading={isReading}
            onInside={() => setInside(true)}
            onRefused={onChange}
          />
        );
    }
  }

  return (
    <>
      <header className={styles.head}>
        <Avatar avatar={preview.organizationAvatar} size="large" isSquare />
        <div>
          <h1>Join {organization}</h1>
          <p className={styles.muted}>
            {inviterName
              ? `${inviterName} invites you to ${organization}`
              : `You are invited to ${organization}`}{" "}
            as {preview.role.name.toLocaleLowerCase()}.
          </p>
        </div>
      </header>
      <ol className={styles.steps}>
        {stepsOf(left, seen).map(({ id, state }, index) => (
          <StepItem key={id} number={index + 1} state={state} title={titles[id]}>
            {state === "current" && contentOf(id)}
            {id === "SIGN_IN" && state === "done" && user && (
              <SignedInAs user={user} onSwitch={switchAccount} />
            )}
          </StepItem>
        ))}
      </ol>
      <p className={styles.foot}>
        {preview.role.name}: {preview.role.description}
        {preview.expiresAt && (
          <>
            {" "}
            The invite is good until <RelativeTime at={preview.expiresAt} />.
          </>
        )}
      </p>
    </>
  );
}
