import { useEffect } from "react";
import { useParams } from "react-router";
import { useQuery } from "urql";
import { failureOf } from "../../api/errors.ts";
import { useApp } from "../../shell/app.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import styles from "./accept.module.css";
import { Invitation } from "./invitation.tsx";
import { InviteToAccept } from "./invite-to-accept.ts";
import { InvalidInvite } from "./no-way-in.tsx";

/** What the link of an invite leads to. The token of the invite is in the address and nowhere else. */
export function Component() {
  const { token = "" } = useParams();
  const { settings } = useApp();
  const [{ data, error, fetching }, read] = useQuery({ query: InviteToAccept, variables: { token } });
  const preview = data?.invitePreview;
  const organization = preview?.organizationName;

  useEffect(() => {
    document.title = organization
      ? `Join ${organization} · ${settings.productName}`
      : `Invite · ${settings.productName}`;
  }, [organization, settings]);

  return (
    <main className={styles.page}>
      <div className={styles.card}>
        {preview ? (
          <Invitation
            token={token}
            preview={preview}
            user={data.viewer?.user ?? null}
            isReading={fetching}
            onChange={() => read({ requestPolicy: "network-only" })}
          />
        ) : data ? (
          <InvalidInvite />
        ) : error ? (
          <ErrorState
            failure={failureOf(error)}
            level={1}
            onRetry={() => read({ requestPolicy: "network-only" })}
          />
        ) : (
          <SkeletonRows count={4} />
        )}
      </div>
    </main>
  );
}
