import * as v from "valibot";

/** Whether a text may be a token: a JSON Web Token of three parts, or an API token. Only the API can tell whether it is one. */
export function looksLikeToken(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text) || /^rst_[\w-]+$/.test(text);
}

const Answer = v.object({
  errors: v.optional(
    v.array(v.object({ extensions: v.optional(v.object({ code: v.optional(v.string()) })) })),
  ),
});

/** Whether the API takes a token, before it is used. Rejects if there is no answer. */
export async function isAccepted(endpoint: string, token: string): Promise<boolean> {
  const response = await fetch(endpoint, {
    method: "POST",
    credentials: "omit",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: "{ viewer { isSuperuser } }" }),
  });
  const { errors = [] } = v.parse(Answer, await response.json());
  return !errors.some(({ extensions }) => extensions?.code === "UNAUTHENTICATED");
}
