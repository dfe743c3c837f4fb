import type { Exchange, OperationResult } from "@urql/core";
import { map, pipe, tap } from "wonka";

/**
 * Shows nothing that the cache has only parts of. It puts null where something is missing, and null means more: that there
 * is no such thing, or that the caller may not see it. Until the answer is whole, what was answered before stays, and with
 * it why a part of that was refused, which the cache does not keep.
 */
export const wholeAnswers: Exchange =
  ({ forward }) =>
  (operations) => {
    const answered = new Map<number, OperationResult>();
    return pipe(
      operations,
      tap(({ kind, key }) => {
        if (kind === "teardown") answered.delete(key);
      }),
      forward,
      map((result) => {
        const { kind, key, context } = result.operation;
        if (kind !== "query") return result;
        if (context.meta?.cacheOutcome !== "partial") {
          answered.set(key, result);
          return result;
        }
        const last = answered.get(key);
        if (last) return { ...last, operation: result.operation, stale: result.stale };
        return result.stale ? { ...result, data: undefined } : result;
      }),
    );
  };
