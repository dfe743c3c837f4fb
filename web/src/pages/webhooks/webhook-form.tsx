import * as v from "valibot";
import type { FormErrors } from "../../api/errors.ts";
import { useDraft } from "../../session/use-draft.ts";
import { Alert } from "../../ui/alert.tsx";
import { Button } from "../../ui/button.tsx";
import { Checkbox } from "../../ui/checkbox.tsx";
import { DialogActions } from "../../ui/dialog.tsx";
import { Form } from "../../ui/form.tsx";
import { RadioGroup } from "../../ui/radio-group.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { eventTexts, eventTypes, typeName } from "./event-types.ts";
import styles from "./webhooks.module.css";

const WebhookDraft = v.object({
  url: v.string(),
  description: v.string(),
  /** Null: everything, also what comes with later versions. */
  eventTypes: v.nullable(v.pipe(v.array(v.picklist(eventTypes)), v.readonly())),
});

/** What people say about a webhook. */
export type WebhookDraft = v.InferOutput<typeof WebhookDraft>;

/** The fields of the form, to which errors go. */
export const webhookFields = ["url", "description", "eventTypes"];

export interface WebhookFormProps {
  /** What is kept of the form is found again by this. */
  name: string;
  initial: WebhookDraft;
  action: string;
  errors: FormErrors | undefined;
  isPending: boolean;
  onSubmit: (draft: WebhookDraft) => void;
  onCancel: () => void;
}

/** What a webhook is: where it is called, what for, and what it is told. */
export function WebhookForm({
  name,
  initial,
  action,
  errors,
  isPending,
  onSubmit,
  onCancel,
}: WebhookFormProps) {
  const [draft, setDraft] = useDraft(name, WebhookDraft, initial);
  const change = (changes: Partial<WebhookDraft>) => setDraft({ ...draft, ...changes });
  const chosen = draft.eventTypes;

  return (
    <Form errors={errors} onSubmit={() => onSubmit(draft)}>
      <TextField
        label="URL"
        description="A server in the public internet. It begins with https://."
        name="url"
        type="url"
        inputMode="url"
        value={draft.url}
        onChange={(url) => change({ url })}
        isRequired
        maxLength={2048}
        isMonospaced
        autoFocus
        autoComplete="off"
        placeholder="https://example.com/hooks/roster"
      />
      <TextField
        label="What it is for"
        name="description"
        value={draft.description}
        onChange={(description) => change({ description })}
        maxLength={200}
        autoComplete="off"
      />
      <RadioGroup
        label="What it is told"
        options={[
          { id: "all", name: "Everything", description: "Also types that come with later versions." },
          { id: "some", name: "Some types of events" },
        ]}
        value={chosen === null ? "all" : "some"}
        onChange={(which) => change({ eventTypes: which === "all" ? null : [] })}
      />
      {chosen !== null && (
        <div className={styles.types}>
          {eventTypes.map((type) => (
            <Checkbox
              key={type}
              label={<code>{typeName(type)}</code>}
              description={eventTexts[type]}
              isSelected={chosen.includes(type)}
              onChange={(isChosen) =>
                change({
                  eventTypes: isChosen ? [...chosen, type] : chosen.filter((other) => other !== type),
                })
              }
            />
          ))}
        </div>
      )}
      {errors?.fields.eventTypes && (
        <Alert tone="danger">
          {errors.fields.eventTypes.map((message) => (
            <p key={message}>{message}</p>
          ))}
        </Alert>
      )}
      <DialogActions>
        <Button onPress={onCancel}>Cancel</Button>
        <Button type="submit" variant="primary" isPending={isPending} isDisabled={chosen?.length === 0}>
          {action}
        </Button>
      </DialogActions>
    </Form>
  );
}
