import type { MemberDetailsFragment } from "../../gql/graphql.ts";
import { Badge } from "../../ui/badge.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Facts } from "../../ui/facts.tsx";
import { Person } from "../../ui/person.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";
import styles from "./member-drawer.module.css";

/** Who it is. What the caller may not see is left out. */
export function MemberFacts({ member }: { member: MemberDetailsFragment }) {
  const { user, invite, hasTwoFactor } = member;
  const verified = user?.isEmailVerified ?? null;

  return (
    <>
      <div className={styles.who}>
        <Person
          size="large"
          avatar={user?.avatar}
          name={
            <>
              {member.name}
              {member.isViewer && " (you)"}
            </>
          }
          note={member.email}
        />
        {member.email && <CopyButton text={member.email}>Copy address</CopyButton>}
      </div>
      <Facts
        facts={[
          ["State", member.isPending ? <Badge tone="info">Pending</Badge> : "Joined"],
          ["Since", <RelativeTime key="since" at={member.createdAt} />],
          ["Invited by", invite?.inviter?.name],
          ["Invite good until", invite?.expiresAt && <RelativeTime at={invite.expiresAt} />],
          ["Second factor", hasTwoFactor === null ? null : hasTwoFactor ? "In use" : "Not in use"],
          ["Address", verified === null ? null : verified ? "Verified" : "Not verified"],
        ]}
      />
    </>
  );
}
