// What a mutation refused, and what a page does about it.
import type { ErrorCode } from "./generated/graphql.js";
import { type FragmentType, graphql, readFragment } from "./generated/index.js";

export const Refusal = graphql(`
  fragment Refusal on UserError {
    code
    message
    path
    retryAfter
  }
`);

export function refusals(masked: ReadonlyArray<FragmentType<typeof Refusal>>) {
  return readFragment(Refusal, masked);
}

export type Remedy =
  /** Show the message at the field that `path` names. */
  | "mend-input"
  /** Have the person sign in again, or in another way. */
  | "sign-in"
  /** Show the message: somebody else can do it, or the organization's settings forbid it. */
  | "not-allowed"
  /** Read again what is shown: somebody else has changed it. */
  | "read-again"
  /** Try again later. */
  | "wait";

export function remedy(code: ErrorCode): Remedy {
  switch (code) {
    case "ALREADY_INVITED":
    case "ALREADY_MEMBER":
    case "AVATAR_INVALID_DIMENSIONS":
    case "AVATAR_INVALID_FORMAT":
    case "AVATAR_INVALID_IMAGE":
    case "AVATAR_REQUIRED":
    case "AVATAR_TOO_LARGE":
    case "AVATAR_TYPE_INVALID":
    case "INVALID_EMAIL":
    case "INVALID_ROLE":
    case "INVALID_TEAM":
    case "INVALID_TEAM_ID":
    case "INVALID_TEAM_ROLE":
    case "INVITE_REQUEST_EXISTS":
    case "OPTION_INVALID":
    case "OPTION_UNKNOWN":
    case "REINVITE_WITH_CHANGES":
    case "RELAY_DUPLICATE_KEY":
    case "RELAY_INVALID":
    case "ROLE_RETIRED":
    case "SLUG_INVALID":
    case "SLUG_RESERVED":
    case "SLUG_TAKEN":
    case "TEAM_ROLES_NOT_ALLOWED":
    case "VALIDATION_FAILED":
      return "mend-input";

    case "ACTOR_NEEDS_2FA":
    case "ACTOR_NEEDS_VERIFIED_EMAIL":
    case "EMAIL_VERIFICATION_REQUIRED":
    case "SSO_JOIN_REQUIRED":
    case "SSO_REQUIRED":
    case "SUDO_REQUIRED":
    case "TWO_FACTOR_REQUIRED":
    case "UNAUTHENTICATED":
    case "USER_TOKEN_REQUIRED":
      return "sign-in";

    case "CANNOT_CHANGE_OWN_ROLE":
    case "DEFAULT_ORGANIZATION":
    case "FEATURE_DISABLED":
    case "FORBIDDEN":
    case "IDP_PROVISIONED":
    case "IDP_ROLE_RESTRICTED":
    case "IDP_TEAM":
    case "INSUFFICIENT_SCOPE":
    case "INSUFFICIENT_TEAM_ROLE":
    case "INTEGRATION_MISSING":
    case "INTEGRATION_TOKEN_ROLE_RESTRICTED":
    case "INVITES_DISABLED":
    case "JOIN_REQUESTS_DISABLED":
    case "LAST_OWNER":
    case "MEMBER_DISABLED_OVER_LIMIT":
    case "NOT_YOUR_INVITE":
    case "OPTION_NOT_CONFIGURABLE":
    case "PARTNERSHIP_RESTRICTED":
    case "ROLE_NOT_ALLOWED":
    case "SSO_ENABLED":
    case "TARGET_OUTRANKS_ACTOR":
    case "TEAM_NOT_JOINED":
      return "not-allowed";

    case "ACCESS_REQUEST_NOT_FOUND":
    case "EVENT_NOT_FOUND":
    case "INVITE_EXPIRED":
    case "INVITE_INVALID":
    case "INVITE_NOT_FOUND":
    case "INVITE_REQUEST_NOT_FOUND":
    case "MEMBER_NOT_FOUND":
    case "NOT_INVITABLE":
    case "ORGANIZATION_NOT_FOUND":
    case "TEAM_MEMBERSHIP_NOT_FOUND":
    case "TEAM_NOT_FOUND":
      return "read-again";

    case "INTERNAL":
    case "LOCK_TIMEOUT":
    case "RATE_LIMITED":
    case "UNAVAILABLE":
      return "wait";

    default:
      // Does not compile while a code of the schema is missing above. A newer server may still send another one.
      code satisfies never;
      return "not-allowed";
  }
}
