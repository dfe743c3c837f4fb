import { useQuery } from "urql";
import { failureOf } from "../../api/errors.ts";
import { graphql } from "../../gql/index.ts";
import { signOut } from "../../session/session.ts";
import { ThemeChoice } from "../../shell/theme-choice.tsx";
import { Button } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { PageSection } from "../../ui/page-section.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import styles from "./account.module.css";
import { MyInvites } from "./my-invites.tsx";
import { MyMemberships } from "./my-memberships.tsx";
import { Profile } from "./profile.tsx";
import { StoredHere } from "./stored-here.tsx";

const Account = graphql(`
  query Account {
    viewer {
      isSuperuser
      scopes
      user {
        id
        ...ViewerProfile
      }
    }
  }
`);

/** Who you are, where you are a member, and what this browser keeps. */
export function Component() {
  const [{ data, error }, read] = useQuery({ query: Account });

  return (
    <>
      <PageHeader title="Your account" actions={<Button onPress={signOut}>Sign out</Button>} />
      {!data && error && <ErrorState failure={failureOf(error)} onRetry={read} />}
      {!data && !error && <SkeletonRows />}
      {data?.viewer?.user === null && (
        <EmptyState title="This is an app">
          You are signed in with the token of an app, which has no account.
        </EmptyState>
      )}
      {data?.viewer?.user && (
        <div className={styles.sections}>
          <Profile
            user={data.viewer.user}
            isSuperuser={data.viewer.isSuperuser}
            scopes={data.viewer.scopes}
          />
          <MyMemberships />
          <MyInvites />
          <PageSection title="Appearance" lead="Counts for this browser.">
            <ThemeChoice />
          </PageSection>
          <StoredHere />
        </div>
      )}
    </>
  );
}
