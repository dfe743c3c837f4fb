const day = 86_400_000;

/** How long a token may be good, to choose from. */
export const lifetimes = [
  { id: "7", name: "7 days" },
  { id: "30", name: "30 days" },
  { id: "90", name: "90 days" },
  { id: "365", name: "1 year" },
  { id: "date", name: "Until a date…" },
  { id: "never", name: "Never ends", description: "Only for what cannot be given a new token." },
] as const;

export type LifetimeId = (typeof lifetimes)[number]["id"];

/** When a token ends that begins now. `date` is a day as `2027-01-31`, to whose end it is good; null: not chosen. */
export function endOf(lifetime: LifetimeId, date: string, now: number): string | null {
  switch (lifetime) {
    case "never":
      return null;
    case "date":
      return new Date(`${date}T23:59:59`).toISOString();
    default:
      return new Date(now + Number(lifetime) * day).toISOString();
  }
}

/** Where a token is in its life. */
export type TokenState = "good" | "ending" | "ended";

/** Whether a token is good, soon is not, or is not. */
export function stateOf(expiresAt: string | null, now: number): TokenState {
  if (expiresAt === null) return "good";
  const left = Date.parse(expiresAt) - now;
  if (left <= 0) return "ended";
  return left < 7 * day ? "ending" : "good";
}
