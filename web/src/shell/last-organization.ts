const key = "roster.organization";

/** The slug of the organization that was open last on this device. */
export function lastOrganization(): string | null {
  return localStorage.getItem(key);
}

/** Remembers the organization that is open. */
export function rememberOrganization(slug: string): void {
  localStorage.setItem(key, slug);
}
