import { Checkbox } from "../../ui/checkbox.tsx";
import styles from "./api-tokens.module.css";
import { familiesOf, impliedBy } from "./scopes.ts";

export interface ScopeChoiceProps {
  /** What the caller has, and so may give. */
  offered: readonly string[];
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
}

/** What a token may do. What comes with something that is chosen is ticked by itself. */
export function ScopeChoice({ offered, chosen, onChange }: ScopeChoiceProps) {
  const brought = impliedBy(chosen);

  function toggle(scope: string, isChosen: boolean) {
    onChange(isChosen ? [...chosen, scope] : chosen.filter((other) => other !== scope));
  }

  return (
    <div className={styles.families}>
      {familiesOf(offered).map(({ name, scopes }) => (
        <fieldset key={name} className={styles.family}>
          <legend>{name}</legend>
          {scopes.map(({ scope, description }) => {
            const from = brought.get(scope);
            return (
              <Checkbox
                key={scope}
                label={<code>{scope}</code>}
                description={from ? `${description} Comes with ${from}.` : description}
                isSelected={from !== undefined || chosen.includes(scope)}
                isDisabled={from !== undefined}
                onChange={(isChosen) => toggle(scope, isChosen)}
              />
            );
          })}
        </fieldset>
      ))}
    </div>
  );
}
