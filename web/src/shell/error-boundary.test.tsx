import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Suspense } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ErrorBoundary } from "./error-boundary.tsx";
import { pageOf } from "./page-module.tsx";

const reload = vi.spyOn(location, "reload").mockImplementation(() => {});
const fetched = vi.fn<typeof fetch>();
const load = vi.fn(async () => ({ Component: () => <h1>Webhooks</h1> }));
const offline = new TypeError("Failed to fetch");

beforeEach(() => {
  vi.stubGlobal("fetch", fetched);
  fetched.mockRejectedValue(offline);
  load.mockClear();
  reload.mockClear();
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.unstubAllGlobals();
  document.head.replaceChildren();
});

async function show() {
  const Page = pageOf(load);
  const at = (place: string) => (
    <ErrorBoundary place={place} isAlone>
      <Suspense>{place === "/webhooks" ? <Page /> : "Elsewhere"}</Suspense>
    </ErrorBoundary>
  );
  const { rerender } = await act(async () => render(at("/webhooks")));
  const user = userEvent.setup();
  return {
    go: (place: string) => act(async () => rerender(at(place))),
    tryAgain: () => act(() => user.click(screen.getByRole("button", { name: "Try again" }))),
  };
}

const unreachable = () => screen.findByRole("heading", { level: 1, name: "Roster cannot be reached" });

describe("ErrorBoundary", () => {
  it("loads a page again that could not be loaded", async () => {
    load.mockRejectedValueOnce(offline);
    const { tryAgain } = await show();
    await unreachable();
    await tryAgain();
    expect(await screen.findByRole("heading", { name: "Webhooks" })).toBeTruthy();
    expect(load).toHaveBeenCalledTimes(2);
    expect(reload).not.toHaveBeenCalled();
  });

  it("tries again when somebody goes there again", async () => {
    load.mockRejectedValueOnce(offline);
    const { go } = await show();
    await unreachable();
    await go("/members");
    expect(await screen.findByText("Elsewhere")).toBeTruthy();
    await go("/webhooks");
    expect(await screen.findByRole("heading", { name: "Webhooks" })).toBeTruthy();
  });

  it("loads everything again where the browser remembers the failure", async () => {
    load.mockRejectedValueOnce(offline).mockRejectedValueOnce(offline);
    const { tryAgain } = await show();
    await unreachable();
    fetched.mockImplementation(async () => new Response("<!doctype html>"));
    await tryAgain();
    await vi.waitFor(() => expect(reload).toHaveBeenCalledTimes(1));
  });

  it("loads everything again at once where the server has another console by now", async () => {
    const begins = document.createElement("script");
    begins.setAttribute("type", "module");
    begins.setAttribute("src", "/console/assets/index-old.js");
    document.head.append(begins);
    fetched.mockResolvedValue(new Response('<script type="module" src="/console/assets/index-new.js">'));
    load.mockRejectedValueOnce(offline);
    await show();
    await vi.waitFor(() => expect(reload).toHaveBeenCalledTimes(1));
  });
});
