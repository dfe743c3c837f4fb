import { errorsOf, useMutation } from "../../api/mutation.ts";
import { type FragmentType, getFragmentData, graphql } from "../../gql/index.ts";
import { type AvatarChoice, AvatarEditor } from "../../ui/avatar-editor.tsx";
import { Badge } from "../../ui/badge.tsx";
import { Facts } from "../../ui/facts.tsx";
import { PageSection } from "../../ui/page-section.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";
import { toastSuccess } from "../../ui/toast.tsx";

const ViewerProfile = graphql(`
  fragment ViewerProfile on User {
    id
    name
    email
    isEmailVerified
    hasTwoFactor
    createdAt
    avatar {
      type
      ...AvatarImage
    }
  }
`);

const SaveViewerAvatar = graphql(`
  mutation SaveViewerAvatar($input: SaveViewerAvatarInput!) {
    saveViewerAvatar(input: $input) {
      user {
        id
        avatar {
          type
          ...AvatarImage
        }
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`);

export interface ProfileProps {
  user: FragmentType<typeof ViewerProfile>;
  isSuperuser: boolean;
  /** What the credential is limited to; null where it is not. */
  scopes: readonly string[] | null;
}

/** Who you are, as the identity provider says, and what stands for you. */
export function Profile({ user: masked, isSuperuser, scopes }: ProfileProps) {
  const user = getFragmentData(ViewerProfile, masked);
  const { run, isRunning } = useMutation(SaveViewerAvatar);

  async function saveAvatar(choice: AvatarChoice) {
    const outcome = await run({ input: choice });
    if (outcome.kind === "ok") toastSuccess("Saved.");
    return errorsOf(outcome, ["avatar", "avatarType"]);
  }

  return (
    <>
      <PageSection title="You" lead="As your identity provider says; it is changed there.">
        <Facts
          facts={[
            ["Name", user.name],
            [
              "Email",
              user.email && (
                <>
                  {user.email}{" "}
                  {user.isEmailVerified ? (
                    <Badge tone="success">Verified</Badge>
                  ) : (
                    <Badge tone="warning">Not verified</Badge>
                  )}
                </>
              ),
            ],
            [
              "Second factor",
              user.hasTwoFactor ? (
                <Badge tone="success">In use</Badge>
              ) : (
                <Badge tone="warning">Not in use</Badge>
              ),
            ],
            ["First seen", <RelativeTime key="seen" at={user.createdAt} />],
            ["Superuser", isSuperuser ? "You may do everything" : null],
            ["Limited to", scopes?.join(", ")],
          ]}
        />
      </PageSection>
      <PageSection title="Avatar" lead="What stands for you in lists, for all who see you there.">
        <AvatarEditor avatar={user.avatar} isSaving={isRunning} onSave={saveAvatar} />
      </PageSection>
    </>
  );
}
