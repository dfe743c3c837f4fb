import { optionLabel } from "../settings/option-label.ts";

/** Something that an entry tells besides its sentence. */
export interface EntryFact {
  name: string;
  value: string;
}

/** What changed, of an entry that tells of changes: each in words, such as “from 1 to 20”. */
export function changesIn(event: string, data: unknown): EntryFact[] {
  return event === "org.edit" ? factsIn(data) : [];
}

/** Global ids, of which the entry has names, too. */
const ids: ReadonlySet<string> = new Set(["id", "member_id", "teams", "user"]);

/** What an entry has, whatever it is; so what a later server tells is readable, too. Nulls and empty lists say nothing. */
export function factsIn(data: unknown): EntryFact[] {
  if (typeof data !== "object" || data === null) return [];
  return Object.entries(data).flatMap(([name, value]) => {
    const text = inWords(value);
    return text === "" || ids.has(name) ? [] : [{ name: optionLabel(name), value: text }];
  });
}

function inWords(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(inWords).join(", ");
  if (typeof value === "boolean") return value ? "Yes" : "No";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The sentence of an entry, without its subject. Where the API names each change, names will do. */
export function sentenceOf(event: string, message: string, data: unknown): string {
  const [first, second, ...others] = changesIn(event, data).map(({ name }) => name);
  if (first === undefined) return message;
  const names = [
    first,
    ...(second === undefined ? [] : [second]),
    ...(others.length === 0 ? [] : [`${others.length} more`]),
  ];
  return `changed ${new Intl.ListFormat("en").format(names)}`;
}
