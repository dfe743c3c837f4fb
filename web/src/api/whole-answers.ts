import type { Exchange, OperationResult } from "@urql/core";
import { map, pipe, tap } from "wonka";

/**
 * Shows nothing that the cache has only parts of while the rest is being read. It puts null where something is missing, and
 * null means more: that there is no such thing, or that the caller may not see it. Until the answer is whole, what was
 * shown before stays.
 */
export const wholeAnswers: Exchange =
  ({ forward }) =>
  (operations) => {
    const whole = new Map<number, OperationResult["data"]>();
    return pipe(
      operations,
      tap(({ kind, key }) => {
        if (kind === "teardown") whole.delete(key);
      }),
      forward,
      map((result) => {
        const { kind, key, context } = result.operation;
        if (kind !== "query") return result;
        if (result.stale && context.meta?.cacheOutcome === "partial") {
          return { ...result, data: whole.get(key) };
        }
        whole.set(key, result.data);
        return result;
      }),
    );
  };
