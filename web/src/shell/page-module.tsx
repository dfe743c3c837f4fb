import { type ComponentType, use } from "react";
import { askedOnce } from "../api/asked-once.ts";

interface PageModule {
  Component: ComponentType;
}

/**
 * A page or frame that is loaded when somebody goes there, and again when they go there anew if it could not be. `lazy` of
 * React would keep a failure for as long as the console is open.
 */
export function pageOf(load: () => Promise<PageModule>): ComponentType {
  const module = askedOnce(async () => {
    try {
      return await load();
    } catch (error) {
      if (await isReplaced()) return reloaded();
      throw error;
    }
  });
  return function LoadedPage() {
    const { Component } = use(module());
    return <Component />;
  };
}

/** Whether the server has another console by now, so that files of this one may be gone. */
async function isReplaced(): Promise<boolean> {
  const page = await currentPage();
  return page !== null && !isOfThisConsole(page);
}

/**
 * What is left to do where loading again has failed again: browsers may remember that a module could not be loaded, until
 * the page itself is loaded again. Only if there is a server to load it from.
 */
export async function reloadIfReachable(): Promise<void> {
  if ((await currentPage()) !== null) await reloaded();
}

/** The page of the console as the server has it now; null if it does not answer. */
async function currentPage(): Promise<string | null> {
  try {
    const response = await fetch("/console/", { cache: "no-store" });
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}

function isOfThisConsole(page: string): boolean {
  const begins = document.querySelector('script[type="module"][src]')?.getAttribute("src");
  return begins === null || begins === undefined || page.includes(begins);
}

/** Loads the page again. Nothing goes on after that. */
function reloaded(): Promise<never> {
  location.reload();
  return new Promise(() => {});
}
