import { useState } from "react";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import { Button } from "../../ui/button.tsx";
import { Form } from "../../ui/form.tsx";
import { toastSuccess } from "../../ui/toast.tsx";
import { MemberPicker } from "./member-picker.tsx";
import { AddTeamMember } from "./mutations.ts";
import styles from "./teams.module.css";

export interface AddMemberProps {
  team: { id: string; name: string };
  /** Whether the member is in the team at once. Else others decide. */
  addsAtOnce: boolean;
}

/** Puts a member into the team, or asks for it. */
export function AddMember({ team, addsAtOnce }: AddMemberProps) {
  const [chosen, setChosen] = useState<{ id: string; name: string } | null>(null);
  const [rounds, setRounds] = useState(0);
  const [errors, setErrors] = useState<FormErrors>();
  const { run, isRunning } = useMutation(AddTeamMember);

  async function add() {
    if (!chosen) return;
    const outcome = await run({ input: { teamId: team.id, memberId: chosen.id } });
    setErrors(errorsOf(outcome, ["memberId"]));
    if (outcome.kind !== "ok") return;
    toastSuccess(
      outcome.payload.accessRequest
        ? `${chosen.name} gets in once somebody approves it.`
        : `${chosen.name} is in ${team.name} now.`,
    );
    setChosen(null);
    setRounds(rounds + 1);
  }

  return (
    <Form errors={errors} onSubmit={add}>
      <div className={styles.add}>
        <div className={styles.picker}>
          <MemberPicker
            key={rounds}
            label="Add a member"
            name="memberId"
            description={
              addsAtOnce ? undefined : "Membership is closed here: whoever decides about this team is asked."
            }
            teamId={team.id}
            value={chosen?.id ?? null}
            onChange={(id, name) => setChosen(id === null ? null : { id, name })}
          />
        </div>
        <Button type="submit" isDisabled={!chosen} isPending={isRunning}>
          {addsAtOnce ? "Add" : "Ask for access"}
        </Button>
      </div>
    </Form>
  );
}
