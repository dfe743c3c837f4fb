import { type ComponentType, lazy } from "react";
import { Route, Routes } from "react-router";
import { NotFound } from "./shell/not-found.tsx";
import { Root } from "./shell/root.tsx";
import { SignedIn } from "./shell/signed-in.tsx";

/** A page or frame that is loaded when somebody goes there. */
function load(module: () => Promise<{ Component: ComponentType }>) {
  return lazy(async () => ({ default: (await module()).Component }));
}

const Frame = load(() => import("./shell/frame.tsx"));
const Organization = load(() => import("./shell/organization.tsx"));
const Accept = load(() => import("./pages/accept/index.tsx"));
const Account = load(() => import("./pages/account/index.tsx"));
const ApiTokens = load(() => import("./pages/api-tokens/index.tsx"));
const AuditLog = load(() => import("./pages/audit-log/index.tsx"));
const Home = load(() => import("./pages/home/index.tsx"));
const Invites = load(() => import("./pages/invites/index.tsx"));
const Members = load(() => import("./pages/members/index.tsx"));
const Settings = load(() => import("./pages/settings/index.tsx"));
const SignIn = load(() => import("./pages/sign-in/index.tsx"));
const SignInCallback = load(() => import("./pages/sign-in/callback.tsx"));
const SingleSignOn = load(() => import("./pages/sso/index.tsx"));
const Team = load(() => import("./pages/teams/team.tsx"));
const Teams = load(() => import("./pages/teams/index.tsx"));
const Webhooks = load(() => import("./pages/webhooks/index.tsx"));

/** All addresses. */
export function AllRoutes() {
  return (
    <Routes>
      <Route element={<Root />}>
        <Route path="console">
          <Route path="sign-in" element={<SignIn />} />
          <Route path="sign-in/callback" element={<SignInCallback />} />
          <Route element={<SignedIn />}>
            <Route index element={<Home />} />
            <Route element={<Frame />}>
              <Route path="account" element={<Account />} />
              <Route path="organizations/:organization" element={<Organization />}>
                <Route path="members" element={<Members />} />
                <Route path="invites" element={<Invites />} />
                <Route path="teams" element={<Teams />} />
                <Route path="teams/:team" element={<Team />} />
                <Route path="settings" element={<Settings />} />
                <Route path="audit-log" element={<AuditLog />} />
                <Route path="api-tokens" element={<ApiTokens />} />
                <Route path="sso" element={<SingleSignOn />} />
                <Route path="webhooks" element={<Webhooks />} />
              </Route>
            </Route>
          </Route>
        </Route>
        <Route path="invite/:token" element={<Accept />} />
        <Route path="*" element={<NotFound />} />
      </Route>
    </Routes>
  );
}
