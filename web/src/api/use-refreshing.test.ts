import { renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { useRefreshing } from "./use-refreshing.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it("reads again on coming back to the window, and while somebody looks at it", () => {
  const refresh = vi.fn();
  const { unmount } = renderHook(() => useRefreshing(refresh));
  window.dispatchEvent(new Event("focus"));
  expect(refresh).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(60_000);
  expect(refresh).toHaveBeenCalledTimes(3);

  vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  vi.advanceTimersByTime(60_000);
  expect(refresh).toHaveBeenCalledTimes(3);
  unmount();
  window.dispatchEvent(new Event("focus"));
  expect(refresh).toHaveBeenCalledTimes(3);
});
