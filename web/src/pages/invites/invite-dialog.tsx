import { useState } from "react";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import type { CreateInvitesMutation } from "../../gql/graphql.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { Button } from "../../ui/button.tsx";
import { Checkbox } from "../../ui/checkbox.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { Form } from "../../ui/form.tsx";
import { Select } from "../../ui/select.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { addressesIn, addressesMax, withAddresses } from "./addresses.ts";
import { AddressesField } from "./addresses-field.tsx";
import { InviteResults } from "./invite-results.tsx";
import { CreateInvites } from "./mutations.ts";
import { type PickedTeam, TeamsField } from "./teams-field.tsx";
import { type Choices, useInviteChoices } from "./use-invite-choices.ts";

export interface InviteDialogProps {
  isOpen: boolean;
  onClose: () => void;
}

/** Invites many at once, alike. */
export function InviteDialog({ isOpen, onClose }: InviteDialogProps) {
  const choices = useInviteChoices();
  return (
    <Dialog isWide title="Invite people" isOpen={isOpen} onClose={onClose}>
      {choices ? <Content choices={choices} onClose={onClose} /> : <SkeletonRows count={3} />}
    </Dialog>
  );
}

/** What became of the addresses. */
export type Results = CreateInvitesMutation["createInvites"]["results"];

const nobody: ReadonlyMap<string, string> = new Map();

function Content({ choices, onClose }: { choices: Choices; onClose: () => void }) {
  const organization = useOrganization();
  const { run, isRunning } = useMutation(CreateInvites);
  const [addresses, setAddresses] = useState<string[]>([]);
  const [typed, setTyped] = useState("");
  const [problems, setProblems] = useState(nobody);
  const [orgRole, setOrgRole] = useState<string | null>(null);
  const [teams, setTeams] = useState<PickedTeam[]>([]);
  const [isMailed, setMailed] = useState(choices.isMailed);
  const [errors, setErrors] = useState<FormErrors>();
  const [results, setResults] = useState<Results>();

  const { invitable } = choices;
  const role =
    invitable.find(({ id }) => id === orgRole) ??
    invitable.find(({ id }) => id === choices.defaultRole) ??
    invitable[0];
  // Who sees no links has to have them mailed.
  const canPassOn = choices.isMailed && organization.can("member:admin");

  async function invite() {
    const emails = withAddresses(addresses, addressesIn(typed));
    if (emails.length === 0) return setErrors(atAddresses("Whom do you want to invite?"));
    if (emails.length > addressesMax) return setErrors(atAddresses(`At most ${addressesMax} at once.`));
    const outcome = await run({
      input: {
        organizationId: organization.id,
        emails,
        sendInvite: isMailed,
        ...(role && { orgRole: role.id }),
        ...(role?.isTeamRolesAllowed && teams.length > 0 && { teamSlugs: teams.map(({ slug }) => slug) }),
      },
    });
    setErrors(errorsOf(outcome, ["emails", "orgRole", "teamSlugs"]));
    if (outcome.kind === "ok") setResults(outcome.payload.results);
  }

  function tryAgain(refused: Results) {
    setAddresses(refused.map(({ email }) => email));
    setProblems(new Map(refused.map(({ email, userErrors }) => [email, userErrors[0]?.message ?? ""])));
    setTyped("");
    setResults(undefined);
  }

  if (results) {
    return <InviteResults results={results} isMailed={isMailed} onRetry={tryAgain} onClose={onClose} />;
  }
  return (
    <Form errors={errors} onSubmit={invite}>
      <AddressesField
        addresses={addresses}
        onChange={setAddresses}
        typed={typed}
        onType={setTyped}
        problems={problems}
      />
      <Select
        label="Role"
        name="orgRole"
        description={role?.description}
        options={invitable}
        value={role?.id ?? null}
        onChange={setOrgRole}
      />
      <TeamsField role={role} teams={teams} onChange={setTeams} />
      {canPassOn && (
        <Checkbox
          label="Mail the invites"
          description="You get the links in any case, to pass them on yourself."
          isSelected={isMailed}
          onChange={setMailed}
        />
      )}
      <DialogActions>
        <Button onPress={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" isPending={isRunning}>
          {addresses.length > 1 ? `Invite ${addresses.length} people` : "Invite"}
        </Button>
      </DialogActions>
    </Form>
  );
}

function atAddresses(message: string): FormErrors {
  return { fields: { emails: [message] }, form: [] };
}
