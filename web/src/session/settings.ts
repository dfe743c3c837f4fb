import * as v from "valibot";
import { askedOnce } from "../api/asked-once.ts";

const Person = v.object({
  subject: v.string(),
  name: v.string(),
  note: v.string(),
});

const Oidc = v.object({
  issuer: v.string(),
  clientId: v.string(),
  scope: v.string(),
  audience: v.nullable(v.string()),
  token: v.picklist(["access_token", "id_token"]),
});

const Settings = v.object({
  productName: v.string(),
  endpoint: v.string(),
  socket: v.string(),
  development: v.boolean(),
  mailbox: v.nullable(v.string()),
  explorer: v.nullable(v.string()),
  signIn: v.object({
    people: v.optional(v.array(Person), []),
    mint: v.optional(v.string()),
    oidc: v.optional(Oidc),
  }),
});

/** What the console is told by the server that it comes from. */
export type Settings = v.InferOutput<typeof Settings>;

/** An identity provider where people sign in. */
export type OidcSettings = v.InferOutput<typeof Oidc>;

/** Somebody of the demo data whom one can be in development. */
export type DemoPerson = v.InferOutput<typeof Person>;

/** The settings; asked for once. */
export const loadSettings = askedOnce(async () => {
  const response = await fetch("/console/settings.json");
  if (!response.ok) throw new Error(`The settings of the console answered ${response.status}.`);
  return v.parse(Settings, await response.json());
});
