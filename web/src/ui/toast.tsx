import { CircleAlert, CircleCheck, X } from "lucide-react";
import {
  UNSTABLE_Toast as AriaToast,
  UNSTABLE_ToastRegion as AriaToastRegion,
  Button,
  Text,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
} from "react-aria-components";
import { classNames } from "./class-names.ts";
import styles from "./toast.module.css";

interface Message {
  tone: "success" | "danger";
  text: string;
}

const queue = new ToastQueue<Message>({ maxVisibleToasts: 3 });

/** Says in passing that something was done. */
export function toastSuccess(text: string): void {
  queue.add({ tone: "success", text }, { timeout: 6000 });
}

/** Says that something was not done, until it is closed. Errors of a form belong into the form. */
export function toastFailure(text: string): void {
  queue.add({ tone: "danger", text });
}

/** Where the toasts are. There is one on the page. */
export function ToastRegion() {
  return (
    <AriaToastRegion queue={queue} className={classNames(styles.region)}>
      {({ toast }) => (
        <AriaToast toast={toast} className={classNames(styles.toast, styles[toast.content.tone])}>
          {toast.content.tone === "success" ? (
            <CircleCheck size={18} aria-hidden="true" />
          ) : (
            <CircleAlert size={18} aria-hidden="true" />
          )}
          <ToastContent className={classNames(styles.content)}>
            <Text slot="title">{toast.content.text}</Text>
          </ToastContent>
          <Button slot="close" className={classNames(styles.close)} aria-label="Close">
            <X size={16} aria-hidden="true" />
          </Button>
        </AriaToast>
      )}
    </AriaToastRegion>
  );
}
