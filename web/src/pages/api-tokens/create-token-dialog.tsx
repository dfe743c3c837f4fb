import { useState } from "react";
import * as v from "valibot";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import { useDraft } from "../../session/use-draft.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { Alert } from "../../ui/alert.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { Form } from "../../ui/form.tsx";
import { SecretOnce } from "../../ui/secret-once.tsx";
import { Select } from "../../ui/select.tsx";
import { TextField } from "../../ui/text-field.tsx";
import styles from "./api-tokens.module.css";
import { endOf, lifetimes } from "./expiry.ts";
import { CreateApiToken } from "./mutations.ts";
import { ScopeChoice } from "./scope-choice.tsx";
import { leastScopes } from "./scopes.ts";

export interface CreateTokenDialogProps {
  isOpen: boolean;
  onClose: () => void;
}

/** Makes a token, and shows its secret once. */
export function CreateTokenDialog({ isOpen, onClose }: CreateTokenDialogProps) {
  const [secret, setSecret] = useState<string | null>(null);

  function close() {
    setSecret(null);
    onClose();
  }

  return (
    <Dialog
      isWide
      title={secret === null ? "Create an API token" : "Your new API token"}
      isOpen={isOpen}
      isDismissable={secret === null}
      onClose={close}
    >
      {secret === null ? (
        <CreateTokenForm onCreated={setSecret} onClose={close} />
      ) : (
        <SecretOnce label="Secret of the API token" secret={secret} onDone={close}>
          Put it where your app keeps its secrets. Whoever has it can do what the token may do. If it gets
          lost, revoke this token and make another.
        </SecretOnce>
      )}
    </Dialog>
  );
}

const TokenDraft = v.object({
  name: v.string(),
  scopes: v.pipe(v.array(v.string()), v.readonly()),
  lifetime: v.picklist(lifetimes.map(({ id }) => id)),
  /** The last day, for a lifetime that ends on a date. */
  date: v.string(),
});

type TokenDraft = v.InferOutput<typeof TokenDraft>;

interface CreateTokenFormProps {
  onCreated: (secret: string) => void;
  onClose: () => void;
}

function CreateTokenForm({ onCreated, onClose }: CreateTokenFormProps) {
  const organization = useOrganization();
  const [draft, setDraft] = useDraft<TokenDraft>(`api-token.${organization.id}`, TokenDraft, {
    name: "",
    scopes: [],
    lifetime: "90",
    date: "",
  });
  const { name, scopes, lifetime, date } = draft;
  const change = (changes: Partial<TokenDraft>) => setDraft({ ...draft, ...changes });
  const [errors, setErrors] = useState<FormErrors>();
  const { run, isRunning } = useMutation(CreateApiToken);

  async function create() {
    const outcome = await run({
      input: {
        organizationId: organization.id,
        name,
        scopes: leastScopes(scopes),
        expiresAt: endOf(lifetime, date, Date.now()),
      },
    });
    setErrors(errorsOf(outcome, ["name", "scopes", "expiresAt"]));
    if (outcome.kind === "ok" && outcome.payload.secret) onCreated(outcome.payload.secret);
  }

  return (
    <Form errors={errors} onSubmit={create}>
      <TextField
        label="Name"
        description="What it is for, so that somebody else knows later whether it is still needed."
        name="name"
        value={name}
        onChange={(typed) => change({ name: typed })}
        isRequired
        maxLength={64}
        autoFocus
        autoComplete="off"
      />
      <div className={styles.expiry}>
        <Select
          label="Good for"
          name={lifetime === "date" ? "lifetime" : "expiresAt"}
          options={lifetimes}
          value={lifetime}
          onChange={(chosen) => change({ lifetime: chosen })}
        />
        {lifetime === "date" && (
          <TextField
            label="Last day"
            name="expiresAt"
            type="date"
            value={date}
            onChange={(day) => change({ date: day })}
            isRequired
          />
        )}
      </div>
      <div className={styles.scopes}>
        <h3>What it may do</h3>
        <p className={styles.muted}>
          As little as the app needs. You can give what you may do yourself. The token belongs to the
          organization: it stays good when you leave.
        </p>
        {errors?.fields.scopes && (
          <Alert tone="danger">
            {errors.fields.scopes.map((message) => (
              <p key={message}>{message}</p>
            ))}
          </Alert>
        )}
        <ScopeChoice
          offered={organization.viewerScopes}
          chosen={scopes}
          onChange={(chosen) => change({ scopes: chosen })}
        />
      </div>
      <DialogActions>
        <Button onPress={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" isPending={isRunning} isDisabled={scopes.length === 0}>
          Create
        </Button>
      </DialogActions>
    </Form>
  );
}
