import { useState } from "react";
import * as v from "valibot";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import type { CreateInvitesMutation } from "../../gql/graphql.ts";
import { useDraft } from "../../session/use-draft.ts";
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
import { PickedTeam, TeamsField } from "./teams-field.tsx";
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

const InviteDraft = v.object({
  addresses: v.array(v.string()),
  /** What is no whole address yet. */
  typed: v.string(),
  orgRole: v.nullable(v.string()),
  teams: v.array(PickedTeam),
  isMailed: v.boolean(),
});

const nobody: ReadonlyMap<string, string> = new Map();

function Content({ choices, onClose }: { choices: Choices; onClose: () => void }) {
  const organization = useOrganization();
  const { run, isRunning } = useMutation(CreateInvites);
  const [draft, setDraft] = useDraft(`invite.${organization.id}`, InviteDraft, {
    addresses: [],
    typed: "",
    orgRole: null,
    teams: [],
    isMailed: choices.isMailed,
  });
  const { addresses, typed, orgRole, teams, isMailed } = draft;
  const change = (changes: Partial<typeof draft>) => setDraft((present) => ({ ...present, ...changes }));
  const [problems, setProblems] = useState(nobody);
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
    if (outcome.kind !== "ok") return;
    setResults(outcome.payload.results);
    change({ addresses: [], typed: "" });
  }

  function tryAgain(refused: Results) {
    change({ addresses: refused.map(({ email }) => email), typed: "" });
    setProblems(new Map(refused.map(({ email, userErrors }) => [email, userErrors[0]?.message ?? ""])));
    setResults(undefined);
  }

  if (results) {
    return <InviteResults results={results} isMailed={isMailed} onRetry={tryAgain} onClose={onClose} />;
  }
  return (
    <Form errors={errors} onSubmit={invite}>
      <AddressesField
        addresses={addresses}
        onChange={(changed) => change({ addresses: changed })}
        typed={typed}
        onType={(text) => change({ typed: text })}
        problems={problems}
      />
      <Select
        label="Role"
        name="orgRole"
        description={role?.description}
        options={invitable}
        value={role?.id ?? null}
        onChange={(chosen) => change({ orgRole: chosen })}
      />
      <TeamsField role={role} teams={teams} onChange={(picked) => change({ teams: picked })} />
      {canPassOn && (
        <Checkbox
          label="Mail the invites"
          description="You get the links in any case, to pass them on yourself."
          isSelected={isMailed}
          onChange={(mailed) => change({ isMailed: mailed })}
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
