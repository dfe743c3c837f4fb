/** How words are written that are no ordinary ones. */
const spellings: Readonly<Record<string, string>> = {
  "2fa": "2FA",
  ai: "AI",
  codecov: "Codecov",
  github: "GitHub",
  gitlab: "GitLab",
  ip: "IP",
  javascript: "JavaScript",
  pii: "PII",
  pr: "PR",
};

/**
 * The name of an option for people, made from its name for programs: `allowJoinRequests` is “Allow join requests”. The audit
 * log has names of flags, too, as they are stored (`disable_shared_issues`), and says what else an option belongs to
 * (`customOptions.seats`).
 */
export function optionLabel(name: string): string {
  const words = name
    .replace(/^.*\./, "")
    .replace(/^is(?=[A-Z])/, "")
    .replace("JavaScript", "Javascript")
    .replace(/([a-z])([A-Z0-9])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .split(/[\s_-]+/)
    .map((word) => spellings[word.toLowerCase()] ?? word.toLowerCase())
    .join(" ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
