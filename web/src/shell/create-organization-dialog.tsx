import { useState } from "react";
import { useNavigate } from "react-router";
import * as v from "valibot";
import type { FormErrors } from "../api/errors.ts";
import { errorsOf, useMutation } from "../api/mutation.ts";
import { graphql } from "../gql/index.ts";
import { useDraft } from "../session/use-draft.ts";
import { Button } from "../ui/button.tsx";
import { Checkbox } from "../ui/checkbox.tsx";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import { Form } from "../ui/form.tsx";
import { TextField } from "../ui/text-field.tsx";
import { toastSuccess } from "../ui/toast.tsx";
import { paths } from "./paths.ts";

const CreateOrganization = graphql(`
  mutation CreateOrganization($input: CreateOrganizationInput!) {
    createOrganization(input: $input) {
      organization {
        id
        slug
        name
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`);

export interface CreateOrganizationDialogProps {
  isOpen: boolean;
  onClose: () => void;
}

/** Makes an organization, and goes there. */
export function CreateOrganizationDialog({ isOpen, onClose }: CreateOrganizationDialogProps) {
  return (
    <Dialog title="Create an organization" isOpen={isOpen} onClose={onClose}>
      <CreateOrganizationForm onClose={onClose} />
    </Dialog>
  );
}

const OrganizationDraft = v.object({ name: v.string(), slug: v.string(), createDefaultTeam: v.boolean() });

function CreateOrganizationForm({ onClose }: Pick<CreateOrganizationDialogProps, "onClose">) {
  const [draft, setDraft] = useDraft("organization", OrganizationDraft, {
    name: "",
    slug: "",
    createDefaultTeam: true,
  });
  const { name, slug, createDefaultTeam } = draft;
  const [errors, setErrors] = useState<FormErrors>();
  const { run, isRunning } = useMutation(CreateOrganization);
  const navigate = useNavigate();

  async function create() {
    const outcome = await run({ input: { name, createDefaultTeam, ...(slug && { slug }) } });
    setErrors(errorsOf(outcome, ["name", "slug"]));
    if (outcome.kind !== "ok" || !outcome.payload.organization) return;
    const { organization } = outcome.payload;
    toastSuccess(`${organization.name} is there, and you own it.`);
    onClose();
    navigate(paths.organization(organization.slug));
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
      <Checkbox
        label="Make a first team with me in it"
        isSelected={createDefaultTeam}
        onChange={(isWanted) => setDraft({ ...draft, createDefaultTeam: isWanted })}
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
