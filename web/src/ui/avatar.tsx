import { Mail } from "lucide-react";
import { type FragmentType, getFragmentData, graphql } from "../gql/index.ts";
import styles from "./avatar.module.css";
import { classNames } from "./class-names.ts";

const AvatarFragment = graphql(`
  fragment AvatarImage on Avatar {
    color
    initials
    url(size: 120)
  }
`);

export interface AvatarProps {
  avatar: FragmentType<typeof AvatarFragment>;
  size?: "small" | "medium" | "large";
  /** People are round, organizations have corners. */
  isSquare?: boolean;
}

/**
 * What stands for a person or organization. It says nothing that the name beside it does not, so it is hidden from screen
 * readers. Pictures of other origins are not loaded: they would tell a stranger who is looking.
 */
export function Avatar({ avatar, size = "medium", isSquare }: AvatarProps) {
  const { color, initials, url } = getFragmentData(AvatarFragment, avatar);
  const picture = url && new URL(url, location.href).origin === location.origin ? url : null;
  return (
    <span
      className={classNames(styles.avatar, styles[size], isSquare && styles.square)}
      style={picture ? undefined : { background: color }}
      aria-hidden="true"
    >
      {picture ? <img src={picture} alt="" loading="lazy" /> : initials}
    </span>
  );
}

/** The place of a picture where there is no person yet, only an address. */
export function NoAvatar({ size = "medium" }: Pick<AvatarProps, "size">) {
  return (
    <span className={classNames(styles.avatar, styles.none, styles[size])} aria-hidden="true">
      <Mail size={size === "large" ? 22 : 14} />
    </span>
  );
}
