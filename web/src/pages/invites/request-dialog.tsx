import { useState } from "react";
import * as v from "valibot";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import { useDraft } from "../../session/use-draft.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { Form } from "../../ui/form.tsx";
import { Select } from "../../ui/select.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { toastSuccess } from "../../ui/toast.tsx";
import styles from "./invites.module.css";
import { RequestInvite } from "./mutations.ts";
import { PickedTeam, TeamsField } from "./teams-field.tsx";
import { type Choices, useInviteChoices } from "./use-invite-choices.ts";

export interface RequestDialogProps {
  isOpen: boolean;
  onClose: () => void;
}

/** Asks those who may to invite somebody. */
export function RequestDialog({ isOpen, onClose }: RequestDialogProps) {
  const choices = useInviteChoices();
  return (
    <Dialog title="Ask for an invite" isOpen={isOpen} onClose={onClose}>
      {choices ? <Content choices={choices} onClose={onClose} /> : <SkeletonRows count={3} />}
    </Dialog>
  );
}

const RequestDraft = v.object({ email: v.string(), orgRole: v.string(), teams: v.array(PickedTeam) });

function Content({ choices, onClose }: { choices: Choices; onClose: () => void }) {
  const organization = useOrganization();
  const { run, isRunning } = useMutation(RequestInvite);
  const [draft, setDraft] = useDraft(`request.${organization.id}`, RequestDraft, {
    email: "",
    orgRole: choices.defaultRole,
    teams: [],
  });
  const { email, orgRole, teams } = draft;
  const [errors, setErrors] = useState<FormErrors>();
  const role = choices.requestable.find(({ id }) => id === orgRole);

  async function request() {
    const outcome = await run({
      input: {
        organizationId: organization.id,
        email: email.trim(),
        orgRole,
        ...(role?.isTeamRolesAllowed && teams.length > 0 && { teamSlugs: teams.map(({ slug }) => slug) }),
      },
    });
    setErrors(errorsOf(outcome, ["email", "orgRole", "teamSlugs"]));
    if (outcome.kind !== "ok") return;
    toastSuccess(`Those who may invite ${email.trim()} are told.`);
    onClose();
  }

  return (
    <Form errors={errors} onSubmit={request}>
      <p className={styles.muted}>
        Whoever may invite people to {organization.name} gets a mail, and decides. The address hears nothing
        before.
      </p>
      <TextField
        label="Address"
        name="email"
        type="email"
        placeholder="jane@example.com"
        value={email}
        onChange={(typed) => setDraft({ ...draft, email: typed })}
        isRequired
        autoComplete="off"
      />
      <Select
        label="Role"
        name="orgRole"
        description={role?.description}
        options={choices.requestable}
        value={orgRole}
        onChange={(chosen) => setDraft({ ...draft, orgRole: chosen })}
      />
      <TeamsField role={role} teams={teams} onChange={(picked) => setDraft({ ...draft, teams: picked })} />
      <DialogActions>
        <Button onPress={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" isPending={isRunning}>
          Ask
        </Button>
      </DialogActions>
    </Form>
  );
}
