const units = [
  ["week", 7 * 86_400],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

const farAway = 28 * 86_400;
// Formats are dear to make and cheap to use: one for all rows of a list.
const format = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const dateFormat = new Intl.DateTimeFormat("en", { dateStyle: "medium" });
const wholeFormat = new Intl.DateTimeFormat("en", { dateStyle: "full", timeStyle: "medium" });

/**
 * A time from the point of view of another, in the largest unit that fits: “3 days ago”, “in 2 hours”, “just now”. What is
 * further away than four weeks is a date: nobody counts in months.
 */
export function relativeTime(time: number, now: number): string {
  const seconds = (time - now) / 1000;
  if (Math.abs(seconds) > farAway) {
    return dateFormat.format(time);
  }
  for (const [unit, length] of units) {
    if (Math.abs(seconds) >= length) return format.format(Math.trunc(seconds / length), unit);
  }
  return "just now";
}

/** A time in full: “Monday, June 15, 2026 at 12:00:00 PM”. */
export function wholeTime(time: number): string {
  return wholeFormat.format(time);
}
