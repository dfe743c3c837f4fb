import { createBrowserRouter, createRoutesFromElements, Route } from "react-router";
import { BarePage } from "./shell/bare-page.tsx";
import { NotFound } from "./shell/not-found.tsx";
import { pageOf } from "./shell/page-module.tsx";
import { Root } from "./shell/root.tsx";
import { SignedIn } from "./shell/signed-in.tsx";

const Frame = pageOf(() => import("./shell/frame.tsx"));
const Organization = pageOf(() => import("./shell/organization.tsx"));
const Accept = pageOf(() => import("./pages/accept/index.tsx"));
const Account = pageOf(() => import("./pages/account/index.tsx"));
const ApiTokens = pageOf(() => import("./pages/api-tokens/index.tsx"));
const AuditLog = pageOf(() => import("./pages/audit-log/index.tsx"));
const Home = pageOf(() => import("./pages/home/index.tsx"));
const Invites = pageOf(() => import("./pages/invites/index.tsx"));
const Members = pageOf(() => import("./pages/members/index.tsx"));
const Settings = pageOf(() => import("./pages/settings/index.tsx"));
const SignIn = pageOf(() => import("./pages/sign-in/index.tsx"));
const SignInCallback = pageOf(() => import("./pages/sign-in/callback.tsx"));
const SingleSignOn = pageOf(() => import("./pages/sso/index.tsx"));
const Team = pageOf(() => import("./pages/teams/team.tsx"));
const Teams = pageOf(() => import("./pages/teams/index.tsx"));
const Webhooks = pageOf(() => import("./pages/webhooks/index.tsx"));

/** All addresses. */
export const router = createBrowserRouter(
  createRoutesFromElements(
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
      <Route
        path="*"
        element={
          <BarePage>
            <NotFound />
          </BarePage>
        }
      />
    </Route>,
  ),
);
