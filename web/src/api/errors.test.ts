import { CombinedError } from "@urql/core";
import { describe, expect, it } from "vitest";
import { failureOf, formErrors } from "./errors.ts";

describe("formErrors", () => {
  const taken = { code: "SLUG_TAKEN", message: "Taken.", path: ["input", "slug"] } as const;

  it("puts an error to the field that its path names", () => {
    expect(formErrors([taken], ["name", "slug"])).toEqual({ fields: { slug: ["Taken."] }, form: [] });
  });

  it("puts an error of a part to the closest field that the form has", () => {
    const invalid = {
      code: "INVALID_EMAIL",
      message: "No address.",
      path: ["input", "emails", "2"],
    } as const;
    expect(formErrors([invalid], ["emails"]).fields).toEqual({ emails: ["No address."] });
    expect(formErrors([invalid], ["emails", "emails.2"]).fields).toEqual({ "emails.2": ["No address."] });
  });

  it("gives the form what belongs to none of its fields", () => {
    const owner = { code: "LAST_OWNER", message: "Stay.", path: [] } as const;
    expect(formErrors([owner, taken], ["name"])).toEqual({ fields: {}, form: ["Stay.", "Taken."] });
  });

  it("keeps all errors of a field", () => {
    const blank = { code: "SLUG_INVALID", message: "Too short.", path: ["input", "slug"] } as const;
    expect(formErrors([taken, blank], ["slug"]).fields).toEqual({ slug: ["Taken.", "Too short."] });
  });
});

describe("failureOf", () => {
  it("knows an error by its code", () => {
    const error = new CombinedError({
      graphQLErrors: [{ message: "Slow down.", extensions: { code: "RATE_LIMITED" } }],
      response: new Response(null, { headers: { "x-request-id": "r-1" } }),
    });
    expect(failureOf(error)).toEqual({
      code: "RATE_LIMITED",
      title: "Too many requests",
      message: "Slow down.",
      requestId: "r-1",
      isPassing: true,
    });
  });

  it("tells a network that fails from a service that does", () => {
    expect(failureOf(new CombinedError({ networkError: new Error("Failed to fetch") }))).toMatchObject({
      code: "NETWORK",
      isPassing: true,
    });
    expect(failureOf(new CombinedError({ graphQLErrors: ["odd"] }))).toMatchObject({ code: "INTERNAL" });
  });
});
