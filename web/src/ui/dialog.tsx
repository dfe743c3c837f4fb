import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { classNames } from "./class-names.ts";
import styles from "./dialog.module.css";
import { IconButton } from "./icon-button.tsx";
import { keepFocus } from "./keep-focus.ts";

export interface DialogProps {
  title: string;
  isOpen: boolean;
  /** Escape, a press outside, or the cross. */
  onClose: () => void;
  isWide?: boolean;
  /** Whether a press outside closes it. False for what would be lost. */
  isDismissable?: boolean;
  children: ReactNode;
}

/** Something to do before going on with the page, which stands still behind it. */
export function Dialog({ title, isOpen, onClose, isWide, isDismissable = true, children }: DialogProps) {
  return (
    <ModalOverlay
      isDismissable={isDismissable}
      isKeyboardDismissDisabled={!isDismissable}
      isOpen={isOpen}
      onOpenChange={(open) => open || onClose()}
      className={classNames(styles.scrim)}
    >
      <Modal className={classNames(styles.modal, isWide && styles.wide)}>
        <AriaDialog ref={keepFocus} className={classNames(styles.dialog)}>
          <div className={styles.head}>
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            <IconButton label="Close" size="small" onPress={onClose}>
              <X size={18} aria-hidden="true" />
            </IconButton>
          </div>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

/** The buttons at the end of a dialog or form, the one that does it last. */
export function DialogActions({ children }: { children: ReactNode }) {
  return <div className={styles.actions}>{children}</div>;
}
