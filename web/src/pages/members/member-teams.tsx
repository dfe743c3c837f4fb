import { X } from "lucide-react";
import type { OrgRoleChoiceFragment } from "../../gql/graphql.ts";
import { type FragmentType, getFragmentData, graphql } from "../../gql/index.ts";
import { IconButton } from "../../ui/icon-button.tsx";
import { Select } from "../../ui/select.tsx";
import { TeamPicker } from "../teams/team-picker.tsx";
import type { TeamDraft } from "./member-draft.ts";
import styles from "./member-drawer.module.css";

/** What one has to know of a team role to choose it. */
export const TeamRoleChoice = graphql(`
  fragment TeamRoleChoice on TeamRole {
    id
    name
    description
    priority
  }
`);

export interface MemberTeamsProps {
  /** The org role that is chosen: it gives a team role of at least so much everywhere. */
  role: OrgRoleChoiceFragment;
  teamRoles: readonly FragmentType<typeof TeamRoleChoice>[];
  teams: readonly TeamDraft[];
  /** Teams that only the identity provider changes. */
  managedSlugs: readonly string[];
  onChange: (teams: readonly TeamDraft[]) => void;
}

/** The teams that a member is in, and the role in each. */
export function MemberTeams({ role, teamRoles, teams, managedSlugs, onChange }: MemberTeamsProps) {
  const { minimumTeamRole } = role;
  const higher = getFragmentData(TeamRoleChoice, teamRoles).filter(
    ({ priority }) => priority > minimumTeamRole.priority,
  );
  const options = [
    { id: "", name: minimumTeamRole.name, description: `What the role ${role.name} gives in every team` },
    ...higher,
  ];

  if (!role.isTeamRolesAllowed) {
    return <p className={styles.muted}>Nobody with the role {role.name} can be in teams.</p>;
  }

  return (
    <div className={styles.teams}>
      {teams.map((team, index) => (
        <div key={team.slug} className={styles.team}>
          <span className={styles.teamName}>{team.name}</span>
          <Select
            label={`Role in ${team.name}`}
            isLabelHidden
            name={`teamRoles.${index}.role`}
            isDisabled={higher.length === 0 || managedSlugs.includes(team.slug)}
            options={options}
            value={higher.some(({ id }) => id === team.role) ? team.role : ""}
            onChange={(chosen) =>
              onChange(teams.map((other) => (other === team ? { ...team, role: chosen || null } : other)))
            }
          />
          <IconButton
            label={
              managedSlugs.includes(team.slug)
                ? `${team.name} is managed by the identity provider`
                : `Take out of ${team.name}`
            }
            isDisabled={managedSlugs.includes(team.slug)}
            onPress={() => onChange(teams.filter((other) => other !== team))}
          >
            <X size={16} aria-hidden="true" />
          </IconButton>
        </div>
      ))}
      <TeamPicker
        label="Add to a team"
        name="teamRoles"
        placeholder="Find a team…"
        value={null}
        without={teams.map(({ slug }) => slug)}
        onChange={(slug, name) => slug !== null && onChange([...teams, { slug, name, role: null }])}
      />
    </div>
  );
}
