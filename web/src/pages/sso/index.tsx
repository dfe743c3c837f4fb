import { ShieldCheck } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import { useQuery } from "urql";
import { failureOf } from "../../api/errors.ts";
import type { SsoPageQuery } from "../../gql/graphql.ts";
import { graphql } from "../../gql/index.ts";
import { LinkSso } from "../../shell/link-sso.tsx";
import { useOrganization } from "../../shell/organization.tsx";
import { paths } from "../../shell/paths.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { Facts } from "../../ui/facts.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Section } from "../../ui/section.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { RemoveSsoDialog } from "./remove-sso-dialog.tsx";
import styles from "./sso.module.css";
import { SsoForm } from "./sso-form.tsx";

const SsoPage = graphql(`
  query SsoPage($slug: String!) {
    organization(slug: $slug) {
      id
      authProvider {
        id
        provider
        name
        isSsoOptional
        isScimEnabled
      }
      options {
        require2FA
      }
      viewerMembership {
        id
        flags {
          ssoLinked
          ssoInvalid
        }
      }
      linked: members(first: 1, filter: { isSsoLinked: true, isPending: false }) {
        totalCount
      }
      unlinked: members(first: 1, filter: { isSsoLinked: false, isPending: false }) {
        totalCount
      }
    }
  }
`);

type Data = NonNullable<SsoPageQuery["organization"]>;

/** The provider through which members sign in. */
export function Component() {
  const { slug, can } = useOrganization();
  const [{ data, error }, read] = useQuery({ query: SsoPage, variables: { slug } });
  const [asked, setAsked] = useState<"edit" | "remove" | null>(null);
  const organization = data?.organization;
  const close = () => setAsked(null);

  const header = (
    <PageHeader
      title="Single sign-on"
      lead="The identity provider through which members sign in. It says who somebody is; what they may do is said here."
    />
  );
  if (!organization) {
    return (
      <>
        {header}
        {error ? <ErrorState failure={failureOf(error)} onRetry={read} /> : <SkeletonRows count={3} />}
      </>
    );
  }
  const { authProvider } = organization;

  return (
    <>
      {header}
      {authProvider ? (
        <div className={styles.parts}>
          <Provider
            provider={authProvider}
            actions={
              can("org:admin") && (
                <span className={styles.actions}>
                  <Button size="small" onPress={() => setAsked("edit")}>
                    Change
                  </Button>
                  <Button size="small" onPress={() => setAsked("remove")}>
                    Remove
                  </Button>
                </span>
              )
            }
          />
          <Own organization={organization} provider={authProvider} />
          <Linked organization={organization} />
          <RemoveSsoDialog present={authProvider} isOpen={asked === "remove"} onClose={close} />
        </div>
      ) : (
        <EmptyState
          icon={<ShieldCheck size={28} />}
          title="Single sign-on is not set up"
          actions={
            can("org:admin") && (
              <Button variant="primary" onPress={() => setAsked("edit")}>
                Set up
              </Button>
            )
          }
        >
          Members sign in as they like. With a provider, each links an identity of it, and whoever leaves
          there is kept out here.
        </EmptyState>
      )}
      <Dialog
        title={authProvider ? "Change single sign-on" : "Set up single sign-on"}
        isOpen={asked === "edit"}
        onClose={close}
      >
        <SsoForm
          present={authProvider}
          isTwoFactorRequired={organization.options?.require2FA ?? false}
          onDone={close}
          onCancel={close}
        />
      </Dialog>
    </>
  );
}

type AuthProvider = NonNullable<Data["authProvider"]>;

function Provider({ provider, actions }: { provider: AuthProvider; actions: ReactNode }) {
  return (
    <Section level={2} title={provider.name} actions={actions}>
      <Facts
        facts={[
          ["Key", <code key="key">{provider.provider}</code>],
          [
            "Who uses it",
            provider.isSsoOptional
              ? "Whoever wants to; members may also sign in without it"
              : "Every member; nobody gets in without a linked identity",
          ],
          ["SCIM", provider.isScimEnabled ? "On: the provider adds and removes members and teams" : "Off"],
        ]}
      />
    </Section>
  );
}

function Own({ organization, provider }: { organization: Data; provider: AuthProvider }) {
  const flags = organization.viewerMembership?.flags;
  if (!flags) return null;
  const isLinked = flags.ssoLinked && !flags.ssoInvalid;
  return (
    <Section level={2} title="Your identity">
      {isLinked ? (
        <p>
          <Badge tone="success">Linked</Badge> Your identity of {provider.name} is linked to your membership.
        </p>
      ) : (
        <LinkSso
          organizationId={organization.id}
          providerName={provider.name}
          reason={flags.ssoInvalid ? "lapsed" : "never"}
        />
      )}
    </Section>
  );
}

function Linked({ organization: { linked, unlinked } }: { organization: Data }) {
  const { slug } = useOrganization();
  const members = paths.organization(slug, "members");
  return (
    <Section level={2} title="Members">
      <dl className={styles.counts}>
        <div>
          <dt>Linked</dt>
          <dd>
            <Link to={`${members}?sso=yes&pending=no`}>{linked.totalCount.toLocaleString()}</Link>
          </dd>
        </div>
        <div>
          <dt>Not linked</dt>
          <dd>
            <Link to={`${members}?sso=no&pending=no`}>{unlinked.totalCount.toLocaleString()}</Link>
          </dd>
        </div>
      </dl>
    </Section>
  );
}
