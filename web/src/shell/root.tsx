import { Suspense } from "react";
import { RouterProvider } from "react-aria-components";
import { Outlet, useHref, useLocation, useNavigate } from "react-router";
import { ToastRegion } from "../ui/toast.tsx";
import { ErrorBoundary } from "./error-boundary.tsx";
import { Loading } from "./loading.tsx";

/** What is around every page: links that stay in the page, something to look at while it is loaded, and toasts. */
export function Root() {
  const navigate = useNavigate();
  const { pathname } = useLocation();
  return (
    <RouterProvider navigate={navigate} useHref={useHref}>
      <ErrorBoundary place={pathname} isAlone>
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </ErrorBoundary>
      <ToastRegion />
    </RouterProvider>
  );
}
