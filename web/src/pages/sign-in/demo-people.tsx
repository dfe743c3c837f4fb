import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { Button as AriaButton } from "react-aria-components";
import { signIn } from "../../session/session.ts";
import type { DemoPerson } from "../../session/settings.ts";
import { type MintRequest, mintToken } from "../../session/ways.ts";
import { Button } from "../../ui/button.tsx";
import { classNames } from "../../ui/class-names.ts";
import { Form } from "../../ui/form.tsx";
import { TextField } from "../../ui/text-field.tsx";
import styles from "./sign-in.module.css";

export interface DemoPeopleProps {
  people: readonly DemoPerson[];
  /** Where tokens are made. */
  mint: string;
}

/** In development anybody can be anybody: somebody of the demo data, or somebody new. */
export function DemoPeople({ people, mint }: DemoPeopleProps) {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [problem, setProblem] = useState<string>();

  async function become(request: MintRequest) {
    try {
      signIn(await mintToken(mint, { mfa: true, ...request }));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  }

  return (
    <Form
      errors={problem === undefined ? undefined : { fields: {}, form: [problem] }}
      onSubmit={() => become({ subject: email, name, email, emailVerified: true })}
    >
      <p className={styles.lead}>This is a development server. Be somebody of the demo data:</p>
      <div className={styles.people}>
        {people.map((person) => (
          <AriaButton
            key={person.subject}
            className={classNames(styles.person)}
            onPress={() => become({ subject: person.subject })}
          >
            <span>
              {person.name}
              <span className={styles.note}>{person.note}</span>
            </span>
            <ChevronRight size={16} aria-hidden="true" />
          </AriaButton>
        ))}
      </div>
      <p className={styles.lead}>Or somebody new:</p>
      <TextField label="Name" name="name" value={name} onChange={setName} isRequired autoComplete="off" />
      <TextField
        label="Address"
        name="email"
        type="email"
        value={email}
        onChange={setEmail}
        isRequired
        autoComplete="off"
      />
      <Button type="submit" variant="primary">
        Sign in
      </Button>
    </Form>
  );
}
