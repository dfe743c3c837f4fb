import { type FragmentType, getFragmentData } from "../../gql/index.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { Button } from "../../ui/button.tsx";
import type { Option } from "../../ui/option-list.tsx";
import { PageSection } from "../../ui/page-section.tsx";
import { toastFailure } from "../../ui/toast.tsx";
import { CustomOptionDetails, customSpec } from "./custom-options.ts";
import { OptionsForm } from "./options-form.tsx";
import { useSave } from "./save.ts";

export interface CustomOptionsSectionProps {
  options: readonly FragmentType<typeof CustomOptionDetails>[];
  roles: readonly Option[];
  isReadOnly: boolean;
}

/** The options that the deployment has declared of its own. Nothing where it has declared none. */
export function CustomOptionsSection({ options: masked, roles, isReadOnly }: CustomOptionsSectionProps) {
  const { can } = useOrganization();
  const { save, isRunning } = useSave();
  const options = getFragmentData(CustomOptionDetails, masked);
  if (options.length === 0) return null;

  const isLocked = (scope: string) => !can(scope) && !can("org:admin");
  const locks = options
    .filter(({ scope }) => isLocked(scope))
    .map(({ name, scope }) => [name, `This needs ${scope}.`]);

  async function saveAll(changes: Record<string, unknown>) {
    const customOptions = Object.entries(changes).map(([name, value]) => ({ name, value }));
    const places = customOptions.map((_, index) => `customOptions.${index}`);
    const errors = await save({ customOptions }, places);
    return (
      errors && {
        form: errors.form,
        fields: Object.fromEntries(
          customOptions.map(({ name }, index) => [name, errors.fields[`customOptions.${index}`] ?? []]),
        ),
      }
    );
  }

  async function clear(name: string) {
    const errors = await saveAll({ [name]: null });
    if (errors) toastFailure([...errors.form, ...Object.values(errors.fields).flat()].join(" "));
  }

  return (
    <PageSection title="Further options" lead="What this installation has declared of its own.">
      <OptionsForm
        name={null}
        specs={options.map(customSpec)}
        values={Object.fromEntries(options.map(({ name, value }) => [name, value]))}
        roles={roles}
        locks={Object.fromEntries(locks)}
        isReadOnly={isReadOnly}
        isSaving={isRunning}
        onSave={saveAll}
        below={({ name, label }) =>
          options.find((option) => option.name === name)?.isSet && (
            <Button size="small" variant="quiet" onPress={() => clear(name)}>
              Clear {label}, so that the default counts
            </Button>
          )
        }
      />
    </PageSection>
  );
}
