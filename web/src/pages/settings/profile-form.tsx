import { useState } from "react";
import { flushSync } from "react-dom";
import { useNavigate } from "react-router";
import * as v from "valibot";
import type { FormErrors } from "../../api/errors.ts";
import type { OrganizationSettingsFragment } from "../../gql/graphql.ts";
import { useDraft } from "../../session/use-draft.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { paths } from "../../shell/paths.ts";
import { useUnsaved } from "../../shell/unsaved.tsx";
import { Button } from "../../ui/button.tsx";
import { DialogActions } from "../../ui/dialog.tsx";
import { Facts } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import type { Option } from "../../ui/option-list.tsx";
import { Select } from "../../ui/select.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { useSave } from "./save.ts";
import { SlugField } from "./slug-field.tsx";

const ProfileDraft = v.object({
  name: v.exactOptional(v.string()),
  slug: v.exactOptional(v.string()),
  defaultRole: v.exactOptional(v.string()),
});

export interface ProfileFormProps {
  organization: OrganizationSettingsFragment;
  roles: readonly Option[];
}

/** What the organization is called, and what comes with that. */
export function ProfileForm({ organization, roles }: ProfileFormProps) {
  const { can } = useOrganization();
  const [draft, setDraft] = useDraft(`profile.${organization.id}`, ProfileDraft, {});
  const [errors, setErrors] = useState<FormErrors>();
  const { save, isRunning } = useSave();
  const navigate = useNavigate();

  const { name, slug, defaultRole } = organization;
  const present = { name, slug, defaultRole: defaultRole.id };
  const shown = { ...present, ...draft };
  const changes = {
    ...(shown.name !== name && { name: shown.name }),
    ...(shown.slug !== slug && { slug: shown.slug }),
    ...(shown.defaultRole !== present.defaultRole && { defaultRole: shown.defaultRole }),
  };
  const isChanged = Object.keys(changes).length > 0;
  useUnsaved(isChanged);

  if (!organization.viewerCanSaveOptions) {
    return (
      <Facts
        facts={[
          ["Name", name],
          ["Name in addresses", slug],
          ["Role of newcomers", defaultRole.name],
        ]}
      />
    );
  }

  async function submit() {
    const refused = await save(changes, ["name", "slug", "defaultRole"]);
    setErrors(refused);
    if (refused) return;
    // What is saved holds nobody on the page.
    flushSync(() => setDraft({}));
    if (changes.slug) navigate(paths.organization(changes.slug, "settings"), { replace: true });
  }

  return (
    <Form errors={errors} onSubmit={submit}>
      <TextField
        label="Name"
        name="name"
        value={shown.name ?? ""}
        onChange={(changed) => setDraft({ ...draft, name: changed })}
        isRequired
        maxLength={64}
        autoComplete="off"
      />
      <SlugField
        present={slug}
        value={shown.slug ?? ""}
        onChange={(changed) => setDraft({ ...draft, slug: changed })}
      />
      <Select
        label="Role of newcomers"
        name="defaultRole"
        description={
          can("org:admin")
            ? "The role of whoever asks to join, once they are let in."
            : "The role of whoever asks to join, once they are let in. Changing it needs org:admin."
        }
        isDisabled={!can("org:admin")}
        options={roles}
        value={shown.defaultRole ?? null}
        onChange={(changed) => setDraft({ ...draft, defaultRole: changed })}
      />
      {isChanged && (
        <DialogActions>
          <Button
            onPress={() => {
              setDraft({});
              setErrors(undefined);
            }}
          >
            Undo
          </Button>
          <Button type="submit" variant="primary" isPending={isRunning}>
            Save
          </Button>
        </DialogActions>
      )}
    </Form>
  );
}
