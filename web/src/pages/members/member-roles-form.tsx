import { useState } from "react";
import * as v from "valibot";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import type { MemberDetailsFragment } from "../../gql/graphql.ts";
import { type FragmentType, getFragmentData } from "../../gql/index.ts";
import { useDraft } from "../../session/use-draft.ts";
import { Button } from "../../ui/button.tsx";
import { DialogActions } from "../../ui/dialog.tsx";
import { Facts } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { Section } from "../../ui/section.tsx";
import { Select } from "../../ui/select.tsx";
import { toastSuccess } from "../../ui/toast.tsx";
import { OrgRoleChoice } from "./member-details.ts";
import { changesOf, draftOf, MemberDraft } from "./member-draft.ts";
import { MemberTeams, type TeamRoleChoice } from "./member-teams.tsx";
import { UpdateMemberRoles } from "./mutations.ts";

export interface MemberRolesFormProps {
  member: MemberDetailsFragment;
  teamRoles: readonly FragmentType<typeof TeamRoleChoice>[];
}

/**
 * Role and teams of a member, saved together: all or nothing. Until somebody changes something the form follows the member,
 * so that what others do is seen here at once.
 */
export function MemberRolesForm({ member, teamRoles }: MemberRolesFormProps) {
  const [draft, setDraft] = useDraft(`member.${member.id}`, v.nullable(MemberDraft), null);
  const [errors, setErrors] = useState<FormErrors>();
  const { run, isRunning } = useMutation(UpdateMemberRoles);

  const current = getFragmentData(OrgRoleChoice, member.role);
  if (!member.viewerCanUpdateRoles) return <ReadOnly member={member} roleName={current.name} />;

  const shown = draft ?? draftOf(member);
  const assignable = getFragmentData(OrgRoleChoice, member.assignableRoles);
  const roles = assignable.some(({ id }) => id === current.id) ? assignable : [current, ...assignable];
  const role = roles.find(({ id }) => id === shown.orgRole) ?? current;
  const changes = changesOf(member, shown);
  const isChanged = Object.keys(changes).length > 0;

  async function save() {
    const outcome = await run({ input: { memberId: member.id, ...changes } });
    setErrors(errorsOf(outcome, fieldsOf(shown)));
    if (outcome.kind !== "ok") return;
    setDraft(null);
    toastSuccess(`${member.name} has been changed.`);
  }

  return (
    <Section title="Role and teams">
      <Form errors={errors} onSubmit={save}>
        <Select
          label="Role"
          name="orgRole"
          description={assignable.length > 1 ? role.description : reasonFor(member)}
          isDisabled={roles.length < 2}
          options={roles}
          value={shown.orgRole}
          onChange={(orgRole) => setDraft({ ...shown, orgRole })}
        />
        <MemberTeams
          role={role}
          teamRoles={teamRoles}
          teams={shown.teams}
          managedSlugs={member.teamMemberships.flatMap(({ team }) =>
            team.isIdpProvisioned ? [team.slug] : [],
          )}
          onChange={(teams) => setDraft({ ...shown, teams })}
        />
        {isChanged && (
          <DialogActions>
            <Button
              onPress={() => {
                setDraft(null);
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
    </Section>
  );
}

function fieldsOf({ teams }: MemberDraft): string[] {
  return ["orgRole", "teamRoles", ...teams.map((_, index) => `teamRoles.${index}.role`)];
}

/** Why there is no other role to choose. */
function reasonFor({ flags, isViewer }: MemberDetailsFragment): string {
  if (isViewer) return "Nobody changes their own role.";
  if (flags.partnershipRestricted) return "Managed by a partner.";
  if (flags.idpRoleRestricted) return "Managed by the identity provider.";
  return "You can give and take roles up to your own.";
}

function ReadOnly({ member, roleName }: { member: MemberDetailsFragment; roleName: string }) {
  const teams = member.teamMemberships.map(
    ({ team, effectiveRole }) => `${team.name} (${effectiveRole.name})`,
  );
  return (
    <Section title="Role and teams">
      <Facts
        facts={[
          ["Role", roleName],
          ["Teams", teams.length > 0 ? teams.join(", ") : "None"],
        ]}
      />
    </Section>
  );
}
