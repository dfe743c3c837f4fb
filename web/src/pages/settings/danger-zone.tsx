import { useState } from "react";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import type { OrganizationSettingsFragment } from "../../gql/graphql.ts";
import { graphql } from "../../gql/index.ts";
import { signOut } from "../../session/session.ts";
import { Alert } from "../../ui/alert.tsx";
import { Button } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { PageSection } from "../../ui/page-section.tsx";
import styles from "./settings.module.css";

const DeleteOrganization = graphql(`
  mutation DeleteOrganization($input: DeleteOrganizationInput!) {
    deleteOrganization(input: $input) {
      organization {
        id
        status
        deletesAt
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`);

/** What cannot be taken back for long. */
export function DangerZone({ organization }: { organization: OrganizationSettingsFragment }) {
  const [isOpen, setOpen] = useState(false);
  const [errors, setErrors] = useState<FormErrors>();
  const [isSignInStale, setSignInStale] = useState(false);
  const { run, isRunning } = useMutation(DeleteOrganization);
  const { id, name, slug } = organization;

  async function remove() {
    const outcome = await run({ input: { organizationId: id, confirmSlug: slug } });
    const isStale =
      outcome.kind === "refused" && outcome.userErrors.some(({ code }) => code === "SUDO_REQUIRED");
    setSignInStale(isStale);
    setErrors(isStale ? undefined : errorsOf(outcome, []));
    if (outcome.kind === "ok") setOpen(false);
  }

  return (
    <PageSection title="Danger zone" lead="What is hard to take back.">
      <div className={styles.danger}>
        <div>
          <p className={styles.factName}>Delete this organization</p>
          <p className={styles.muted}>
            With its members, teams, settings and log. All owners are told, and can restore it for a while.
          </p>
        </div>
        <Button variant="danger" onPress={() => setOpen(true)}>
          Delete…
        </Button>
      </div>
      <ConfirmDialog
        title={`Delete ${name}?`}
        action="Delete"
        confirmText={slug}
        isOpen={isOpen}
        isPending={isRunning}
        errors={errors}
        onConfirm={remove}
        onClose={() => setOpen(false)}
      >
        <div className={styles.stack}>
          <p>
            {name} disappears at once for everybody but those who can delete it. All owners get a mail that
            says until when it can be restored; after that, everything in it is gone.
          </p>
          {isSignInStale && (
            <Alert tone="danger">
              <p>
                You signed in a while ago. Sign in again to show that it is you; you come back to this page.
              </p>
              <div className={styles.signIn}>
                <Button size="small" onPress={signOut}>
                  Sign in again
                </Button>
              </div>
            </Alert>
          )}
        </div>
      </ConfirmDialog>
    </PageSection>
  );
}
