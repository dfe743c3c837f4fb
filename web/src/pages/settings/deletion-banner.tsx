import type { OrganizationSettingsFragment } from "../../gql/graphql.ts";
import { Alert } from "../../ui/alert.tsx";
import { Button } from "../../ui/button.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";
import { toastFailure } from "../../ui/toast.tsx";
import { useSave } from "./save.ts";
import styles from "./settings.module.css";

/** Tells that the organization will be deleted, and restores it. */
export function DeletionBanner({ organization }: { organization: OrganizationSettingsFragment }) {
  const { save, isRunning } = useSave();
  const { name, deletesAt } = organization;

  async function restore() {
    const errors = await save({ cancelDeletion: true }, []);
    if (errors) toastFailure(errors.form.join(" "));
  }

  return (
    <Alert tone="danger">
      <div className={styles.banner}>
        <div>
          <p className={styles.factName}>
            {name} will be deleted {deletesAt && <RelativeTime at={deletesAt} />}
          </p>
          <p className={styles.muted}>
            Nobody sees it any more but who could delete it. Until then everything in it can be had back.
          </p>
        </div>
        <Button onPress={restore} isPending={isRunning}>
          Restore
        </Button>
      </div>
    </Alert>
  );
}
