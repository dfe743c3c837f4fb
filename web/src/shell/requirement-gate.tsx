import { useQuery } from "urql";
import { graphql } from "../gql/index.ts";
import { SignInAnew } from "../pages/sign-in/sign-in-anew.tsx";
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

/** What an organization may ask for before it lets somebody in, and its pages can help with. */
const leads = {
  SSO_REQUIRED:
    "This organization lets in only whoever signs in through its identity provider and has linked that identity.",
  TWO_FACTOR_REQUIRED: "This organization lets in only whoever signs in with a second factor.",
} as const;

export type Requirement = keyof typeof leads;

/** Whether an error is about something that can be done here. */
export function isRequirement(code: string): code is Requirement {
  return Object.hasOwn(leads, code);
}

/** What is shown of an organization that asks for more than the caller has proved. */
export function RequirementGate({ slug, requirement }: { slug: string; requirement: Requirement }) {
  const { startOver } = useApp();
  const [{ data, fetching }] = useQuery({ query: ClosedOrganizations, variables: { query: slug } });
  const organization = data?.organizations.nodes.find((node) => node.slug === slug);
  if (fetching && !data) return <SkeletonRows count={3} />;

  return (
    <div className={styles.gate}>
      <PageHeader title={organization?.name ?? slug} lead={leads[requirement]} />
      {requirement === "TWO_FACTOR_REQUIRED" ? (
        <>
          <p>
            Set one up, such as an authenticator app or a security key, in the security settings of your
            account at the identity provider. Then sign in again with it.
          </p>
          <SignInAnew
            user={null}
            isFresh
            proof={{ mfa: true }}
            developmentLabel="Sign in with a second factor"
          >
            I have set it up: sign in again
          </SignInAnew>
        </>
      ) : (
        organization && (
          <LinkSso organizationId={organization.id} providerName={null} reason={null} onLinked={startOver} />
        )
      )}
    </div>
  );
}
