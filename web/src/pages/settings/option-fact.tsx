import { Lock } from "lucide-react";
import type { Option } from "../../ui/option-list.tsx";
import type { Draft, OptionSpec } from "./option-spec.ts";
import { relaysOf, textsOf } from "./option-spec.ts";
import styles from "./settings.module.css";
import { withCode } from "./with-code.tsx";

export interface OptionFactProps {
  spec: OptionSpec;
  draft: Draft;
  roles: readonly Option[];
  /** Why it cannot be changed; none where the caller may change nothing here. */
  reason?: string | undefined;
}

/** An option that the caller can only look at. */
export function OptionFact({ spec, draft, roles, reason }: OptionFactProps) {
  return (
    <div className={styles.fact}>
      <div className={styles.factTexts}>
        <p className={styles.factName}>{spec.label}</p>
        {spec.description && <p className={styles.muted}>{withCode(spec.description)}</p>}
        {reason && (
          <p className={styles.reason}>
            <Lock size={13} aria-hidden="true" /> {reason}
          </p>
        )}
      </div>
      <p className={styles.factValue}>{valueInWords(spec, draft, roles)}</p>
    </div>
  );
}

function valueInWords(spec: OptionSpec, draft: Draft, roles: readonly Option[]): string {
  switch (spec.kind) {
    case "boolean":
      return (draft ?? spec.default) === true ? "On" : "Off";
    case "number":
      return typeof draft === "number" ? draft.toLocaleString("en") : "Not set";
    case "role":
      return roles.find(({ id }) => id === draft)?.name ?? String(draft);
    case "choice":
      return typeof draft === "string" ? String(JSON.parse(draft)) : "Not set";
    case "choices":
      return textsOf(draft).join(", ") || "None";
    case "relays":
      return (
        relaysOf(draft)
          .map(({ name }) => name)
          .join(", ") || "None"
      );
    case "json":
      return draft ? "Set" : "Not set";
    case "list":
      return typeof draft === "string" && draft !== "" ? draft.split("\n").join(", ") : "None";
    case "text":
      return typeof draft === "string" && draft !== "" ? draft : "Not set";
  }
}
