import { useMutation } from "../../api/mutation.ts";
import type { MemberDetailsFragment } from "../../gql/graphql.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { Badge } from "../../ui/badge.tsx";
import { Section } from "../../ui/section.tsx";
import { Switch } from "../../ui/switch.tsx";
import { toastFailure } from "../../ui/toast.tsx";
import styles from "./member-drawer.module.css";
import { type FlagText, flagTexts } from "./member-flags.ts";
import { SetMemberFlags } from "./mutations.ts";

/** What is special about a membership; whoever operates the service sets it here. */
export function MemberFlagsSection({ member }: { member: MemberDetailsFragment }) {
  const { can, isSuperuser } = useOrganization();
  const { run } = useMutation(SetMemberFlags);
  const isEditable = isSuperuser && can("member:admin");
  const shown = flagTexts.filter(({ flag }) => isEditable || member.flags[flag]);
  if (shown.length === 0) return null;

  async function set(flag: FlagText["flag"], value: boolean) {
    const outcome = await run({ input: { memberId: member.id, [flag]: value } });
    if (outcome.kind === "refused") toastFailure(outcome.userErrors.map(({ message }) => message).join(" "));
    if (outcome.kind === "failed") toastFailure(outcome.failure.message);
  }

  return (
    <Section
      title="Flags"
      lead={isEditable ? "Only superusers change these. Each counts at once." : undefined}
    >
      <div className={styles.flags}>
        {shown.map(({ flag, name, description, tone }) =>
          isEditable ? (
            <Switch
              key={flag}
              label={name}
              description={description}
              isSelected={member.flags[flag]}
              onChange={(value) => set(flag, value)}
            />
          ) : (
            <p key={flag}>
              <Badge tone={tone}>{name}</Badge> <span className={styles.muted}>{description}</span>
            </p>
          ),
        )}
      </div>
    </Section>
  );
}
