import { type Exchange, makeOperation, type OperationResult } from "@urql/core";
import { map, pipe, tap } from "wonka";

/** What the server has answered, by the extensions of the result: the cache hands those on as they are. */
const answers = new WeakMap<object, unknown>();

/** Remembers what the server answers, for `wholeAnswers`: it stands below the cache. */
export const serverAnswers: Exchange =
  ({ forward }) =>
  (operations) =>
    pipe(
      forward(operations),
      map((result) => {
        const extensions = { ...result.extensions };
        answers.set(extensions, result.data);
        return { ...result, extensions };
      }),
    );

/**
 * Shows nothing that the cache has only parts of. It puts null where something is missing, and null means more: that there
 * is no such thing, or that the caller may not see it. Until the answer is whole, what was answered before stays, and with
 * it why a part of that was refused, which the cache does not keep.
 *
 * The server may have answered everything, and something else, such as an event, have made a part of it stale on the way.
 * Then its answer is shown as it came, and asked for again.
 */
export const wholeAnswers: Exchange =
  ({ client, forward }) =>
  (operations) => {
    const answered = new Map<number, OperationResult>();
    return pipe(
      operations,
      tap(({ kind, key }) => {
        if (kind === "teardown") answered.delete(key);
      }),
      forward,
      map((result) => {
        const { operation, data } = result;
        if (operation.kind !== "query") return result;
        const isOfServer = result.extensions !== undefined && answers.has(result.extensions);
        const answer = result.extensions && answers.get(result.extensions);
        if (isOfServer && lacks(data, answer)) {
          const context = { ...operation.context, requestPolicy: "network-only" } as const;
          if (!result.stale) client.reexecuteOperation(makeOperation("query", operation, context));
          const whole = { ...result, data: answer, stale: true };
          answered.set(operation.key, whole);
          return whole;
        }
        if (isOfServer || operation.context.meta?.cacheOutcome !== "partial") {
          answered.set(operation.key, result);
          return result;
        }
        const last = answered.get(operation.key);
        if (last) return { ...last, operation, stale: result.stale };
        return result.stale ? { ...result, data: undefined } : result;
      }),
    );
  };

/** Whether something of an answer is not there any more. */
function lacks(data: unknown, answer: unknown): boolean {
  if (answer === null || data === undefined) return false;
  if (typeof answer !== "object" || typeof data !== "object" || data === null) return data === null;
  const held: Readonly<Record<string, unknown>> = { ...data };
  return Object.entries(answer).some(([name, value]) => lacks(held[name], value));
}
