import { useQuery } from "urql";
import { failureOf } from "../../api/errors.ts";
import { graphql } from "../../gql/index.ts";
import { Avatar } from "../../ui/avatar.tsx";
import { Badge } from "../../ui/badge.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { PageSection } from "../../ui/page-section.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import styles from "./account.module.css";

const MyInvitesQuery = graphql(`
  query MyInvites {
    viewer {
      invites(first: 100) {
        nodes {
          id
          status
          expiresAt
          role {
            id
            name
          }
          inviter {
            id
            name
          }
          organization {
            id
            name
            avatar {
              ...AvatarImage
            }
          }
        }
      }
    }
  }
`);

/** The invites that wait for your answer. */
export function MyInvites() {
  const [{ data, error }, read] = useQuery({ query: MyInvitesQuery });
  const invites = data?.viewer?.invites.nodes ?? [];

  return (
    <PageSection title="Invites" lead="To your verified address. The link that accepts one is in its mail.">
      {!data && error && <ErrorState failure={failureOf(error)} onRetry={read} />}
      {!data && !error && <SkeletonRows count={1} />}
      {data && invites.length === 0 && <p className={styles.muted}>No invite waits for you.</p>}
      {invites.length > 0 && (
        <ul className={styles.list}>
          {invites.map(({ id, status, expiresAt, role, inviter, organization }) => (
            <li key={id} className={styles.row}>
              <Avatar avatar={organization.avatar} isSquare />
              <div className={styles.texts}>
                <p className={styles.name}>{organization.name}</p>
                <p className={styles.muted}>
                  {role.name}
                  {inviter && `, invited by ${inviter.name}`}
                </p>
              </div>
              {status === "EXPIRED" ? (
                <Badge tone="warning">Expired</Badge>
              ) : (
                expiresAt && (
                  <span className={styles.muted}>
                    Expires <RelativeTime at={expiresAt} />
                  </span>
                )
              )}
            </li>
          ))}
        </ul>
      )}
    </PageSection>
  );
}
