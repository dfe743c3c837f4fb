import type { Exchange } from "@urql/core";
import { filter, pipe } from "wonka";

/**
 * Keeps back what the cache has only parts of while the rest is being read. It would put null where something is missing,
 * and null means more: that there is no such thing, or that the caller may not see it. Until the answer is whole, what was
 * shown before stays.
 */
export const wholeAnswers: Exchange =
  ({ forward }) =>
  (operations) =>
    pipe(
      forward(operations),
      filter(({ stale, operation }) => !stale || operation.context.meta?.cacheOutcome !== "partial"),
    );
