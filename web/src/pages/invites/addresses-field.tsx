import { type ClipboardEvent, type KeyboardEvent, useRef } from "react";
import { Input, TextField } from "react-aria-components";
import { Chips } from "../../ui/chips.tsx";
import { classNames } from "../../ui/class-names.ts";
import fieldStyles from "../../ui/field.module.css";
import { FieldLayout } from "../../ui/field.tsx";
import { addressesIn, addressesMax, looksLikeAddress, splitTyped, withAddresses } from "./addresses.ts";
import styles from "./invites.module.css";

export interface AddressesFieldProps {
  addresses: readonly string[];
  onChange: (addresses: string[]) => void;
  /** What is typed and no whole address yet. */
  typed: string;
  onType: (typed: string) => void;
  /** Why addresses were refused the last time. */
  problems: ReadonlyMap<string, string>;
}

/** Many addresses, typed or pasted. What is whole becomes a chip. */
export function AddressesField({ addresses, onChange, typed, onType, problems }: AddressesFieldProps) {
  const input = useRef<HTMLInputElement>(null);

  function add(more: readonly string[], rest: string) {
    if (more.length > 0) onChange(withAddresses(addresses, more));
    onType(rest);
  }

  function change(text: string) {
    const { whole, rest } = splitTyped(text);
    add(whole, rest);
  }

  // A field of one line would run pasted lines together.
  function paste(event: ClipboardEvent) {
    const text = event.clipboardData.getData("text");
    if (!/[\s,;<]/.test(text.trim())) return;
    event.preventDefault();
    add(addressesIn(`${typed} ${text}`), "");
  }

  function press(event: KeyboardEvent) {
    if (event.key === "Enter" && typed.trim() !== "") {
      event.preventDefault();
      add(addressesIn(typed), "");
    } else if (event.key === "Backspace" && typed === "") {
      onChange(addresses.slice(0, -1));
    }
  }

  const count = addresses.length;
  return (
    <TextField
      name="emails"
      value={typed}
      onChange={change}
      onBlur={() => add(addressesIn(typed), "")}
      className={classNames(fieldStyles.field)}
    >
      <FieldLayout
        label="Addresses"
        description={`Up to ${addressesMax}, separated by commas, spaces or lines.`}
      >
        <div className={classNames(fieldStyles.control, styles.addresses)}>
          <Chips
            label="Addresses to invite"
            chips={addresses.map((address) => ({
              id: address,
              name: address,
              problem:
                problems.get(address) ?? (looksLikeAddress(address) ? undefined : "This is not an address"),
            }))}
            onRemove={(removed) => {
              onChange(addresses.filter((address) => address !== removed));
              input.current?.focus();
            }}
          />
          <Input
            ref={input}
            type="text"
            inputMode="email"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck="false"
            {...(count === 0 && { placeholder: "jane@example.com, …" })}
            onPaste={paste}
            onKeyDown={press}
            className={classNames(styles.typing)}
          />
        </div>
        <span className={classNames(styles.count, count > addressesMax && styles.tooMany)} aria-live="polite">
          {count > 0 && `${count} of ${addressesMax}`}
        </span>
      </FieldLayout>
    </TextField>
  );
}
