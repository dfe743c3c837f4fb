import { CircleUser, LogOut } from "lucide-react";
import type { ShellQuery } from "../gql/graphql.ts";
import { signOutEverywhere } from "../session/sign-out.ts";
import { Avatar } from "../ui/avatar.tsx";
import { Button } from "../ui/button.tsx";
import { Menu, MenuItem, MenuSeparator } from "../ui/menu.tsx";
import { useApp } from "./app.tsx";
import styles from "./frame.module.css";
import { paths } from "./paths.ts";

export interface PersonMenuProps {
  /** Null while it is not known yet, and for apps. */
  user: NonNullable<ShellQuery["viewer"]>["user"];
}

/** Who is signed in, and what is theirs. */
export function PersonMenu({ user }: PersonMenuProps) {
  const { settings } = useApp();
  return (
    <Menu
      placement="top start"
      trigger={
        <Button variant="quiet">
          <span className={styles.person}>
            {user && <Avatar avatar={user.avatar} size="small" />}
            <span className={styles.name}>{user?.name ?? "Account"}</span>
          </span>
        </Button>
      }
    >
      <MenuItem href={paths.account} icon={<CircleUser size={16} aria-hidden="true" />}>
        Your account
      </MenuItem>
      <MenuSeparator />
      <MenuItem onAction={() => signOutEverywhere(settings)} icon={<LogOut size={16} aria-hidden="true" />}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
