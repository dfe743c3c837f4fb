import type { CombinedError } from "@urql/core";
import type { ErrorCode } from "../gql/graphql.ts";

/** What a mutation refused, as the API tells it. */
export interface UserError {
  code: ErrorCode;
  message: string;
  path: readonly string[];
}

/** What was refused, as a `Form` shows it. */
export interface FormErrors {
  /** By the name of the field. */
  fields: Record<string, string[]>;
  /** What belongs to no field of the form. */
  form: string[];
}

/**
 * Sorts what was refused by the fields of a form. A field is named as its input is, with dots: `name`, `options.name`. What
 * is blamed on a part of a field (`["input", "emails", "2"]`) goes to the field (`emails`), unless the form has one for
 * that part.
 */
export function formErrors(userErrors: readonly UserError[], fields: readonly string[]): FormErrors {
  const errors: FormErrors = { fields: {}, form: [] };
  for (const { message, path } of userErrors) {
    const field = blamedField(path, fields);
    if (field === undefined) {
      errors.form.push(message);
    } else {
      errors.fields[field] ??= [];
      errors.fields[field].push(message);
    }
  }
  return errors;
}

function blamedField(path: readonly string[], fields: readonly string[]): string | undefined {
  const parts = path[0] === "input" ? path.slice(1) : path;
  for (let length = parts.length; length > 0; length--) {
    const name = parts.slice(0, length).join(".");
    if (fields.includes(name)) return name;
  }
  return undefined;
}

/** Why there is no answer, or none that can be used. */
export interface Failure {
  /** `extensions.code`, or `NETWORK` where there was no answer at all. */
  code: string;
  /** A headline for it. */
  title: string;
  /** What to tell people. */
  message: string;
  /** What finds the cause in the log of the service. */
  requestId: string | null;
  /** Whether another try may go well. */
  isPassing: boolean;
}

const titles: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: "You are not signed in",
  FORBIDDEN: "You may not see this",
  INSUFFICIENT_SCOPE: "You may not see this",
  RATE_LIMITED: "Too many requests",
  SSO_REQUIRED: "Sign in through your organization",
  TWO_FACTOR_REQUIRED: "A second factor is needed",
  EMAIL_VERIFICATION_REQUIRED: "A verified address is needed",
  MEMBER_DISABLED_OVER_LIMIT: "Your membership is disabled",
  SUDO_REQUIRED: "Sign in again to do this",
};

/** Failures after which the same may go well a little later. */
export const passing: ReadonlySet<string> = new Set([
  "NETWORK",
  "INTERNAL",
  "LOCK_TIMEOUT",
  "RATE_LIMITED",
  "TIMEOUT",
  "TOO_MANY_SUBSCRIPTIONS",
  "UNAVAILABLE",
]);

/** There is no answer at all. */
export const unreachable: Failure = {
  code: "NETWORK",
  title: "Roster cannot be reached",
  message: "Check your connection and try again.",
  requestId: null,
  isPassing: true,
};

/** The one failure to tell of an error, which may hold several: the first that the API has given a code. */
export function failureOf(error: CombinedError): Failure {
  const code = errorCodes(error)[0] ?? (error.networkError ? unreachable.code : "INTERNAL");
  if (code === unreachable.code) return { ...unreachable, requestId: requestIdOf(error) };
  return {
    code,
    title: titles[code] ?? "Something went wrong",
    message: error.graphQLErrors[0]?.message ?? "Something went wrong on our side.",
    requestId: requestIdOf(error),
    isPassing: passing.has(code),
  };
}

/** All codes of an error. */
export function errorCodes(error: CombinedError): string[] {
  const codes = error.graphQLErrors.map(({ extensions }) => extensions.code);
  return codes.filter((code) => typeof code === "string");
}

function requestIdOf({ response }: CombinedError): string | null {
  return response instanceof Response ? response.headers.get("x-request-id") : null;
}
