import type { CustomOptionDetailsFragment } from "../../gql/graphql.ts";
import { graphql } from "../../gql/index.ts";
import { optionLabel } from "./option-label.ts";
import type { OptionSpec } from "./option-spec.ts";

/** An option that the deployment has declared of its own. */
export const CustomOptionDetails = graphql(`
  fragment CustomOptionDetails on CustomOption {
    name
    description
    type
    min
    max
    pattern
    values
    scope
    default
    value
    isSet
  }
`);

/** What the field of such an option has to know. */
export function customSpec(option: CustomOptionDetailsFragment): OptionSpec {
  const { name, description, min, max, values } = option;
  return {
    name,
    label: optionLabel(name),
    description,
    kind: kindOf(option),
    default: option.default,
    isClearable: true,
    isInteger: option.type === "INT",
    ...(min !== null && { min }),
    ...(max !== null && { max }),
    ...(values !== null && { choices: values }),
    ...(option.type.startsWith("TEXT") && { hint: hintOf(option) }),
  };
}

function kindOf({ type, values }: CustomOptionDetailsFragment): OptionSpec["kind"] {
  switch (type) {
    case "BOOL":
      return "boolean";
    case "INT":
    case "FLOAT":
      return values ? "choice" : "number";
    case "TEXT":
      return values ? "choice" : "text";
    case "TEXTS":
      return values ? "choices" : "list";
  }
}

function hintOf({ type, values, min, max, pattern }: CustomOptionDetailsFragment): string {
  if (values) return "";
  const isList = type === "TEXTS";
  const what = isList ? "entries" : "characters";
  return [
    isList && "One in a line.",
    min !== null && max !== null && `${min} to ${max.toLocaleString("en")} ${what}.`,
    pattern !== null && `${isList ? "Each is" : "It is"} like \`${pattern}\`.`,
  ]
    .filter((sentence) => sentence !== false)
    .join(" ");
}
