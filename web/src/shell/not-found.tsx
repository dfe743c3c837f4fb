import { Compass } from "lucide-react";
import { EmptyState } from "../ui/empty-state.tsx";
import { LinkButton } from "../ui/link-button.tsx";
import { paths } from "./paths.ts";

/** What is shown where there is no page, or none for this person. */
export function NotFound({ what = "page" }: { what?: string }) {
  return (
    <EmptyState
      icon={<Compass size={28} />}
      title={`There is no such ${what}`}
      level={1}
      actions={<LinkButton href={paths.home}>Go to your organization</LinkButton>}
    >
      Perhaps the address has changed, or you are signed in as somebody who may not see it.
    </EmptyState>
  );
}
