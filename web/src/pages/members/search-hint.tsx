import { CircleQuestionMark } from "lucide-react";
import { Dialog, DialogTrigger, Heading } from "react-aria-components";
import { classNames } from "../../ui/class-names.ts";
import { IconButton } from "../../ui/icon-button.tsx";
import { Popover } from "../../ui/popover.tsx";
import styles from "./members.module.css";

const tokens = [
  ["jane", "in names and addresses"],
  ["email:jane@example.com", "this address"],
  ["role:manager", "this role"],
  ["scope:org:admin", "whoever may do this"],
  ["isInvited:true", "places that nobody has taken yet"],
  ["ssoLinked:false", "no identity linked"],
  ["has2fa:false", "no second factor"],
  ["id:… user.id:…", "ids of members and people"],
] as const;

/** What can be looked for, for those who want more than words. */
export function SearchHint() {
  return (
    <DialogTrigger>
      <IconButton label="How to search">
        <CircleQuestionMark size={18} aria-hidden="true" />
      </IconButton>
      <Popover placement="bottom start">
        <Dialog className={classNames(styles.hint)}>
          <Heading slot="title" level={2}>
            How to search
          </Heading>
          <p className={styles.muted}>
            Words and tokens hold together. A token that is not known finds nothing.
          </p>
          <dl>
            {tokens.map(([token, meaning]) => (
              <div key={token} style={{ display: "contents" }}>
                <dt>
                  <code>{token}</code>
                </dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
