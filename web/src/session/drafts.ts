const prefix = "roster.draft.";

function keyOf(subject: string, name: string): string {
  return `${prefix}${subject}.${name}`;
}

/** What somebody has begun to type, as JSON, if it was kept. */
export function keptDraft(subject: string, name: string): string | null {
  return sessionStorage.getItem(keyOf(subject, name));
}

/** Keeps what somebody has typed for them alone, until it is forgotten. */
export function keepDraft(subject: string, name: string, draft: unknown): void {
  sessionStorage.setItem(keyOf(subject, name), JSON.stringify(draft));
}

/** Forgets a draft that is done, or not wanted. */
export function forgetDraft(subject: string, name: string): void {
  sessionStorage.removeItem(keyOf(subject, name));
}

/** Forgets all drafts of this tab. */
export function forgetDrafts(): void {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(prefix)) sessionStorage.removeItem(key);
  }
}
