import { Plus } from "lucide-react";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { useOrganization } from "../../shell/organization.tsx";
import { Button } from "../../ui/button.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { CreateWebhookDialog } from "./create-webhook-dialog.tsx";
import { WebhookDrawer } from "./webhook-drawer.tsx";
import { WebhookList } from "./webhook-list.tsx";
import styles from "./webhooks.module.css";

/** Servers that are told what happens here. The address says which one is open. */
export function Component() {
  const { can } = useOrganization();
  const [isCreating, setCreating] = useState(false);
  const [parameters, setParameters] = useSearchParams();

  function closeWebhook() {
    setParameters((present) => {
      const next = new URLSearchParams(present);
      next.delete("webhook");
      return next;
    });
  }

  return (
    <>
      <PageHeader
        title="Webhooks"
        lead="Servers of yours that are told what happens here, by a POST request for each event."
        actions={
          can("org:admin") && (
            <Button variant="primary" onPress={() => setCreating(true)}>
              <Plus size={16} aria-hidden="true" />
              Create a webhook
            </Button>
          )
        }
      />
      <WebhookList onCreate={() => setCreating(true)} />
      <p className={styles.docs}>
        Anybody can call your URL, so check the signature: the header <code>webhook-signature</code> is an
        HMAC-SHA256 over the headers <code>webhook-id</code> and <code>webhook-timestamp</code> and the body,
        with the secret as the key. <code>docs/webhooks.md</code> has the whole of it, with an example.
      </p>
      <WebhookDrawer id={parameters.get("webhook")} onClose={closeWebhook} />
      <CreateWebhookDialog isOpen={isCreating} onClose={() => setCreating(false)} />
    </>
  );
}
