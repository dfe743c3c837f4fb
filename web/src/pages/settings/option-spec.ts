import * as v from "valibot";

/** An option, whoever declared it: what its field has to know. */
export interface OptionSpec {
  name: string;
  label: string;
  description: string | null;
  kind: "boolean" | "number" | "text" | "list" | "choice" | "choices" | "role" | "json" | "relays";
  /** How its value is written. */
  hint?: string;
  isInteger?: boolean;
  min?: number;
  /** Of a text the most characters. */
  max?: number;
  /** The only values of a choice, or of each in a list. */
  choices?: readonly unknown[];
  /** What counts while nothing is set. */
  default: unknown;
  /** Whether an empty field clears it, so that the default counts. */
  isClearable: boolean;
}

const RelayDraft = v.object({
  /** What it is known by on the page, whatever is changed about it. */
  id: v.number(),
  name: v.string(),
  publicKey: v.string(),
  description: v.string(),
});

/** A relay that is being edited. */
export type RelayDraft = v.InferOutput<typeof RelayDraft>;

const Draft = v.nullable(
  v.union([
    v.boolean(),
    v.number(),
    v.string(),
    v.pipe(v.array(v.string()), v.readonly()),
    v.pipe(v.array(RelayDraft), v.readonly()),
  ]),
);

/**
 * What stands in the field of an option: lists and JSON as text, a choice as JSON, a role by its id. Null where nothing is
 * chosen.
 */
export type Draft = v.InferOutput<typeof Draft>;

/** What stands in a field that nobody has touched. */
export function draftOf({ kind }: OptionSpec, value: unknown): Draft {
  switch (kind) {
    case "boolean":
      return typeof value === "boolean" ? value : null;
    case "number":
      return typeof value === "number" ? value : null;
    case "text":
      return typeof value === "string" ? value : "";
    case "list":
      return textsOf(value).join("\n");
    case "choice":
      return value === null || value === undefined ? null : JSON.stringify(value);
    case "choices":
      return Array.isArray(value) ? textsOf(value) : null;
    case "role":
      return textOf(value, "id");
    case "json":
      return value === null || value === undefined ? "" : JSON.stringify(value, null, 2);
    case "relays":
      return (Array.isArray(value) ? value : []).map((relay: unknown, id) => ({
        id,
        name: textOf(relay, "name"),
        publicKey: textOf(relay, "publicKey"),
        description: textOf(relay, "description"),
      }));
  }
}

/** What a field says, as the API takes it. */
export function inputOf({ kind }: OptionSpec, draft: Draft): unknown {
  switch (kind) {
    case "list":
      return lines(draft);
    case "choice":
      return typeof draft === "string" ? JSON.parse(draft) : null;
    case "text":
    case "json":
      return typeof draft === "string" && draft.trim() !== "" ? draft : null;
    case "relays":
      return relaysOf(draft).map(({ name, publicKey, description }) => ({
        name: name.trim(),
        publicKey: publicKey.trim(),
        description: description.trim() || null,
      }));
    default:
      return draft;
  }
}

/** The fields that somebody has touched, by the names of their options. */
export const Drafts = v.pipe(v.record(v.string(), Draft), v.readonly());

export type Drafts = v.InferOutput<typeof Drafts>;

/** What of the drafts is to be saved: what differs from the values, and nothing else. */
export function changesOf(
  specs: readonly OptionSpec[],
  values: Readonly<Record<string, unknown>>,
  drafts: Drafts,
): Record<string, unknown> {
  const changed = specs.flatMap((spec) => {
    const draft = drafts[spec.name];
    if (draft === undefined) return [];
    const present = draftOf(spec, values[spec.name]);
    return isSame(spec, draft, present) ? [] : [[spec.name, inputOf(spec, draft)]];
  });
  return Object.fromEntries(changed);
}

function isSame(spec: OptionSpec, draft: Draft, present: Draft): boolean {
  return comparable(spec, draft) === comparable(spec, present);
}

/** The API writes nothing when only the order of relays is another. */
function comparable(spec: OptionSpec, draft: Draft): string {
  const input = inputOf(spec, draft);
  if (spec.kind !== "relays" || !Array.isArray(input)) return JSON.stringify(input);
  return JSON.stringify(input.map((relay) => JSON.stringify(relay)).sort());
}

/** Whether relays are only in another order. */
export function isReordered(draft: readonly RelayDraft[], present: readonly RelayDraft[]): boolean {
  const keys = (relays: readonly RelayDraft[]) => relays.map(({ publicKey }) => publicKey);
  return (
    JSON.stringify(keys(draft)) !== JSON.stringify(keys(present)) &&
    JSON.stringify(keys(draft).sort()) === JSON.stringify(keys(present).sort())
  );
}

/** The draft of a list of relays. */
export function relaysOf(draft: Draft): readonly RelayDraft[] {
  if (!Array.isArray(draft)) return [];
  return draft.filter((entry: unknown): entry is RelayDraft => typeof entry === "object" && entry !== null);
}

/** The texts of a list. */
export function textsOf(list: unknown): string[] {
  return Array.isArray(list) ? list.filter((entry: unknown) => typeof entry === "string") : [];
}

function lines(draft: Draft): string[] {
  if (typeof draft !== "string") return [];
  return draft
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function textOf(object: unknown, key: string): string {
  if (typeof object !== "object" || object === null) return "";
  const value: unknown = Reflect.get(object, key);
  return typeof value === "string" ? value : "";
}
