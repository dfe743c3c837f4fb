import * as v from "valibot";
import { Chips } from "../../ui/chips.tsx";
import { TeamPicker } from "../teams/team-picker.tsx";
import styles from "./invites.module.css";

/** A team that was picked. */
export const PickedTeam = v.object({ slug: v.string(), name: v.string() });

export type PickedTeam = v.InferOutput<typeof PickedTeam>;

export interface TeamsFieldProps {
  /** The role that is chosen, once it is. */
  role: { name: string; isTeamRolesAllowed: boolean } | undefined;
  teams: readonly PickedTeam[];
  onChange: (teams: PickedTeam[]) => void;
}

/** The teams that accepting gives. */
export function TeamsField({ role, teams, onChange }: TeamsFieldProps) {
  if (role && !role.isTeamRolesAllowed) {
    return <p className={styles.muted}>Nobody with the role {role.name} can be in teams.</p>;
  }
  return (
    <div className={styles.teams}>
      <TeamPicker
        label="Teams"
        name="teamSlugs"
        placeholder="Find a team…"
        value={null}
        without={teams.map(({ slug }) => slug)}
        onChange={(slug, name) => slug !== null && onChange([...teams, { slug, name }])}
      />
      <Chips
        label="Teams that were picked"
        chips={teams.map(({ slug, name }) => ({ id: slug, name }))}
        onRemove={(removed) => onChange(teams.filter(({ slug }) => slug !== removed))}
      />
    </div>
  );
}
