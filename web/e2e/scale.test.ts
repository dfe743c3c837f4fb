import { join } from "node:path";
import sqlite from "node-sqlite3-wasm";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { acme, ann, visit } from "./people.ts";
import { startRoster, temporaryFolder } from "./roster.ts";

const membersInAll = 10_000;
const frameCount = 600;
/** Milliseconds; sixty frames a second leave 16.7 for each, on a machine that is not as slow as those of CI may be. */
const workPerFrame = 33;
/** Milliseconds that nineteen of twenty frames are below, even while other tests run. */
const slowFrame = 200;
/** Rows in view, and as many again before and after them. */
const rowsOnPage = 60;

/** Adds pending members until there are so many. Inviting all of them would take minutes. */
function fillUp(folder: string): void {
  const database = new sqlite.Database(join(folder, "roster.sqlite"));
  // The file is not shared meanwhile, without which this build of SQLite cannot write ahead.
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  database.exec(`
    WITH RECURSIVE number (n) AS (
      SELECT count(*) + 1 FROM member WHERE organization_id = 1 AND invite_status = 0 AND user_is_active
      UNION ALL SELECT n + 1 FROM number WHERE n < ${membersInAll}
    )
    INSERT INTO member (organization_id, email, email_key, sort_name, date_added)
    SELECT 1, address, address, address, '2026-01-01 00:00:00+00:00'
    FROM (SELECT 'person-' || n || '@example.com' AS address FROM number)
  `);
  database.close();
}

interface Scrolling {
  /** Milliseconds from one frame to the next, from the shortest on. */
  frames: number[];
  /** Milliseconds of tasks that kept the page from answering for 50 or more. */
  longTasks: number[];
  /** The most rows that were on the page. */
  mostRows: number;
}

/** Scrolls for so many frames, as fast as somebody who turns the wheel in earnest, and measures. */
function scroll(page: Page, frameCount: number): Promise<Scrolling> {
  return page.evaluate(async (count) => {
    const frames: number[] = [];
    const longTasks: number[] = [];
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longTasks.push(duration);
    });
    observer.observe({ type: "longtask" });
    let mostRows = 0;
    let last = performance.now();
    for (let index = 0; index < count; index++) {
      window.scrollBy(0, 150);
      const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
      frames.push(now - last);
      last = now;
      mostRows = Math.max(mostRows, document.querySelectorAll('[role="row"]').length);
    }
    observer.disconnect();
    return { frames: frames.sort((a, b) => a - b), longTasks, mostRows };
  }, frameCount);
}

/** Starts a clock of the milliseconds that the processor works for the page, however busy it is with other things. */
async function startClock(page: Page): Promise<() => Promise<number>> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
  const worked = async () => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    return 1000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN);
  };
  const before = await worked();
  return async () => (await worked()) - before;
}

test("ten thousand members scroll without jank, and each can be reached", async () => {
  const folder = await temporaryFolder();
  const first = await startRoster({ folder });
  await first.stop();
  fillUp(folder);
  const roster = await startRoster({ folder });
  const page = await visit(roster, ann, acme("members"));
  await page.getByRole("heading", { name: /^Members\s*10,?000$/ }).waitFor();

  const clock = await startClock(page);
  const { frames, longTasks, mostRows } = await scroll(page, frameCount);
  const work = (await clock()) / frameCount;
  const at = (share: number) => Math.round(frames[Math.floor(frames.length * share)] ?? 0);
  process.stdout.write(
    `${frameCount} frames of 150 px: work ${work.toFixed(1)} ms each; p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms; ` +
      `${longTasks.length} long tasks, the longest ${Math.round(Math.max(0, ...longTasks))} ms; at most ${mostRows} rows\n`,
  );
  expect(work).toBeLessThan(workPerFrame);
  expect(at(0.95)).toBeLessThan(slowFrame);
  expect(mostRows).toBeLessThan(rowsOnPage);

  // End leads to the last row that was read, which has the next part read.
  await page.getByRole("row").nth(5).focus();
  const last = page.locator(`[role="row"][aria-rowindex="${membersInAll + 1}"]`);
  await expect
    .poll(
      async () => {
        await page.keyboard.press("End");
        return last.count();
      },
      { timeout: 50_000, interval: 50 },
    )
    .toBe(1);
  expect(await page.getByRole("row").count()).toBeLessThan(rowsOnPage);
  await page.keyboard.press("Home");
  await page.getByRole("row", { name: /Ann Bergström/ }).waitFor();
});
