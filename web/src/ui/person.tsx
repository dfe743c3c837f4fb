import type { ReactNode } from "react";
import { Avatar, type AvatarProps, NoAvatar } from "./avatar.tsx";
import styles from "./person.module.css";

export interface PersonProps {
  /** Null for a place that nobody has taken yet. */
  avatar: AvatarProps["avatar"] | null | undefined;
  name: ReactNode;
  /** An address, say. */
  note?: ReactNode;
  size?: "small" | "medium" | "large";
}

/** Somebody in a list: what stands for them, their name, and a line more. */
export function Person({ avatar, name, note, size = "medium" }: PersonProps) {
  return (
    <span className={styles.person}>
      {avatar ? <Avatar avatar={avatar} size={size} /> : <NoAvatar size={size} />}
      <span className={styles.texts}>
        <span className={styles.name}>
          <bdi>{name}</bdi>
        </span>
        {note && <span className={styles.note}>{note}</span>}
      </span>
    </span>
  );
}
