import { CombinedError } from "@urql/core";
import { expect, it } from "vitest";
import { isRefusal } from "./live.ts";

it("tries again what may go well a little later, and nothing else", () => {
  const isRefusedWith = (code: string) =>
    isRefusal(new CombinedError({ graphQLErrors: [{ message: "No.", extensions: { code } }] }), [code]);
  for (const code of ["UNAVAILABLE", "INTERNAL", "TIMEOUT", "RATE_LIMITED", "TOO_MANY_SUBSCRIPTIONS"])
    expect(isRefusedWith(code), code).toBe(false);
  for (const code of ["FORBIDDEN", "UNAUTHENTICATED", "ORGANIZATION_NOT_FOUND"])
    expect(isRefusedWith(code), code).toBe(true);
  const closed = (code: number) =>
    new CombinedError({ networkError: new CloseEvent("close", { code }) as never });
  expect(isRefusal(closed(4403), [])).toBe(true);
  expect(isRefusal(closed(1012), [])).toBe(false);
  expect(isRefusal(undefined, [])).toBe(false);
});
