import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "./button.tsx";
import { classNames } from "./class-names.ts";
import styles from "./copy-button.module.css";
import fieldStyles from "./field.module.css";
import { toastFailure } from "./toast.tsx";

export interface CopyButtonProps {
  /** What is copied. */
  text: string;
  children?: string;
  size?: "small" | "medium";
}

/** Puts a text on the clipboard, and says so in its own words for a moment. */
export function CopyButton({ text, children = "Copy", size = "small" }: CopyButtonProps) {
  const [isCopied, setCopied] = useState(false);

  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [isCopied]);

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      toastFailure("The browser did not allow to copy. Select the text and copy it by hand.");
    }
  }

  return (
    <Button size={size} onPress={copy}>
      {isCopied ? <Check size={16} aria-hidden="true" /> : <Copy size={16} aria-hidden="true" />}
      <span aria-live="polite">{isCopied ? "Copied" : children}</span>
    </Button>
  );
}

/** A text to copy, such as a link or a secret, with its button. */
export function CopyField({ label, text }: { label: string; text: string }) {
  return (
    <div className={styles.field}>
      <input
        readOnly
        aria-label={label}
        value={text}
        onFocus={(event) => event.currentTarget.select()}
        className={classNames(fieldStyles.control, fieldStyles.mono, styles.value)}
      />
      <CopyButton text={text} size="medium" />
    </div>
  );
}
