import { useQuery } from "urql";
import { failureOf } from "../../api/errors.ts";
import type { OrganizationSettingsFragment } from "../../gql/graphql.ts";
import { OptionValuesFragmentDoc } from "../../gql/graphql.ts";
import { type FragmentType, getFragmentData, graphql } from "../../gql/index.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { Alert } from "../../ui/alert.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import type { Option } from "../../ui/option-list.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { PageSection } from "../../ui/page-section.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { AvatarSection } from "./avatar-section.tsx";
import { CustomOptionsSection } from "./custom-options-section.tsx";
import { DangerZone } from "./danger-zone.tsx";
import { DeletionBanner } from "./deletion-banner.tsx";
import { GroupSection } from "./group-section.tsx";
import { useLocks } from "./locks.ts";
import { optionGroups } from "./option-groups.ts";
import { ProfileForm } from "./profile-form.tsx";
import styles from "./settings.module.css";

const OrganizationSettings = graphql(`
  fragment OrganizationSettings on Organization {
    id
    name
    slug
    status
    deletesAt
    viewerCanDelete
    viewerCanSaveOptions
    defaultRole {
      id
      name
    }
    avatar {
      type
      ...AvatarImage
    }
    options {
      ...OptionValues
      customOptions {
        ...CustomOptionDetails
      }
    }
  }
`);

const Settings = graphql(`
  query Settings($slug: String!) {
    roles {
      id
      name
      description
    }
    organization(slug: $slug) {
      id
      ...OrganizationSettings
    }
  }
`);

/** Everything that can be set of an organization. */
export function Component() {
  const { slug } = useOrganization();
  const [{ data, error }, read] = useQuery({ query: Settings, variables: { slug } });
  const organization = getFragmentData(OrganizationSettings, data?.organization);

  return (
    <>
      <PageHeader title="Settings" />
      {organization && data ? (
        <Sections organization={organization} roles={data.roles} />
      ) : error ? (
        <ErrorState failure={failureOf(error)} onRetry={read} />
      ) : (
        <SkeletonRows />
      )}
    </>
  );
}

interface SectionsProps {
  organization: OrganizationSettingsFragment;
  roles: readonly Option[];
}

function Sections({ organization, roles }: SectionsProps) {
  const { options, viewerCanSaveOptions, viewerCanDelete, status } = organization;
  const isReadOnly = !viewerCanSaveOptions;
  return (
    <div className={styles.sections}>
      {status === "PENDING_DELETION" && <DeletionBanner organization={organization} />}
      {isReadOnly && <Alert>You can look at the settings, and not change them.</Alert>}
      <PageSection title="General" lead="What it is called, here and in addresses.">
        <ProfileForm organization={organization} roles={roles} />
      </PageSection>
      <AvatarSection organization={organization} />
      {options ? (
        <>
          <Groups options={options} roles={roles} isReadOnly={isReadOnly} />
          <CustomOptionsSection options={options.customOptions} roles={roles} isReadOnly={isReadOnly} />
        </>
      ) : (
        <EmptyState title="You may not see the options" />
      )}
      {viewerCanDelete && status === "ACTIVE" && <DangerZone organization={organization} />}
    </div>
  );
}

interface GroupsProps {
  options: FragmentType<typeof OptionValuesFragmentDoc>;
  roles: readonly Option[];
  isReadOnly: boolean;
}

function Groups({ options, roles, isReadOnly }: GroupsProps) {
  const values = getFragmentData(OptionValuesFragmentDoc, options);
  const locks = useLocks(values, !isReadOnly);
  return optionGroups.map((group) => (
    <GroupSection
      key={group.id}
      group={group}
      values={values}
      roles={roles}
      locks={locks}
      isReadOnly={isReadOnly}
    />
  ));
}
