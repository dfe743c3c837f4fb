import { useLocation } from "react-router";
import { Alert } from "../ui/alert.tsx";
import { LinkButton } from "../ui/link-button.tsx";
import { RelativeTime } from "../ui/relative-time.tsx";
import styles from "./deletion-notice.module.css";
import { useOrganization } from "./organization.tsx";
import { paths } from "./paths.ts";

/** Tells on every page that the organization will be deleted; on that of the settings it can be restored. */
export function DeletionNotice() {
  const { name, slug, status, deletesAt } = useOrganization();
  const { pathname } = useLocation();
  const settings = paths.organization(slug, "settings");
  if (status !== "PENDING_DELETION" || pathname === settings) return null;
  return (
    <div className={styles.notice}>
      <Alert tone="danger">
        <div className={styles.content}>
          <p>
            {name} will be deleted {deletesAt && <RelativeTime at={deletesAt} />}
          </p>
          <LinkButton size="small" href={settings}>
            Settings
          </LinkButton>
        </div>
      </Alert>
    </div>
  );
}
