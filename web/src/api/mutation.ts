import type { CombinedError } from "@urql/core";
import { useCallback, useRef, useState } from "react";
import { type AnyVariables, type TypedDocumentNode, useClient } from "urql";
import { type Failure, type FormErrors, failureOf, formErrors, type UserError } from "./errors.ts";

interface Payload {
  userErrors: readonly UserError[];
}

/** What became of a mutation: it was done, it was refused with reasons to act on, or there was no usable answer. */
export type Outcome<P extends Payload> =
  | { kind: "ok"; payload: P }
  | { kind: "refused"; userErrors: P["userErrors"] }
  | { kind: "failed"; failure: Failure };

/** What runs a mutation, and whether it is running. */
export interface Mutation<P extends Payload, Variables> {
  run: (variables: Variables) => Promise<Outcome<P>>;
  isRunning: boolean;
}

/**
 * A mutation of one field, whose payload has `userErrors`, as all of the API's have. It never rejects: each of the three
 * ways to end is a value, and the types ask for all of them.
 */
export function useMutation<P extends Payload, Variables extends AnyVariables>(
  document: TypedDocumentNode<Record<string, P>, Variables>,
): Mutation<P, Variables> {
  const client = useClient();
  const running = useRef(0);
  const [isRunning, setRunning] = useState(false);

  const run = useCallback(
    async (variables: Variables) => {
      running.current += 1;
      setRunning(true);
      const { data, error } = await client.mutation(document, variables).toPromise();
      running.current -= 1;
      setRunning(running.current > 0);
      return outcomeOf(data, error);
    },
    [client, document],
  );

  return { run, isRunning };
}

/** What became of a mutation, from what was answered. */
export function outcomeOf<P extends Payload>(
  data: Record<string, P> | null | undefined,
  error: CombinedError | undefined,
): Outcome<P> {
  if (error) return { kind: "failed", failure: failureOf(error) };
  const payload = Object.entries(data ?? {}).find(([field]) => field !== "__typename")?.[1];
  if (!payload) return { kind: "failed", failure: noAnswer };
  if (payload.userErrors.length > 0) return { kind: "refused", userErrors: payload.userErrors };
  return { kind: "ok", payload };
}

const noAnswer: Failure = {
  code: "INTERNAL",
  title: "Something went wrong",
  message: "The answer was empty.",
  requestId: null,
  isPassing: true,
};

/** What a form shows of an outcome: what was refused at its fields, and a failure on top. */
export function errorsOf(outcome: Outcome<Payload>, fields: readonly string[]): FormErrors | undefined {
  switch (outcome.kind) {
    case "ok":
      return undefined;
    case "refused":
      return formErrors(outcome.userErrors, fields);
    case "failed":
      return { fields: {}, form: [outcome.failure.message] };
  }
}

/** Why a mutation was not done, in a sentence or two: for where there is no form to show it. */
export function refusalOf(outcome: Exclude<Outcome<Payload>, { kind: "ok" }>): string {
  return outcome.kind === "refused"
    ? outcome.userErrors.map(({ message }) => message).join(" ")
    : outcome.failure.message;
}
