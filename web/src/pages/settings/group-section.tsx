import { useState } from "react";
import type { FormErrors } from "../../api/errors.ts";
import { useOrganization } from "../../shell/organization.tsx";
import type { Option } from "../../ui/option-list.tsx";
import { PageSection } from "../../ui/page-section.tsx";
import { ImpactDialog } from "./impact-dialog.tsx";
import type { Locks } from "./locks.ts";
import { type OptionGroup, specsOf } from "./option-groups.ts";
import type { OptionSpec } from "./option-spec.ts";
import { OptionsForm } from "./options-form.tsx";
import { type Impact, useSave } from "./save.ts";

export interface GroupSectionProps {
  group: OptionGroup;
  values: Readonly<Record<string, unknown>>;
  roles: readonly Option[];
  locks: Locks;
  isReadOnly: boolean;
}

/** A group of options. Where members may lose access, it is shown who, and saved only after that. */
export function GroupSection({ group, values, ...form }: GroupSectionProps) {
  const { id: organizationId } = useOrganization();
  const { save, rehearse, isRunning } = useSave();
  const [asked, setAsked] = useState<{ impact: Impact; answer: (isConfirmed: boolean) => void } | null>(null);
  const specs = specsOf(group);

  async function check(changes: Record<string, unknown>): Promise<FormErrors | null | undefined> {
    const fields = fieldsOf(specs, changes);
    if (group.isRequirement && Object.values(changes).includes(true)) {
      const { impact, errors } = await rehearse(changes, fields);
      if (errors) return errors;
      if (impact && !(await isConfirmed(impact))) return null;
    }
    const errors = await save(changes, fields);
    setAsked(null);
    return errors;
  }

  function isConfirmed(impact: Impact) {
    return new Promise<boolean>((answer) => setAsked({ impact, answer }));
  }

  function close() {
    asked?.answer(false);
    setAsked(null);
  }

  return (
    <PageSection title={group.title} lead={group.lead}>
      <OptionsForm
        {...form}
        name={`options.${organizationId}.${group.id}`}
        specs={specs}
        values={values}
        isSaving={isRunning}
        onSave={check}
      />
      <ImpactDialog
        impact={asked?.impact ?? null}
        isSaving={isRunning}
        onConfirm={() => asked?.answer(true)}
        onClose={close}
      />
    </PageSection>
  );
}

/** The names of all fields: of each option, and of each part of a relay. */
function fieldsOf(specs: readonly OptionSpec[], changes: Record<string, unknown>): string[] {
  return specs.flatMap(({ name, kind }) => {
    const value = changes[name];
    if (kind !== "relays" || !Array.isArray(value)) return [name];
    return [
      name,
      ...value.flatMap((_, index) =>
        ["name", "publicKey", "description"].map((part) => `${name}.${index}.${part}`),
      ),
    ];
  });
}
