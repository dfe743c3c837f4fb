import { useState } from "react";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import type { InviteRowFragment } from "../../gql/graphql.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { Form } from "../../ui/form.tsx";
import { Select } from "../../ui/select.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { toastSuccess } from "../../ui/toast.tsx";
import { InviteLink } from "./invite-link.tsx";
import { ApproveInviteRequest } from "./mutations.ts";
import { type PickedTeam, TeamsField } from "./teams-field.tsx";
import { type Choices, useInviteChoices } from "./use-invite-choices.ts";

export interface ApproveDialogProps {
  request: InviteRowFragment;
  onClose: () => void;
}

/** Makes a request an invite, as it was asked for or with another role and other teams. */
export function ApproveDialog({ request, onClose }: ApproveDialogProps) {
  const choices = useInviteChoices();
  return (
    <Dialog title={`Invite ${request.email}`} isOpen onClose={onClose}>
      {choices ? (
        <Content request={request} choices={choices} onClose={onClose} />
      ) : (
        <SkeletonRows count={2} />
      )}
    </Dialog>
  );
}

function Content({ request, choices, onClose }: ApproveDialogProps & { choices: Choices }) {
  const { run, isRunning } = useMutation(ApproveInviteRequest);
  const [orgRole, setOrgRole] = useState(request.role.id);
  const [teams, setTeams] = useState<readonly PickedTeam[]>(request.teams);
  const [errors, setErrors] = useState<FormErrors>();
  const [url, setUrl] = useState<string>();

  const role = choices.invitable.find(({ id }) => id === orgRole);
  const wanted = role?.isTeamRolesAllowed === false ? [] : teams.map(({ slug }) => slug);
  const asked = request.teams.map(({ slug }) => slug);
  const isTeamsChanged = wanted.toSorted().join() !== asked.toSorted().join();

  async function approve() {
    const outcome = await run({
      input: {
        inviteId: request.id,
        ...(orgRole !== request.role.id && { orgRole }),
        ...(isTeamsChanged && { teamSlugs: wanted }),
      },
    });
    setErrors(errorsOf(outcome, ["orgRole", "teamSlugs"]));
    if (outcome.kind !== "ok") return;
    if (outcome.payload.acceptUrl) return setUrl(outcome.payload.acceptUrl);
    toastSuccess(`${request.email} is invited.`);
    onClose();
  }

  if (url !== undefined) {
    return <InviteLink email={request.email} url={url} isMailed={choices.isMailed} onClose={onClose} />;
  }
  return (
    <Form errors={errors} onSubmit={approve}>
      <Select
        label="Role"
        name="orgRole"
        placeholder="Choose a role"
        description={
          role?.description ??
          `${request.role.name} was asked for, which you cannot give. Choose another one.`
        }
        options={choices.invitable}
        value={role?.id ?? null}
        onChange={setOrgRole}
      />
      <TeamsField role={role} teams={teams} onChange={setTeams} />
      <DialogActions>
        <Button onPress={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" isDisabled={!role} isPending={isRunning}>
          Approve and invite
        </Button>
      </DialogActions>
    </Form>
  );
}
