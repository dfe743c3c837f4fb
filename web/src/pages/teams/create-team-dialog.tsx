import { useState } from "react";
import { useNavigate } from "react-router";
import * as v from "valibot";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import { useDraft } from "../../session/use-draft.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { paths } from "../../shell/paths.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { Form } from "../../ui/form.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { toastSuccess } from "../../ui/toast.tsx";
import { CreateTeam } from "./mutations.ts";

/** Makes a team, and goes there. */
export function CreateTeamDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog title="Create a team" isOpen={isOpen} onClose={onClose}>
      <CreateTeamForm onClose={onClose} />
    </Dialog>
  );
}

const TeamDraft = v.object({ name: v.string(), slug: v.string() });

function CreateTeamForm({ onClose }: { onClose: () => void }) {
  const organization = useOrganization();
  const [draft, setDraft] = useDraft(`team.${organization.id}`, TeamDraft, { name: "", slug: "" });
  const { name, slug } = draft;
  const [errors, setErrors] = useState<FormErrors>();
  const { run, isRunning } = useMutation(CreateTeam);
  const navigate = useNavigate();

  async function create() {
    const outcome = await run({ input: { organizationId: organization.id, name, ...(slug && { slug }) } });
    setErrors(errorsOf(outcome, ["name", "slug"]));
    if (outcome.kind !== "ok" || !outcome.payload.team) return;
    const { team } = outcome.payload;
    toastSuccess(`${team.name} is there. Nobody is in it yet.`);
    onClose();
    navigate(paths.team(organization.slug, team.slug));
  }

  return (
    <Form errors={errors} onSubmit={create}>
      <TextField
        label="Name"
        name="name"
        value={name}
        onChange={(typed) => setDraft({ ...draft, name: typed })}
        isRequired
        maxLength={64}
        autoFocus
        autoComplete="off"
      />
      <TextField
        label="Name in addresses"
        description="Lower-case letters, digits and dashes. Made from the name if you leave it empty."
        name="slug"
        value={slug}
        onChange={(typed) => setDraft({ ...draft, slug: typed })}
        isMonospaced
        autoComplete="off"
      />
      <DialogActions>
        <Button onPress={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" isPending={isRunning}>
          Create
        </Button>
      </DialogActions>
    </Form>
  );
}
