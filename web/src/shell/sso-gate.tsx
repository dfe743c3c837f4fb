import { useQuery } from "urql";
import { graphql } from "../gql/index.ts";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { useApp } from "./app.tsx";
import styles from "./link-sso.module.css";
import { LinkSso } from "./link-sso.tsx";

const ClosedOrganizations = graphql(`
  query ClosedOrganizations($query: String!) {
    organizations(first: 100, filter: { query: $query }) {
      nodes {
        id
        name
        slug
      }
    }
  }
`);

/** What is shown of an organization that lets in only whoever has linked an identity of its provider. */
export function SsoGate({ slug }: { slug: string }) {
  const { startOver } = useApp();
  const [{ data, fetching }] = useQuery({ query: ClosedOrganizations, variables: { query: slug } });
  const organization = data?.organizations.nodes.find((node) => node.slug === slug);
  if (fetching && !data) return <SkeletonRows count={3} />;

  return (
    <div className={styles.gate}>
      <PageHeader
        title={organization?.name ?? slug}
        lead="This organization lets in only whoever signs in through its identity provider and has linked that identity."
      />
      {organization && (
        <LinkSso organizationId={organization.id} providerName={null} reason={null} onLinked={startOver} />
      )}
    </div>
  );
}
