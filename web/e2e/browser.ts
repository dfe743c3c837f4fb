import { existsSync } from "node:fs";
import { extname, join } from "node:path";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
  type Request,
  type Route,
} from "playwright-core";
import { afterAll, expect, onTestFinished } from "vitest";
import type { Roster } from "./roster.ts";

/** Long enough for a busy machine; whatever is waited for is there much earlier. */
const patience = 15_000;

let browser: Promise<Browser> | undefined;
afterAll(async () => (await browser)?.close());

/** The browser of a test file. It resolves no names, so that nothing leaves this machine. */
function launched(): Promise<Browser> {
  browser ??= chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ],
  });
  return browser;
}

export interface VisitOptions extends BrowserContextOptions {
  /** Origins besides the server's that may be asked. */
  origins?: readonly string[];
  /** What may be complained about, because the test brings it about. */
  expected?: RegExp;
}

/**
 * Opens a window of somebody who was never here. Whatever the browser complains about fails the test: errors and warnings
 * of the console, which also tells violations of the policy for content, faults of the page, and requests to elsewhere.
 */
export async function openWindow(
  { url }: Roster,
  { origins = [], expected, ...options }: VisitOptions = {},
): Promise<Page> {
  const context = await (await launched()).newContext({
    baseURL: url,
    viewport: { width: 1280, height: 800 },
    reducedMotion: "reduce",
    locale: "en-GB",
    timezoneId: "Europe/London",
    ...options,
  });
  context.setDefaultTimeout(patience);

  const complaints: string[] = [];
  const isKnown = (address: string) =>
    [url, ...origins].some((origin) => new URL(address).host === new URL(origin).host);
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type()))
      complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (fault) => complaints.push(`fault: ${fault.error().stack}`));
  context.on("request", (request) => {
    if (request.url().startsWith("http") && !isKnown(request.url()))
      complaints.push(`request to elsewhere: ${request.url()}`);
  });
  context.on("page", (page) =>
    page.on("websocket", (socket) => {
      if (!isKnown(socket.url())) complaints.push(`socket to elsewhere: ${socket.url()}`);
    }),
  );
  const unanswered = new Set<Request>();
  context.on("request", (request) => unanswered.add(request));
  context.on("requestfinished", (request) => unanswered.delete(request));
  context.on("requestfailed", (request) => unanswered.delete(request));
  onTestFinished(async ({ task }) => {
    if (task.result?.state === "fail") {
      for (const request of unanswered)
        process.stdout.write(`unanswered: ${request.url()} ${request.postData()}\n`);
      await keepPictures(context, task.name);
    }
    await context.close();
    expect(complaints.filter((complaint) => !expected?.test(complaint))).toEqual([]);
  });

  if (process.env.CONSOLE_FOLDER) await serveFrom(context, process.env.CONSOLE_FOLDER);
  return context.newPage();
}

/** Answers with the console of a folder instead of the binary's, so that pages are tried without compiling. */
async function serveFrom(context: BrowserContext, folder: string): Promise<void> {
  const answer = async (route: Route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === "/console/settings.json" || pathname.startsWith("/console/development/"))
      return route.continue();
    const file = join(folder, pathname.replace("/console/", ""));
    if (extname(pathname) && existsSync(file)) return route.fulfill({ path: file });
    const { "content-security-policy": policy = "" } = (await route.fetch()).headers();
    return route.fulfill({
      path: join(folder, "index.html"),
      headers: { "Content-Type": "text/html", "Content-Security-Policy": policy },
    });
  };
  // To the browser such a page comes from nowhere, and has to be let in.
  await context.grantPermissions(["local-network-access"]);
  await context.route(/^http:[^?]*\/(console|invite)\//, answer);
  // Where a redirect leads cannot be answered here, so that the page goes there itself.
  await context.route(/^http:[^?]*\/authorize\?/, async (route) => {
    const { location = "" } = (await route.fetch({ maxRedirects: 0 })).headers();
    await route.fulfill({
      contentType: "text/html",
      body: `<meta http-equiv="refresh" content="0;url=${location}">`,
    });
  });
}

/** What was on the windows of a test that failed: in `e2e/failures`, and as text. */
async function keepPictures(context: BrowserContext, name: string): Promise<void> {
  const words = name.replaceAll(/\W+/g, "-");
  for (const [index, page] of context.pages().entries()) {
    const text = await page.locator("body").ariaSnapshot();
    process.stdout.write(`window ${index} of "${name}", at ${page.url()}:\n${text}\n`);
    await page.screenshot({ path: `e2e/failures/${words}-${index}-${Date.now()}.png` });
  }
}
