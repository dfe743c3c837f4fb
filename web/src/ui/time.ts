const units = [
  ["week", 7 * 86_400],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

const farAway = 28 * 86_400;
const format = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/**
 * A time from the point of view of another, in the largest unit that fits: “3 days ago”, “in 2 hours”, “just now”. What is
 * further away than four weeks is a date: nobody counts in months.
 */
export function relativeTime(time: number, now: number): string {
  const seconds = (time - now) / 1000;
  if (Math.abs(seconds) > farAway) {
    return new Date(time).toLocaleDateString("en", { dateStyle: "medium" });
  }
  for (const [unit, length] of units) {
    if (Math.abs(seconds) >= length) return format.format(Math.trunc(seconds / length), unit);
  }
  return "just now";
}
