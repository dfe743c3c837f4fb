const key = "roster.theme";

/** Light or dark, or as the device is. */
export type Theme = "system" | "light" | "dark";

/** What was chosen on this device. */
export function chosenTheme(): Theme {
  const stored = localStorage.getItem(key);
  return stored === "light" || stored === "dark" ? stored : "system";
}

/** Chooses a theme, and shows it. */
export function chooseTheme(theme: Theme): void {
  if (theme === "system") localStorage.removeItem(key);
  else localStorage.setItem(key, theme);
  applyTheme();
}

/** Shows what was chosen. Called before anything is drawn, so that nothing flashes. */
export function applyTheme(): void {
  const theme = chosenTheme();
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
