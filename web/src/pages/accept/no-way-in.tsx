import { CircleCheck, Clock, Unlink } from "lucide-react";
import { useApp } from "../../shell/app.tsx";
import { paths } from "../../shell/paths.ts";
import { Button } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { LinkButton } from "../../ui/link-button.tsx";

/** The link leads nowhere: it was used, withdrawn or replaced, or it was not copied as a whole. */
export function InvalidInvite() {
  const { settings } = useApp();
  return (
    <EmptyState
      icon={<Unlink size={28} />}
      title="This invite is not valid"
      level={1}
      actions={<LinkButton href={paths.home}>Open {settings.productName}</LinkButton>}
    >
      It was used or withdrawn, a newer mail has another link, or a part of the address is missing. Ask
      whoever invited you for a new one.
    </EmptyState>
  );
}

/** The link is right, but too old. */
export function ExpiredInvite({ organization, inviter }: { organization: string; inviter: string | null }) {
  return (
    <EmptyState icon={<Clock size={28} />} title="This invite has run out" level={1}>
      Ask {inviter ?? `somebody at ${organization}`} to send it again with a new link.
    </EmptyState>
  );
}

export interface AlreadyInsideProps {
  organization: string;
  slug: string;
  /** As whom. */
  name: string;
  /** Somebody else is to sign in. */
  onSwitch: () => void;
}

/** There is nothing to accept any more. */
export function AlreadyInside({ organization, slug, name, onSwitch }: AlreadyInsideProps) {
  return (
    <EmptyState
      icon={<CircleCheck size={28} />}
      title={`You are in ${organization} already`}
      level={1}
      actions={
        <>
          <LinkButton variant="primary" href={paths.organization(slug)}>
            Open {organization}
          </LinkButton>
          <Button onPress={onSwitch}>Use another account</Button>
        </>
      }
    >
      You are signed in as {name}. Is the invite for another account of yours, or for somebody else? Then sign
      in as that one.
    </EmptyState>
  );
}
