import * as v from "valibot";

const Claims = v.object({
  sub: v.string(),
  name: v.optional(v.string()),
  email: v.optional(v.string()),
  email_verified: v.optional(v.boolean()),
  amr: v.optional(v.array(v.string())),
  idp: v.optional(v.string()),
});

/** What a token says about the person. */
export type Claims = v.InferOutput<typeof Claims>;

/** Reads a token without asking whether it is genuine, which only the API can tell. Null: it is no JSON Web Token. */
export function claimsOf(token: string): Claims | null {
  const payload = token.split(".")[1];
  if (payload === undefined) return null;
  const claims = v.safeParse(v.pipe(v.string(), v.parseJson(), Claims), decoded(payload));
  return claims.success ? claims.output : null;
}

function decoded(base64url: string): string | null {
  try {
    const bytes = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
    return new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
  } catch {
    return null;
  }
}
