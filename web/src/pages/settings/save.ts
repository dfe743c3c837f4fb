import { useCallback } from "react";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import type { SaveOrgOptionsInput, SaveOrgOptionsMutation } from "../../gql/graphql.ts";
import { graphql } from "../../gql/index.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { toastFailure, toastSuccess } from "../../ui/toast.tsx";
import { optionLabel } from "./option-label.ts";

const SaveOrgOptions = graphql(`
  mutation SaveOrgOptions($input: SaveOrgOptionsInput!) {
    saveOrgOptions(input: $input) {
      organization {
        id
        ...OrganizationSettings
      }
      ignoredFields
      impact {
        affectedMemberCount
        affectedMembers {
          id
          name
          email
          user {
            id
            avatar {
              ...AvatarImage
            }
          }
        }
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`);

/** What is to be saved: fields of the input, without what is the same for every save. */
export type Changes = Omit<SaveOrgOptionsInput, "organizationId" | "dryRun">;

/** Whom a save would make pending. */
export type Impact = NonNullable<SaveOrgOptionsMutation["saveOrgOptions"]["impact"]>;

/** Saves what is given of the open organization's settings, and says in passing what became of it. */
export function useSave() {
  const { id: organizationId } = useOrganization();
  const { run, isRunning } = useMutation(SaveOrgOptions);

  /** `fields` are those of the form, so that errors find their way there. Answers errors, if any. */
  const save = useCallback(
    async (changes: Changes, fields: readonly string[]): Promise<FormErrors | undefined> => {
      const outcome = await run({ input: { organizationId, ...changes } });
      if (outcome.kind === "ok") tell(outcome.payload);
      return errorsOf(outcome, fields);
    },
    [run, organizationId],
  );

  /** What a save would do. Nothing is saved. */
  const rehearse = useCallback(
    async (changes: Changes, fields: readonly string[]) => {
      const outcome = await run({ input: { organizationId, ...changes, dryRun: true } });
      return {
        impact: outcome.kind === "ok" ? outcome.payload.impact : null,
        userErrors: outcome.kind === "refused" ? outcome.userErrors : [],
        errors: errorsOf(outcome, fields),
      };
    },
    [run, organizationId],
  );

  return { save, rehearse, isRunning };
}

function tell({ ignoredFields }: SaveOrgOptionsMutation["saveOrgOptions"]) {
  if (ignoredFields.length === 0) return toastSuccess("Saved.");
  toastFailure(`Not changed, because you may not set it: ${ignoredFields.map(optionLabel).join(", ")}.`);
}
