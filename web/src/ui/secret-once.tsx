import { Alert } from "./alert.tsx";
import { Button } from "./button.tsx";
import { CopyField } from "./copy-button.tsx";
import { DialogActions } from "./dialog.tsx";

export interface SecretOnceProps {
  label: string;
  secret: string;
  /** What to do with it, and what to do when it is lost. */
  children: string;
  onDone: () => void;
}

/** A secret that is shown now and never again; inside a dialog, which closes only on purpose. */
export function SecretOnce({ label, secret, children, onDone }: SecretOnceProps) {
  return (
    <>
      <Alert tone="warning">
        <strong>Copy it now: it is not shown again.</strong> {children}
      </Alert>
      <CopyField label={label} text={secret} />
      <DialogActions>
        <Button variant="primary" onPress={onDone}>
          I have copied it
        </Button>
      </DialogActions>
    </>
  );
}
