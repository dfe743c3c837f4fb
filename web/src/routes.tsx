import { createBrowserRouter } from "react-router";
import { RouteFault } from "./shell/error-boundary.tsx";
import { Loading } from "./shell/loading.tsx";
import { Root } from "./shell/root.tsx";
import { SignedIn } from "./shell/signed-in.tsx";

/** All addresses. Each page is loaded when somebody goes there. */
export const router = createBrowserRouter([
  {
    Component: Root,
    ErrorBoundary: RouteFault,
    HydrateFallback: Loading,
    children: [
      {
        path: "console",
        children: [
          { path: "sign-in", lazy: () => import("./pages/sign-in/index.tsx") },
          {
            Component: SignedIn,
            children: [
              { index: true, lazy: () => import("./pages/home/index.tsx") },
              {
                lazy: () => import("./shell/frame.tsx"),
                children: [
                  { path: "account", lazy: () => import("./pages/account/index.tsx") },
                  {
                    path: "organizations/:organization",
                    lazy: () => import("./shell/organization.tsx"),
                    children: [
                      { path: "members", lazy: () => import("./pages/members/index.tsx") },
                      { path: "invites", lazy: () => import("./pages/invites/index.tsx") },
                      { path: "teams", lazy: () => import("./pages/teams/index.tsx") },
                      { path: "teams/:team", lazy: () => import("./pages/teams/team.tsx") },
                      { path: "settings", lazy: () => import("./pages/settings/index.tsx") },
                      { path: "audit-log", lazy: () => import("./pages/audit-log/index.tsx") },
                      { path: "api-tokens", lazy: () => import("./pages/api-tokens/index.tsx") },
                      { path: "sso", lazy: () => import("./pages/sso/index.tsx") },
                      { path: "webhooks", lazy: () => import("./pages/webhooks/index.tsx") },
                    ],
                  },
                ],
              },
            ],
          },
        ],
      },
      { path: "invite/:token", lazy: () => import("./pages/accept/index.tsx") },
      { path: "*", lazy: () => import("./shell/not-found.tsx") },
    ],
  },
]);
