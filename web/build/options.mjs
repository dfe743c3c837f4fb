// Writes what the schema says of the options of an organization: a table of them, and the fragment that reads them all. The
// API makes both its types from the same registry; so what is added there is here without a word.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { buildSchema, getNamedType } from "graphql";

const schema = buildSchema(readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8"));
const inputs = schema.getType("SaveOrgOptionsInput").getFields();
const outputs = schema.getType("OrganizationOptions").getFields();

/** Options of the deployment's own are not in the schema: the API tells of them when it is asked. */
const isOption = ({ name }) => name in inputs && name !== "customOptions";

const options = Object.values(outputs)
  .filter(isOption)
  .map((output) => {
    const given = inputs[output.name].description;
    return {
      name: output.name,
      description: inWords(meaningOf(output)),
      ...kindOf(output, inputs[output.name]),
      default: JSON.parse(/Default: `(.*)`\.$/.exec(output.description)?.[1] ?? "null"),
      isClearable: given.endsWith("Null clears it."),
    };
  });

function kindOf(output, input) {
  const given = input.description;
  const bounds = given.slice(meaningOf(output).length);
  switch (`${input.type}`) {
    case "Boolean":
      return { kind: "boolean" };
    case "Int":
    case "Float":
      return { kind: "number", isInteger: `${input.type}` === "Int", ...spanOf(bounds) };
    case "JSON":
      return {
        kind: "json",
        hint: "A JSON object; `rules` is an object, `applications` an object of lists.",
      };
    case "[String!]":
      return { kind: "list", hint: `One in a line. ${bounds.trim()}` };
    case "[TrustedRelayInput!]":
      return { kind: "relays" };
    case "String": {
      if (getNamedType(output.type).name === "OrgRole") return { kind: "role" };
      const words = /One of (.*?)\./.exec(bounds)?.[1];
      if (words) return { kind: "choice", choices: [...words.matchAll(/`(.*?)`/g)].map(([, word]) => word) };
      return { kind: "text" };
    }
    default:
      throw new Error(`No field is made for ${input.name}: ${input.type} yet; say how in build/options.mjs.`);
  }
}

/** What an option is for, without its default. */
function meaningOf({ description }) {
  return description.replace(/ Default: `.*`\.$/, "");
}

/** As people say it who look at a form. */
function inWords(meaning) {
  return meaning.replace("null", "nothing").replace("False ", "Off ");
}

function spanOf(bounds) {
  const [, min, max] = /A number (?:from|of at least) (-?\d+)(?: to (-?\d+))?/.exec(bounds) ?? [];
  return { ...(min && { min: Number(min) }), ...(max && { max: Number(max) }) };
}

function selectionOf({ name, type }) {
  switch (getNamedType(type).name) {
    case "OrgRole":
      return `${name} { id }`;
    case "TrustedRelay":
      return `${name} { publicKey name description }`;
    default:
      return name;
  }
}

const folder = new URL("../src/registry/", import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(
  new URL("option-values.graphql", folder),
  `fragment OptionValues on OrganizationOptions {
${Object.values(outputs)
  .filter(isOption)
  .map((output) => `  ${selectionOf(output)}\n`)
  .join("")}}
`,
);
writeFileSync(
  new URL("options.ts", folder),
  `/** The options that the schema knows. */
export const options = ${JSON.stringify(options, null, 2)} as const;
export type OptionName = (typeof options)[number]["name"];
`,
);
