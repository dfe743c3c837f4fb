import { Link, useSearchParams } from "react-router";
import type { MemberRowFragment } from "../../gql/graphql.ts";
import { graphql } from "../../gql/index.ts";
import { Badge } from "../../ui/badge.tsx";
import { Person } from "../../ui/person.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";
import type { ListColumn } from "../../ui/virtual-list.tsx";
import { flagTexts } from "./member-flags.ts";
import styles from "./members.module.css";

/** What a row of the list shows. Events of the subscription bring it along, so that rows change where they are. */
export const MemberRow = graphql(`
  fragment MemberRow on Member {
    id
    name
    email
    isPending
    isViewer
    createdAt
    role {
      id
      name
    }
    flags {
      idpProvisioned
      idpRoleRestricted
      memberLimitRestricted
      partnershipRestricted
      ssoInvalid
      ssoLinked
    }
    teamMemberships {
      id
      team {
        id
        name
        slug
      }
    }
    user {
      id
      avatar {
        ...AvatarImage
      }
    }
  }
`);

/** The columns of the list. */
export const memberColumns: readonly ListColumn<MemberRowFragment>[] = [
  { name: "Member", width: "2.2fr", cell: (member) => <Identity member={member} /> },
  { name: "Role", width: "0.8fr", cell: (member) => member.role.name },
  { name: "Teams", width: "1.4fr", cell: (member) => <Teams member={member} /> },
  { name: "State", width: "1.2fr", cell: (member) => <State member={member} /> },
  {
    name: "Since",
    width: "0.9fr",
    cell: ({ createdAt }) => (
      <span className={styles.muted}>
        <RelativeTime at={createdAt} />
      </span>
    ),
  },
];

interface CellProps {
  member: MemberRowFragment;
}

function Identity({ member }: CellProps) {
  return (
    <Person
      avatar={member.user?.avatar}
      name={<Name member={member} />}
      note={member.email !== member.name && member.email}
    />
  );
}

/** A link, so that details can be opened in a tab of their own. The row itself takes the keyboard. */
function Name({ member }: CellProps) {
  const [parameters] = useSearchParams();
  const open = new URLSearchParams(parameters);
  open.set("member", member.id);
  return (
    <>
      <Link to={{ search: open.toString() }} tabIndex={-1} className={styles.name}>
        {member.name}
      </Link>
      {member.isViewer && <span className={styles.muted}> (you)</span>}
    </>
  );
}

function Teams({ member }: CellProps) {
  const names = member.teamMemberships.map(({ team }) => team.name).join(", ");
  return (
    names && (
      <span className={styles.teams} title={names}>
        {names}
      </span>
    )
  );
}

function State({ member }: CellProps) {
  const flags = flagTexts.filter(({ flag }) => member.flags[flag]);
  if (!member.isPending && flags.length === 0) return null;
  return (
    <span className={styles.badges}>
      {member.isPending && <Badge tone="info">Pending</Badge>}
      {flags.map(({ flag, name, tone }) => (
        <Badge key={flag} tone={tone}>
          {name}
        </Badge>
      ))}
    </span>
  );
}
