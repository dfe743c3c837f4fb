import { useEffect, useState } from "react";
import { useQuery } from "urql";
import { graphql } from "../../gql/index.ts";
import { Alert } from "../../ui/alert.tsx";
import { TextField } from "../../ui/text-field.tsx";
import styles from "./settings.module.css";

const SlugAvailability = graphql(`
  query SlugAvailability($slug: String!) {
    isSlugAvailable(slug: $slug)
  }
`);

const pauseOfTyping = 300;

export interface SlugFieldProps {
  /** The slug that the organization has. */
  present: string;
  value: string;
  onChange: (slug: string) => void;
}

/** The name in addresses, which says while one types whether it can be had. */
export function SlugField({ present, value, onChange }: SlugFieldProps) {
  const [asked, setAsked] = useState(value);
  const isChanged = value !== present;

  useEffect(() => {
    const timer = setTimeout(() => setAsked(value), pauseOfTyping);
    return () => clearTimeout(timer);
  }, [value]);

  const [{ data, fetching }] = useQuery({
    query: SlugAvailability,
    variables: { slug: asked },
    pause: asked === present || asked === "",
    requestPolicy: "network-only",
  });
  const isAnswered = isChanged && asked === value && !fetching && data !== undefined;

  return (
    <>
      <TextField
        label="Name in addresses"
        name="slug"
        description="3 to 50 lower-case letters, digits and dashes."
        value={value}
        onChange={onChange}
        isRequired
        isInvalid={isAnswered && !data.isSlugAvailable}
        maxLength={50}
        isMonospaced
        autoComplete="off"
        spellCheck="false"
      />
      <p className={styles.availability} role="status">
        {isAnswered &&
          (data.isSlugAvailable ? (
            <span className={styles.free}>{value} is free.</span>
          ) : (
            <span className={styles.taken}>
              {value} cannot be had: it is taken, reserved or not well formed.
            </span>
          ))}
      </p>
      {isChanged && (
        <Alert tone="warning">
          Links with “{present}” stop working at once, also those in bookmarks and mails. This page moves to
          its new address.
        </Alert>
      )}
    </>
  );
}
