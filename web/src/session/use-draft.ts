import { type Dispatch, type SetStateAction, useEffect, useState } from "react";
import * as v from "valibot";
import { claimsOf } from "./claims.ts";
import { forgetDraft, keepDraft, keptDraft } from "./drafts.ts";
import { currentSession } from "./session.ts";

/**
 * What is typed into a form, as `useState` has it. It outlasts the end of a session and a reload: whoever signs in again
 * finds it in the form of the same `name`, and nobody else does. A form that is left otherwise is done with. With null for
 * a name nothing is kept; nothing secret is given a name.
 */
export function useDraft<Draft>(
  name: string | null,
  schema: v.GenericSchema<unknown, Draft>,
  initial: Draft,
): [Draft, Dispatch<SetStateAction<Draft>>] {
  const [subject] = useState(currentSubject);
  const [first] = useState(initial);
  const [draft, setDraft] = useState(() => (name === null ? null : restored(subject, name, schema)) ?? first);

  useEffect(() => {
    if (name === null) return;
    return () => {
      if (!currentSession().hasExpired) forgetDraft(subject, name);
    };
  }, [subject, name]);

  useEffect(() => {
    if (name !== null && draft !== first) keepDraft(subject, name, draft);
  }, [subject, name, draft, first]);

  return [draft, setDraft];
}

function currentSubject(): string {
  const { token } = currentSession();
  return (token !== null && claimsOf(token)?.sub) || "";
}

function restored<Draft>(
  subject: string,
  name: string,
  schema: v.GenericSchema<unknown, Draft>,
): Draft | null {
  const kept = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), keptDraft(subject, name));
  return kept.success ? kept.output : null;
}
