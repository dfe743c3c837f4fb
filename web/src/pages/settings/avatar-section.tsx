import type { OrganizationSettingsFragment } from "../../gql/graphql.ts";
import { Avatar } from "../../ui/avatar.tsx";
import { AvatarEditor } from "../../ui/avatar-editor.tsx";
import { PageSection } from "../../ui/page-section.tsx";
import { useSave } from "./save.ts";

/** What stands for the organization where there is little room. */
export function AvatarSection({ organization }: { organization: OrganizationSettingsFragment }) {
  const { save, isRunning } = useSave();
  return (
    <PageSection title="Avatar" lead="What stands for the organization where there is little room.">
      {organization.viewerCanSaveOptions ? (
        <AvatarEditor
          avatar={organization.avatar}
          isSquare
          isSaving={isRunning}
          onSave={(choice) => save(choice, ["avatar", "avatarType"])}
        />
      ) : (
        <Avatar avatar={organization.avatar} size="large" isSquare />
      )}
    </PageSection>
  );
}
