import { useState } from "react";
import { useNavigate } from "react-router";
import type { MemberDetailsFragment } from "../../gql/graphql.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { paths } from "../../shell/paths.ts";
import { Button } from "../../ui/button.tsx";
import { Section } from "../../ui/section.tsx";
import { LeaveDialog } from "./leave-dialog.tsx";
import styles from "./member-drawer.module.css";
import { RemoveDialog } from "./remove-dialog.tsx";
import { TransferDialog } from "./transfer-dialog.tsx";
import { useIsOwner } from "./use-is-owner.ts";

export interface MemberActionsProps {
  member: MemberDetailsFragment;
  /** Called once the member is none any more. */
  onGone: () => void;
}

/** What is hard to take back: to hand over, to remove, to leave. What the caller may not do is not there. */
export function MemberActions({ member, onGone }: MemberActionsProps) {
  const [asked, setAsked] = useState<"transfer" | "remove" | "leave" | null>(null);
  const isOwner = useIsOwner();
  const organization = useOrganization();
  const navigate = useNavigate();
  const close = () => setAsked(null);

  const canTransfer = isOwner && !member.isViewer && !member.isPending;
  const canRemove = member.viewerCanRemove && !member.isViewer;
  if (!canTransfer && !canRemove && !member.isViewer) return null;

  return (
    <Section title={member.isViewer ? "Your membership" : "More"}>
      <div className={styles.actions}>
        {canTransfer && <Button onPress={() => setAsked("transfer")}>Make owner instead of me</Button>}
        {canRemove && (
          <Button onPress={() => setAsked("remove")}>
            {member.isPending ? "Withdraw the invite" : "Remove"}
          </Button>
        )}
        {member.isViewer && (
          <Button isDisabled={member.isOnlyOwner} onPress={() => setAsked("leave")}>
            Leave the organization
          </Button>
        )}
      </div>
      {member.isOnlyOwner && (
        <p className={styles.muted}>
          {member.isViewer ? "You are" : `${member.name} is`} the only owner, and an organization keeps one.
          Make somebody else owner first.
        </p>
      )}
      <TransferDialog member={member} isOpen={asked === "transfer"} onClose={close} />
      <RemoveDialog member={member} isOpen={asked === "remove"} onClose={close} onRemoved={onGone} />
      <LeaveDialog
        organization={organization}
        isOpen={asked === "leave"}
        onClose={close}
        onLeft={() => navigate(paths.home)}
      />
    </Section>
  );
}
