import { useState } from "react";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { Form } from "../../ui/form.tsx";
import { Switch } from "../../ui/switch.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { toastSuccess } from "../../ui/toast.tsx";
import { UpdateTeam } from "./mutations.ts";

export interface EditTeamDialogProps {
  team: { id: string; name: string; slug: string; isIdpProvisioned: boolean };
  isOpen: boolean;
  onClose: () => void;
}

/** Changes name and slug of a team; superusers also say who manages its members. */
export function EditTeamDialog({ team, isOpen, onClose }: EditTeamDialogProps) {
  return (
    <Dialog title={`Edit ${team.name}`} isOpen={isOpen} onClose={onClose}>
      <EditTeamForm team={team} onClose={onClose} />
    </Dialog>
  );
}

function EditTeamForm({ team, onClose }: Omit<EditTeamDialogProps, "isOpen">) {
  const { isSuperuser } = useOrganization();
  const [name, setName] = useState(team.name);
  const [slug, setSlug] = useState(team.slug);
  const [isIdpProvisioned, setIdpProvisioned] = useState(team.isIdpProvisioned);
  const [errors, setErrors] = useState<FormErrors>();
  const { run, isRunning } = useMutation(UpdateTeam);

  async function save() {
    const outcome = await run({
      input: {
        teamId: team.id,
        ...(name !== team.name && { name }),
        ...(slug !== team.slug && { slug }),
        ...(isIdpProvisioned !== team.isIdpProvisioned && { isIdpProvisioned }),
      },
    });
    setErrors(errorsOf(outcome, ["name", "slug"]));
    if (outcome.kind !== "ok" || !outcome.payload.team) return;
    toastSuccess(`${outcome.payload.team.name} is saved.`);
    onClose();
  }

  return (
    <Form errors={errors} onSubmit={save}>
      <TextField
        label="Name"
        name="name"
        value={name}
        onChange={setName}
        isRequired
        maxLength={64}
        autoFocus
        autoComplete="off"
      />
      <TextField
        label="Name in addresses"
        description="Links with the old one stop working."
        name="slug"
        value={slug}
        onChange={setSlug}
        isRequired
        isMonospaced
        autoComplete="off"
      />
      {isSuperuser && (
        <Switch
          label="Managed by the identity provider"
          description="Nobody is put in or taken out here then. Only superusers see this."
          isSelected={isIdpProvisioned}
          onChange={setIdpProvisioned}
        />
      )}
      <DialogActions>
        <Button onPress={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" isPending={isRunning}>
          Save
        </Button>
      </DialogActions>
    </Form>
  );
}
