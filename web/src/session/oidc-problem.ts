import * as oauth from "oauth4webapi";
import { NoToken, NothingBegun } from "./oidc.ts";

/** Why nobody is signed in, for people. */
export interface SignInProblem {
  message: string;
  /** What exactly was wrong, for whoever looks after the provider. */
  detail: string | null;
}

const refusals: Readonly<Record<string, string>> = {
  access_denied: "The sign-in was cancelled, or you may not sign in here.",
  account_selection_required: "The provider could not tell which account you mean. Try again.",
  consent_required: "The sign-in was not agreed to. Try again.",
  interaction_required: "The provider has something to ask first. Try again.",
  invalid_grant: "The sign-in took too long, or this page was loaded twice. Try again.",
  login_required: "You are not signed in at the provider any more. Try again.",
  server_error: "The provider has a problem of its own. Try again in a while.",
  temporarily_unavailable: "The provider cannot sign anybody in at the moment. Try again in a while.",
};

/** What to tell people about a sign-in that went wrong. */
export function problemOf(error: unknown): SignInProblem {
  if (error instanceof NothingBegun) {
    return {
      message: "This sign-in was begun in another tab, or too long ago. Begin again.",
      detail: null,
    };
  }
  if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError) {
    const { error: code, error_description: description } = error;
    return {
      message: refusals[code] ?? "The provider refused. Its settings for this console may be wrong.",
      detail: description ? `${code}: ${description}` : code,
    };
  }
  if (error instanceof NoToken) {
    return {
      message: "The provider gave no token of the kind that this console is set up for.",
      detail: null,
    };
  }
  if (error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError) {
    return {
      message: "The answer of the provider was not what it should be, so nobody was signed in.",
      detail: error.message,
    };
  }
  return {
    message: "The provider cannot be reached from this page. Check your connection and try again.",
    detail: null,
  };
}
