import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { classNames } from "./class-names.ts";
import styles from "./dialog.module.css";
import { IconButton } from "./icon-button.tsx";
import { keepFocus } from "./keep-focus.ts";

export interface DrawerProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  /** Details come from the end, navigation from the start. */
  side?: "end" | "start";
  children: ReactNode;
}

/** Details of one thing of a list, at the side of the list. */
export function Drawer({ title, isOpen, onClose, side = "end", children }: DrawerProps) {
  return (
    <ModalOverlay
      isDismissable
      isOpen={isOpen}
      onOpenChange={(open) => open || onClose()}
      className={classNames(styles.scrim, styles.side, side === "start" && styles.left)}
    >
      <Modal className={classNames(styles.modal, styles.drawer)}>
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
