import { Menu as MenuIcon } from "lucide-react";
import { Suspense, useCallback, useState } from "react";
import { Outlet, useLocation, useParams } from "react-router";
import { useQuery } from "urql";
import { useLive } from "../api/live.ts";
import { Drawer } from "../ui/drawer.tsx";
import { IconButton } from "../ui/icon-button.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { useApp } from "./app.tsx";
import { ErrorBoundary } from "./error-boundary.tsx";
import styles from "./frame.module.css";
import { LiveIndicator } from "./live-indicator.tsx";
import { Navigation } from "./navigation.tsx";
import { OrganizationSwitcher } from "./organization-switcher.tsx";
import { PersonMenu } from "./person-menu.tsx";
import { Shell } from "./shell-query.ts";
import { UnsavedGuard } from "./unsaved.tsx";
import { useScrollPlace } from "./use-scroll-place.ts";

/** The frame of the pages: navigation at the side, or behind a button where there is no room for it. */
export function Component() {
  const { organization: slug } = useParams();
  const [{ data }, read] = useQuery({
    query: Shell,
    variables: { slug: slug ?? "", isInOrganization: slug !== undefined },
  });
  const organization = data?.organization ?? null;
  const viewer = data?.viewer ?? null;

  const { socket, startOver } = useApp();
  // Whoever may not follow it any more was perhaps removed.
  const readAnew = useCallback(() => read({ requestPolicy: "network-only" }), [read]);
  const live = useLive(socket, organization, startOver, readAnew);

  const { pathname } = useLocation();
  useScrollPlace();
  const [openAt, setOpenAt] = useState<string | null>(null);

  const side = (
    <div className={styles.side}>
      <OrganizationSwitcher current={organization} canCreate={viewer?.canCreateOrganization ?? false} />
      <Navigation organization={organization} />
      <div className={styles.foot}>
        <PersonMenu user={viewer?.user ?? null} />
        {organization && <LiveIndicator state={live} />}
      </div>
    </div>
  );

  return (
    <div className={styles.frame}>
      <a href="#main" className={styles.skip}>
        Skip to the page
      </a>
      {side}
      <div className={styles.top}>
        <IconButton label="Navigation" onPress={() => setOpenAt(pathname)}>
          <MenuIcon size={20} aria-hidden="true" />
        </IconButton>
        <span className={styles.name}>{organization?.name ?? "Roster"}</span>
        {organization && <LiveIndicator state={live} />}
      </div>
      <Drawer title="Navigation" side="start" isOpen={openAt === pathname} onClose={() => setOpenAt(null)}>
        {side}
      </Drawer>
      <main id="main" tabIndex={-1} className={styles.main}>
        <div className={styles.page}>
          {/* A fault of one page ends with going to another. */}
          <ErrorBoundary key={pathname}>
            <Suspense fallback={<SkeletonRows />}>
              <Outlet />
            </Suspense>
          </ErrorBoundary>
        </div>
      </main>
      <UnsavedGuard />
    </div>
  );
}
