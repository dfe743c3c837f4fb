import { useState } from "react";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import { useDraft } from "../../session/use-draft.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { Button } from "../../ui/button.tsx";
import { DialogActions } from "../../ui/dialog.tsx";
import { Form } from "../../ui/form.tsx";
import { RadioGroup } from "../../ui/radio-group.tsx";
import { Switch } from "../../ui/switch.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { toastSuccess } from "../../ui/toast.tsx";
import { Consequences } from "./consequences.tsx";
import { SetAuthProvider } from "./mutations.ts";
import { consequencesOf, draftOf, SsoDraft, type SsoSetUp } from "./sso-draft.ts";

export interface SsoFormProps {
  /** Null: nothing is set up yet. */
  present: SsoSetUp | null;
  isTwoFactorRequired: boolean;
  onDone: () => void;
  onCancel: () => void;
}

/** Sets up or changes single sign-on, and says before what that brings about. */
export function SsoForm({ present, isTwoFactorRequired, onDone, onCancel }: SsoFormProps) {
  const organization = useOrganization();
  const [draft, setDraft] = useDraft(`sso.${organization.id}`, SsoDraft, draftOf(present));
  const [errors, setErrors] = useState<FormErrors>();
  const { run, isRunning } = useMutation(SetAuthProvider);
  const change = (changes: Partial<SsoDraft>) => setDraft({ ...draft, ...changes });
  const provider = draft.provider.trim();
  const consequences = provider ? consequencesOf(present, { ...draft, provider }, isTwoFactorRequired) : [];

  async function save() {
    const outcome = await run({
      input: {
        organizationId: organization.id,
        provider,
        name: draft.name.trim() || null,
        allowUnlinked: draft.isOptional,
        scimEnabled: draft.isScimEnabled,
      },
    });
    setErrors(errorsOf(outcome, ["provider", "name"]));
    if (outcome.kind !== "ok") return;
    toastSuccess(present ? "Single sign-on is changed." : "Single sign-on is set up.");
    onDone();
  }

  return (
    <Form errors={errors} onSubmit={save}>
      <TextField
        label="Key of the provider"
        description={
          <>
            What tokens that were issued through it have in the claim <code>idp</code>, or the one that this
            deployment has configured.
          </>
        }
        name="provider"
        value={draft.provider}
        onChange={(typed) => change({ provider: typed })}
        isRequired
        maxLength={64}
        isMonospaced
        autoFocus
        autoComplete="off"
        placeholder="google"
      />
      <TextField
        label="Name to show"
        description="The key is shown if you leave it empty."
        name="name"
        value={draft.name}
        onChange={(name) => change({ name })}
        maxLength={64}
        autoComplete="off"
      />
      <RadioGroup
        label="Who has to use it"
        options={[
          {
            id: "required",
            name: "Every member",
            description:
              "Nobody gets in without a linked identity. To try it out, begin with the other one and link yourself.",
          },
          { id: "optional", name: "Whoever wants to", description: "Members may also sign in without it." },
        ]}
        value={draft.isOptional ? "optional" : "required"}
        onChange={(chosen) => change({ isOptional: chosen === "optional" })}
      />
      <Switch
        label="Members are provisioned by SCIM"
        description="The provider adds and removes members and teams. What it has added cannot be changed here."
        isSelected={draft.isScimEnabled}
        onChange={(isScimEnabled) => change({ isScimEnabled })}
      />
      <Consequences title="When you save" sentences={consequences} />
      <DialogActions>
        <Button onPress={onCancel}>Cancel</Button>
        <Button type="submit" variant="primary" isPending={isRunning}>
          {present ? "Save" : "Set up"}
        </Button>
      </DialogActions>
    </Form>
  );
}
