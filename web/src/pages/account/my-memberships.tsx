import { useState } from "react";
import { Link } from "react-aria-components";
import { type CombinedError, useQuery } from "urql";
import { failureOf } from "../../api/errors.ts";
import type { MyOrganizationsQuery } from "../../gql/graphql.ts";
import { graphql } from "../../gql/index.ts";
import { paths } from "../../shell/paths.ts";
import { Avatar } from "../../ui/avatar.tsx";
import { Button } from "../../ui/button.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { LoadMore } from "../../ui/load-more.tsx";
import { PageSection } from "../../ui/page-section.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { LeaveDialog } from "../members/leave-dialog.tsx";
import styles from "./account.module.css";

const MyOrganizations = graphql(`
  query MyOrganizations($first: Int!) {
    organizations(first: $first) {
      nodes {
        id
        name
        slug
        avatar {
          ...AvatarImage
        }
        viewerMembership {
          id
          isOnlyOwner
          role {
            id
            name
          }
        }
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);

const partSize = 25;
/** As many as the API gives at once. */
const most = 100;

type MyOrganization = MyOrganizationsQuery["organizations"]["nodes"][number];

/** Where you are a member, and in which role. */
export function MyMemberships() {
  const [first, setFirst] = useState(partSize);
  const [{ data, error, fetching }, read] = useQuery({ query: MyOrganizations, variables: { first } });
  const [leaving, setLeaving] = useState<MyOrganization | null>(null);

  // An organization that asks for more first is listed, too; what it asks for is the error of the membership there. A
  // superuser sees organizations without a membership or an error: those are not theirs.
  const rows = (data?.organizations.nodes ?? [])
    .map((organization, index) => ({ organization, requirement: requirementOf(error, index) }))
    .filter(({ organization, requirement }) => organization.viewerMembership || requirement);

  return (
    <PageSection title="Memberships" lead="Where you are a member, and as what.">
      {!data && error && <ErrorState failure={failureOf(error)} onRetry={read} />}
      {!data && !error && <SkeletonRows count={3} />}
      {data && rows.length === 0 && (
        <p className={styles.muted}>
          You are in no organization yet. To join one, open the link in the mail that invites you.
        </p>
      )}
      {rows.length > 0 && (
        <ul className={styles.list}>
          {rows.map(({ organization, requirement }) => (
            <li key={organization.id} className={styles.row}>
              <Avatar avatar={organization.avatar} isSquare />
              <div className={styles.texts}>
                <Link href={paths.organization(organization.slug)} className={styles.name ?? ""}>
                  {organization.name}
                </Link>
                <p className={styles.muted}>{requirement ?? organization.viewerMembership?.role.name}</p>
              </div>
              {organization.viewerMembership?.isOnlyOwner ? (
                <span className={styles.muted}>The only owner stays</span>
              ) : (
                <Button
                  size="small"
                  aria-label={`Leave ${organization.name}`}
                  onPress={() => setLeaving(organization)}
                >
                  Leave…
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      <LoadMore
        hasMore={data?.organizations.pageInfo.hasNextPage === true && first < most}
        isLoading={fetching}
        onLoadMore={() => setFirst(most)}
      />
      {leaving && (
        <LeaveDialog
          organization={leaving}
          isOpen
          onClose={() => setLeaving(null)}
          onLeft={() => setLeaving(null)}
        />
      )}
    </PageSection>
  );
}

/** What an organization asks for before it lets one in, where it does. */
function requirementOf(error: CombinedError | undefined, index: number): string | null {
  const place = ["organizations", "nodes", index, "viewerMembership"].join();
  return error?.graphQLErrors.find(({ path }) => path?.join() === place)?.message ?? null;
}
