import { useState } from "react";
import { refusalOf, useMutation } from "../../api/mutation.ts";
import { type FragmentType, getFragmentData } from "../../gql/index.ts";
import { Button } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { toastFailure, toastSuccess } from "../../ui/toast.tsx";
import { AddTeamMember, RemoveTeamMember } from "./mutations.ts";
import { TeamForRights, useTeamRights } from "./use-team-rights.ts";

export interface OwnPlaceProps {
  team: FragmentType<typeof TeamForRights>;
  name: string;
  size?: "small" | "medium";
}

/** Joins a team, asks for access where membership is closed, or leaves. Nothing where the caller can do none of these. */
export function OwnPlace({ team: masked, name, size = "medium" }: OwnPlaceProps) {
  const team = getFragmentData(TeamForRights, masked);
  const rights = useTeamRights();
  const join = useMutation(AddTeamMember);
  const leave = useMutation(RemoveTeamMember);
  const [hasAsked, setAsked] = useState(false);
  const [isLeaving, setLeaving] = useState(false);

  if (!rights?.ownMemberId) return null;
  const { own, addsAtOnce } = rights.rightsIn(team);
  const input = { teamId: team.id, memberId: rights.ownMemberId };

  async function enter() {
    const outcome = await join.run({ input });
    if (outcome.kind !== "ok") return toastFailure(refusalOf(outcome));
    const isRequest = outcome.payload.accessRequest !== null;
    setAsked(isRequest);
    toastSuccess(
      isRequest
        ? `You have asked for access to ${name}. A mail tells you when you are in.`
        : `You are in ${name} now.`,
    );
  }

  async function exit() {
    const outcome = await leave.run({ input });
    setLeaving(false);
    if (outcome.kind !== "ok") return toastFailure(refusalOf(outcome));
    setAsked(false);
    toastSuccess(`You have left ${name}.`);
  }

  const entering = own === "join" ? "Join" : hasAsked ? "Asked" : "Ask for access";

  switch (own) {
    case "join":
    case "ask":
      return (
        <Button
          size={size}
          isDisabled={hasAsked}
          isPending={join.isRunning}
          onPress={enter}
          aria-label={`${entering}: ${name}`}
        >
          {entering}
        </Button>
      );
    case "leave":
      return (
        <>
          <Button
            size={size}
            variant="quiet"
            isPending={leave.isRunning}
            onPress={addsAtOnce ? exit : () => setLeaving(true)}
            aria-label={`Leave: ${name}`}
          >
            Leave
          </Button>
          <ConfirmDialog
            title={`Leave ${name}?`}
            action="Leave"
            isOpen={isLeaving}
            isPending={leave.isRunning}
            onConfirm={exit}
            onClose={() => setLeaving(false)}
          >
            Membership is closed here: to come back you have to ask for access.
          </ConfirmDialog>
        </>
      );
    case null:
      return null;
  }
}
