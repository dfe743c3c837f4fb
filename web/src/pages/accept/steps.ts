import type { AccessRequirement } from "../../gql/graphql.ts";

/** Something to do before one is in, and at last to join. */
export type StepId = AccessRequirement | "JOIN";

/** A step on the way in. */
export interface Step {
  id: StepId;
  state: "done" | "current" | "ahead";
}

const order: readonly AccessRequirement[] = ["SIGN_IN", "ENROLL_TWO_FACTOR", "VERIFY_EMAIL", "LINK_SSO"];

/**
 * The way in. The API only says what is `left`; what was left earlier on (`seen`) and is no more, is done. To sign in is
 * always a step: who is signed in already wants to know as whom.
 */
export function stepsOf(left: readonly AccessRequirement[], seen: readonly AccessRequirement[]): Step[] {
  const shown = order.filter((id) => id === "SIGN_IN" || left.includes(id) || seen.includes(id));
  const current = shown.find((id) => left.includes(id)) ?? "JOIN";
  return [...shown, "JOIN" as const].map((id) => ({
    id,
    state: id === current ? "current" : id !== "JOIN" && !left.includes(id) ? "done" : "ahead",
  }));
}
