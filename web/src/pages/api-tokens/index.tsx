import { Plus } from "lucide-react";
import { useState } from "react";
import { useOrganization } from "../../shell/organization.tsx";
import { Button } from "../../ui/button.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { CreateTokenDialog } from "./create-token-dialog.tsx";
import { TokenList } from "./token-list.tsx";

/** Credentials of apps. */
export function Component() {
  const { can } = useOrganization();
  const [isCreating, setCreating] = useState(false);
  return (
    <>
      <PageHeader
        title="API tokens"
        lead="Credentials of apps. They belong to the organization, and end when you say so, not when people leave."
        actions={
          can("org:admin") && (
            <Button variant="primary" onPress={() => setCreating(true)}>
              <Plus size={16} aria-hidden="true" />
              Create a token
            </Button>
          )
        }
      />
      <TokenList onCreate={() => setCreating(true)} />
      <CreateTokenDialog isOpen={isCreating} onClose={() => setCreating(false)} />
    </>
  );
}
