/** How many people can be invited at once. */
export const addressesMax = 100;

/** The addresses in a text, as people paste it: by commas, spaces or lines, or as a mail program writes them. */
export function addressesIn(text: string): string[] {
  const entries = text.split(/[,;\r\n\t]+/);
  return entries.flatMap((entry) => {
    const bracketed = [...entry.matchAll(/<([^<>\s]+)>/g)].flatMap(([, address]) => address ?? []);
    return bracketed.length > 0 ? bracketed : entry.split(/\s+/).filter(Boolean);
  });
}

/** Addresses together with more of them, each once: letter case makes no other address. */
export function withAddresses(addresses: readonly string[], more: readonly string[]): string[] {
  const folded = new Map<string, string>();
  for (const address of [...addresses, ...more]) {
    const key = address.toLowerCase();
    if (!folded.has(key)) folded.set(key, address);
  }
  return [...folded.values()];
}

/** Splits what is being typed into addresses that are whole, and the rest. A space ends an address, but no name before one. */
export function splitTyped(typed: string): { whole: string[]; rest: string } {
  const end = Math.max(typed.lastIndexOf(","), typed.lastIndexOf(";"));
  const tail = typed.slice(end + 1);
  if (/^\s*[^\s<>]+@[^\s<>]+\s/.test(tail)) return { whole: addressesIn(typed), rest: "" };
  return { whole: addressesIn(typed.slice(0, Math.max(end, 0))), rest: tail.trimStart() };
}

/** Whether a text could be an address. Only the API knows whether it is one that can be invited. */
export function looksLikeAddress(text: string): boolean {
  return /^[^\s@]+@[^\s@]+$/.test(text);
}
