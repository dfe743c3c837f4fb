import { type ReactNode, useState } from "react";
import type { FormErrors } from "../../api/errors.ts";
import { useDraft } from "../../session/use-draft.ts";
import { useUnsaved } from "../../shell/unsaved.tsx";
import { Button } from "../../ui/button.tsx";
import { DialogActions } from "../../ui/dialog.tsx";
import { Form } from "../../ui/form.tsx";
import type { Option } from "../../ui/option-list.tsx";
import type { Locks } from "./locks.ts";
import { OptionFact } from "./option-fact.tsx";
import { OptionField } from "./option-field.tsx";
import { changesOf, type Draft, Drafts, draftOf, type OptionSpec } from "./option-spec.ts";

export interface OptionsFormProps {
  /** What is kept of the form is found again by this. Null: nothing is kept, because some of it may be secret. */
  name: string | null;
  specs: readonly OptionSpec[];
  /** What counts now, by the names of the options. */
  values: Readonly<Record<string, unknown>>;
  roles: readonly Option[];
  locks: Locks;
  isReadOnly: boolean;
  isSaving: boolean;
  /** Saves what changed. Answers what was refused, or null if nothing was done after all. */
  onSave: (changes: Record<string, unknown>) => Promise<FormErrors | null | undefined>;
  /** What stands under the field of an option. */
  below?: (spec: OptionSpec) => ReactNode;
}

/**
 * Options that are saved together: what changed, and nothing else. Fields that nobody has touched follow the organization,
 * so that what others change is seen here at once.
 */
export function OptionsForm({
  name,
  specs,
  values,
  roles,
  locks,
  isReadOnly,
  isSaving,
  onSave,
  below,
}: OptionsFormProps) {
  const [drafts, setDrafts] = useDraft<Drafts>(name, Drafts, {});
  const [errors, setErrors] = useState<FormErrors>();
  const changes = changesOf(specs, values, drafts);
  const isChanged = Object.keys(changes).length > 0;
  useUnsaved(isChanged);

  function change(name: string, draft: Draft) {
    setDrafts((present) => ({ ...present, [name]: draft }));
  }

  function undo() {
    setDrafts({});
    setErrors(undefined);
  }

  async function save() {
    if (!isChanged) return;
    const refused = await onSave(changes);
    if (refused === null) return;
    setErrors(refused);
    if (!refused) setDrafts({});
  }

  return (
    <Form errors={errors} onSubmit={save}>
      {specs.map((spec) => {
        const present = draftOf(spec, values[spec.name]);
        const reason = locks[spec.name];
        if (isReadOnly || reason !== undefined) {
          return <OptionFact key={spec.name} spec={spec} draft={present} roles={roles} reason={reason} />;
        }
        return (
          <div key={spec.name}>
            <OptionField
              spec={spec}
              draft={drafts[spec.name] ?? present}
              present={present}
              roles={roles}
              onChange={(draft) => change(spec.name, draft)}
            />
            {below?.(spec)}
          </div>
        );
      })}
      {isChanged && (
        <DialogActions>
          <Button onPress={undo}>Undo</Button>
          <Button type="submit" variant="primary" isPending={isSaving}>
            Save
          </Button>
        </DialogActions>
      )}
    </Form>
  );
}
