import { RouterProvider } from "react-aria-components";
import { Outlet, useHref, useNavigate } from "react-router";
import { ToastRegion } from "../ui/toast.tsx";

/** What is around every page: links that stay in the page, and toasts. */
export function Root() {
  const navigate = useNavigate();
  return (
    <RouterProvider navigate={navigate} useHref={useHref}>
      <Outlet />
      <ToastRegion />
    </RouterProvider>
  );
}
