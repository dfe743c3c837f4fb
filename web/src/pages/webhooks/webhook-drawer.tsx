import { useState } from "react";
import { useQuery } from "urql";
import { failureOf } from "../../api/errors.ts";
import { refusalOf, useMutation } from "../../api/mutation.ts";
import type { WebhookRowFragment } from "../../gql/graphql.ts";
import { getFragmentData, graphql } from "../../gql/index.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Drawer } from "../../ui/drawer.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { Facts } from "../../ui/facts.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { Switch } from "../../ui/switch.tsx";
import { toastFailure } from "../../ui/toast.tsx";
import { DeleteWebhookDialog } from "./delete-webhook-dialog.tsx";
import { Deliveries } from "./deliveries.tsx";
import { EditWebhookDialog } from "./edit-webhook-dialog.tsx";
import { typeName } from "./event-types.ts";
import { UpdateWebhook } from "./mutations.ts";
import { RotateSecretDialog } from "./rotate-secret-dialog.tsx";
import { WebhookRow } from "./webhook-row.ts";
import { WebhookState } from "./webhook-state.tsx";
import styles from "./webhooks.module.css";

const WebhookInDrawer = graphql(`
  query WebhookInDrawer($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Webhook {
        ...WebhookRow
      }
    }
  }
`);

export interface WebhookDrawerProps {
  /** Null: closed. */
  id: string | null;
  onClose: () => void;
}

/** Everything about one webhook, at the side of the list. */
export function WebhookDrawer({ id, onClose }: WebhookDrawerProps) {
  return (
    <Drawer title="Webhook" isOpen={id !== null} onClose={onClose}>
      {id !== null && <Content key={id} id={id} onClose={onClose} />}
    </Drawer>
  );
}

function Content({ id, onClose }: { id: string; onClose: () => void }) {
  const [{ data, error }, read] = useQuery({ query: WebhookInDrawer, variables: { id } });
  const node = data?.node;

  if (!data) {
    return error ? <ErrorState failure={failureOf(error)} onRetry={read} /> : <SkeletonRows count={4} />;
  }
  if (node?.__typename !== "Webhook") {
    return <EmptyState title="There is no such webhook">Perhaps somebody has deleted it.</EmptyState>;
  }
  return (
    <>
      <Details webhook={getFragmentData(WebhookRow, node)} onDeleted={onClose} />
      <Deliveries webhookId={id} />
    </>
  );
}

function Details({ webhook, onDeleted }: { webhook: WebhookRowFragment; onDeleted: () => void }) {
  const [asked, setAsked] = useState<"edit" | "rotate" | "delete" | null>(null);
  const { run } = useMutation(UpdateWebhook);
  const close = () => setAsked(null);

  async function enable(isEnabled: boolean) {
    const outcome = await run({ input: { webhookId: webhook.id, isEnabled } });
    if (outcome.kind !== "ok") toastFailure(refusalOf(outcome));
  }

  return (
    <>
      <Facts
        facts={[
          ["URL", <code key="url">{webhook.url}</code>],
          ["For", webhook.description],
          ["Told of", <ToldOf key="types" webhook={webhook} />],
          ["State", <WebhookState key="state" webhook={webhook} />],
          [
            "Old secret",
            webhook.previousSecretExpiresAt && (
              <>
                signs, too; ends <RelativeTime at={webhook.previousSecretExpiresAt} />
              </>
            ),
          ],
          [
            "Made",
            <span key="made">
              <RelativeTime at={webhook.createdAt} />
              {webhook.createdBy && ` by ${webhook.createdBy.name}`}
            </span>,
          ],
        ]}
      />
      <Switch
        label="Enabled"
        description="What happens while it is disabled, it is never told."
        isSelected={webhook.isEnabled}
        onChange={enable}
      />
      <div className={styles.actions}>
        <Button onPress={() => setAsked("edit")}>Change</Button>
        <Button onPress={() => setAsked("rotate")}>New secret</Button>
        <Button onPress={() => setAsked("delete")}>Delete</Button>
      </div>
      <EditWebhookDialog webhook={webhook} isOpen={asked === "edit"} onClose={close} />
      <RotateSecretDialog webhookId={webhook.id} isOpen={asked === "rotate"} onClose={close} />
      <DeleteWebhookDialog
        webhook={webhook}
        isOpen={asked === "delete"}
        onClose={close}
        onDeleted={onDeleted}
      />
    </>
  );
}

function ToldOf({ webhook: { eventTypes } }: { webhook: WebhookRowFragment }) {
  if (eventTypes === null) return "Everything";
  return (
    <span className={styles.badges}>
      {eventTypes.map((type) => (
        <Badge key={type}>{typeName(type)}</Badge>
      ))}
    </span>
  );
}
