import { useEffect, useState } from "react";
import { type OptionName, options } from "../../registry/options.ts";
import { optionLabel } from "./option-label.ts";
import { draftOf, inputOf } from "./option-spec.ts";
import { useSave } from "./save.ts";

/** Options that cannot be changed here and now, and why not. */
export type Locks = Readonly<Partial<Record<string, string>>>;

/**
 * Asks the API what it would refuse, so that nobody fills in a form in vain: the feature is off, the option is not
 * configurable, a requirement needs something of the caller first. A dry run tells it: switches the other way round, and
 * everything else as it is.
 */
export function useLocks(values: Readonly<Record<string, unknown>>, isAsked: boolean): Locks {
  const { rehearse } = useSave();
  const [locks, setLocks] = useState<Locks>({});
  const question = isAsked ? JSON.stringify(changesToTry(values)) : null;

  useEffect(() => {
    if (question === null) return;
    let isCurrent = true;
    rehearse(JSON.parse(question), []).then(({ userErrors }) => {
      if (!isCurrent) return;
      // A value that does not suit another one is for the form to tell.
      const refused = userErrors.filter(({ code }) => code !== "VALIDATION_FAILED");
      setLocks(Object.fromEntries(refused.map(({ path, message }) => [path[1], message])));
    });
    return () => {
      isCurrent = false;
    };
  }, [question, rehearse]);

  return locks;
}

function changesToTry(values: Readonly<Record<string, unknown>>): Partial<Record<OptionName, unknown>> {
  return Object.fromEntries(
    options.map((option) => {
      const value = values[option.name];
      if (option.kind === "boolean") return [option.name, value !== true];
      const spec = { ...option, label: optionLabel(option.name) };
      return [option.name, inputOf(spec, draftOf(spec, value))];
    }),
  );
}
