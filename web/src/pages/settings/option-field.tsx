import type { ReactNode } from "react";
import { Checkbox } from "../../ui/checkbox.tsx";
import { CheckboxGroup } from "../../ui/checkbox-group.tsx";
import { NumberField } from "../../ui/number-field.tsx";
import type { Option } from "../../ui/option-list.tsx";
import { Select } from "../../ui/select.tsx";
import { TextArea } from "../../ui/text-area.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { type Draft, type OptionSpec, relaysOf, textsOf } from "./option-spec.ts";
import { RelaysField } from "./relays-field.tsx";
import { withCode } from "./with-code.tsx";

export interface OptionFieldProps {
  spec: OptionSpec;
  draft: Draft;
  /** What stands there while nobody has changed it. */
  present: Draft;
  /** The org roles to choose from. */
  roles: readonly Option[];
  onChange: (draft: Draft) => void;
}

/** The field of an option, made from what the API says of it. */
export function OptionField({ spec, draft, present, roles, onChange }: OptionFieldProps) {
  const texts = { label: spec.label, name: spec.name, description: describe(spec) };
  switch (spec.kind) {
    case "boolean":
      return (
        <Checkbox
          {...texts}
          isSelected={draft === null ? spec.default === true : draft === true}
          onChange={onChange}
        />
      );
    case "number":
      return (
        <NumberField
          {...texts}
          value={typeof draft === "number" ? draft : Number.NaN}
          onChange={(value) => onChange(Number.isNaN(value) ? null : value)}
          isRequired={!spec.isClearable}
          {...(spec.min !== undefined && { minValue: spec.min })}
          {...(spec.max !== undefined && { maxValue: spec.max })}
          formatOptions={{ maximumFractionDigits: spec.isInteger ? 0 : 6 }}
        />
      );
    case "text":
      return (
        <TextField
          {...texts}
          value={typeof draft === "string" ? draft : ""}
          onChange={onChange}
          {...(spec.max !== undefined && { maxLength: spec.max })}
          autoComplete="off"
        />
      );
    case "list":
    case "json":
      return (
        <TextArea
          {...texts}
          value={typeof draft === "string" ? draft : ""}
          onChange={onChange}
          isMonospaced
          spellCheck="false"
        />
      );
    case "role":
      return (
        <Select
          {...texts}
          options={roles}
          value={typeof draft === "string" ? draft : null}
          onChange={onChange}
        />
      );
    case "choice":
      return (
        <Select
          {...texts}
          options={(spec.choices ?? []).map((choice) => ({
            id: JSON.stringify(choice),
            name: String(choice),
          }))}
          value={typeof draft === "string" ? draft : null}
          onChange={onChange}
        />
      );
    case "choices":
      return (
        <CheckboxGroup
          {...texts}
          options={textsOf(spec.choices).map((choice) => ({ id: choice, name: choice }))}
          value={textsOf(draft ?? spec.default)}
          onChange={onChange}
        />
      );
    case "relays":
      return (
        <RelaysField {...texts} relays={relaysOf(draft)} present={relaysOf(present)} onChange={onChange} />
      );
  }
}

/** What it is for, how it is written, and what counts when it is left empty. */
function describe(spec: OptionSpec): ReactNode {
  const sentences = [
    spec.description,
    spec.hint,
    spec.kind === "number" && spanInWords(spec),
    spec.kind === "number" && spec.isClearable && emptyInWords(spec),
  ].filter((sentence) => typeof sentence === "string");
  return sentences.length > 0 && withCode(sentences.join(" "));
}

function spanInWords({ min, max }: OptionSpec): string | undefined {
  if (min !== undefined && max !== undefined) return `From ${min} to ${max.toLocaleString("en")}.`;
  if (min !== undefined) return `At least ${min}.`;
  return max === undefined ? undefined : `At most ${max.toLocaleString("en")}.`;
}

function emptyInWords(spec: OptionSpec): string {
  return spec.default === null || spec.default === undefined
    ? "Leave it empty to set nothing."
    : `Leave it empty for the default, ${spec.default}.`;
}
