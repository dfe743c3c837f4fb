import { ann } from "./people.ts";
import type { Roster } from "./roster.ts";

/** What Ann may do to the organization of the demo data without a window. */
export interface Owner {
  /** Saves options. */
  require: (options: object) => Promise<void>;
  /** Lets only people in who sign in through a provider, unless that is left to them. */
  setUpSso: (provider: { provider: string; name: string; allowUnlinked?: boolean }) => Promise<void>;
  /** Invites an address without a mail, and answers the link. */
  invite: (email: string) => Promise<string>;
  /** Gives somebody another role, whom the search finds. */
  changeRole: (query: string, orgRole: string) => Promise<void>;
  /** Runs any other mutation of the organization. */
  mutate: (field: string, input: object) => Promise<void>;
}

/** Signs Ann in to the API. */
export async function asOwner(roster: Roster): Promise<Owner> {
  const token = await roster.token({ ...ann, mfa: true });
  const read = `query ($query: String) {
    organization(slug: "acme") { id members(first: 1, filter: { query: $query }) { nodes { id } } }
  }`;
  const find = async (query: string | null) => {
    const { organization } = await roster.run<{
      organization: { id: string; members: { nodes: { id: string }[] } };
    }>(token, read, { query });
    return organization;
  };
  const { id: organizationId } = await find(null);

  async function change(field: string, input: object, selection = ""): Promise<{ acceptUrl?: string }> {
    const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`;
    const document = `mutation ($input: ${type}!) { ${field}(input: $input) { ${selection} userErrors { code message } } }`;
    const answer = await roster.run<Record<string, { acceptUrl?: string }>>(token, document, { input });
    return answer[field] ?? {};
  }

  const mutate = async (field: string, input: object) => {
    await change(field, { organizationId, ...input });
  };
  return {
    mutate,
    require: (options) => mutate("saveOrgOptions", options),
    setUpSso: (provider) => mutate("setAuthProvider", provider),
    invite: async (email) => {
      const input = { organizationId, email, sendInvite: false };
      const { acceptUrl = "" } = await change("createInvite", input, "acceptUrl");
      return acceptUrl;
    },
    changeRole: async (query, orgRole) => {
      const { members } = await find(query);
      await change("updateMemberRoles", { memberId: members.nodes[0]?.id, orgRole });
    },
  };
}
