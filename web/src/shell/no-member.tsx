import { DoorClosed } from "lucide-react";
import { EmptyState } from "../ui/empty-state.tsx";
import { LinkButton } from "../ui/link-button.tsx";
import { paths } from "./paths.ts";

/** What is shown of an organization that somebody was in until just now. */
export function NoMember({ name }: { name: string }) {
  return (
    <EmptyState
      icon={<DoorClosed size={28} />}
      title={`You are no longer a member of ${name}`}
      level={1}
      actions={<LinkButton href={paths.home}>Go to your other organizations</LinkButton>}
    >
      You have been removed, or the organization was deleted.
    </EmptyState>
  );
}
