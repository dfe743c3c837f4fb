//! Arranging a scene through the API, and the calls that most tests make.

use serde_json::{Value, json};
use url::Url;

use super::{Client, Reply, TestApp};

/// What replies tell about a member.
const MEMBER: &str = "id isPending email role { id } user { id }
    teamMemberships { id team { slug } role { id } effectiveRole { id } }";

/// What replies tell about an invite.
const INVITE: &str = "id email status role { id } teams { slug } expiresAt inviter { id } delivery { status attempts }";

/// An organization that was created.
#[derive(Clone, Debug)]
pub struct Organization {
    /// Global id.
    pub id: String,
    /// Slug.
    pub slug: String,
    /// Member id of whoever created it.
    pub owner: String,
}

/// An invite that was created.
#[derive(Clone, Debug)]
pub struct Invite {
    /// Global id of the pending member.
    pub member: String,
    /// Global id of the invite.
    pub id: String,
    /// The secret of its link.
    pub token: String,
}

impl TestApp {
    /// An organization owned by Ann, and Ann.
    pub async fn organization(&self, name: &str) -> (Organization, Client) {
        let ann = self.person("ann");
        (self.organization_of(&ann, name).await, ann)
    }

    /// An organization owned by `owner`.
    pub async fn organization_of(&self, owner: &Client, name: &str) -> Organization {
        let fields = "organization { id slug } member { id }";
        let reply = owner
            .mutate("createOrganization", fields, json!({ "name": name }))
            .await;
        let reply = reply.done("createOrganization");
        Organization {
            id: reply.text("createOrganization.organization.id"),
            slug: reply.text("createOrganization.organization.slug"),
            owner: reply.text("createOrganization.member.id"),
        }
    }

    /// A team made by `maker`; its slug.
    pub async fn team(&self, organization: &Organization, maker: &Client, name: &str) -> String {
        let input = json!({ "organizationId": organization.id, "name": name });
        maker
            .mutate("createTeam", "team { slug }", input)
            .await
            .done("createTeam")
            .text("createTeam.team.slug")
    }

    /// An invite sent by `inviter`, whose link shows (§8.4).
    pub async fn invite(&self, organization: &Organization, inviter: &Client, email: &str, role: &str) -> Invite {
        let reply = inviter
            .create_invite(organization, json!({ "email": email, "orgRole": role }))
            .await;
        let reply = reply.done("createInvite");
        Invite {
            member: reply.text("createInvite.member.id"),
            id: reply.text("createInvite.invite.id"),
            token: reply.token("createInvite"),
        }
    }

    /// `person` invited by `inviter` with `role`, and joined; the member id.
    pub async fn join(&self, organization: &Organization, inviter: &Client, person: &Client, role: &str) -> String {
        let invite = self.invite(organization, inviter, &person.email(), role).await;
        person
            .accept_invite(&invite.token)
            .await
            .done("acceptInvite")
            .text("acceptInvite.member.id")
    }

    /// What `request` is answered, which is a refusal: it changed nothing.
    pub async fn unchanged(&self, request: impl Future<Output = Reply>) -> Reply {
        let before = self.db_snapshot().await;
        let reply = request.await;
        assert_eq!(self.db_snapshot().await, before, "something was changed by {reply:#?}");
        reply
    }
}

impl Client {
    /// `acceptInvite`.
    pub async fn accept_invite(&self, token: &str) -> Reply {
        let fields = format!("member {{ {MEMBER} }} organization {{ id slug }}");
        self.mutate("acceptInvite", &fields, json!({ "token": token })).await
    }

    /// `createInvite` with `input` besides the organization.
    pub async fn create_invite(&self, organization: &Organization, mut input: Value) -> Reply {
        input["organizationId"] = json!(organization.id);
        let fields = format!("invite {{ {INVITE} }} member {{ {MEMBER} }} acceptUrl");
        self.mutate("createInvite", &fields, input).await
    }

    /// `createInvites` with `input` besides the organization.
    pub async fn create_invites(&self, organization: &Organization, mut input: Value) -> Reply {
        input["organizationId"] = json!(organization.id);
        let fields =
            format!("results {{ email invite {{ {INVITE} }} acceptUrl userErrors {{ code path retryAfter }} }}");
        self.mutate("createInvites", &fields, input).await
    }

    /// `resendInvite` with `input` besides the member.
    pub async fn resend_invite(&self, member: &str, mut input: Value) -> Reply {
        input["memberId"] = json!(member);
        let fields = format!("member {{ {MEMBER} }} invite {{ {INVITE} }} acceptUrl");
        self.mutate("resendInvite", &fields, input).await
    }

    /// `revokeInvite`.
    pub async fn revoke_invite(&self, invite: &str) -> Reply {
        self.mutate("revokeInvite", "revokedInviteId", json!({ "inviteId": invite }))
            .await
    }

    /// `requestInvite` with `input` besides the organization.
    pub async fn request_invite(&self, organization: &Organization, mut input: Value) -> Reply {
        input["organizationId"] = json!(organization.id);
        let fields = format!("invite {{ {INVITE} member {{ id }} }}");
        self.mutate("requestInvite", &fields, input).await
    }

    /// `requestToJoin`.
    pub async fn request_to_join(&self, slug: &str, email: &str) -> Reply {
        let input = json!({ "organizationSlug": slug, "email": email });
        self.mutate("requestToJoin", "", input).await
    }

    /// `approveInviteRequest` with `input` besides the request.
    pub async fn approve_invite_request(&self, invite: &str, mut input: Value) -> Reply {
        input["inviteId"] = json!(invite);
        let fields = format!("invite {{ {INVITE} }} member {{ {MEMBER} }} acceptUrl");
        self.mutate("approveInviteRequest", &fields, input).await
    }

    /// `rejectInviteRequest`.
    pub async fn reject_invite_request(&self, invite: &str) -> Reply {
        self.mutate("rejectInviteRequest", "rejectedInviteId", json!({ "inviteId": invite }))
            .await
    }

    /// `updateMemberRoles` with `input` besides the member.
    pub async fn update_member_roles(&self, member: &str, mut input: Value) -> Reply {
        input["memberId"] = json!(member);
        let fields =
            format!("member {{ {MEMBER} }} clearedTeamMemberships {{ id team {{ slug }} role {{ id }} }} acceptUrl");
        self.mutate("updateMemberRoles", &fields, input).await
    }

    /// `invitePreview`; its value is `reply.data("invitePreview")`.
    pub async fn invite_preview(&self, token: &str) -> Reply {
        let query = "query($token: String!) { invitePreview(token: $token) {
            organizationId organizationSlug organizationName inviterName role { id } expiresAt isExpired requirements
            hasAuthProvider requireSso ssoProvider isExistingMember } }";
        self.send(query, json!({ "token": token })).await.ok()
    }
}

impl Reply {
    /// The token in the `acceptUrl` of a mutation's payload.
    #[track_caller]
    pub fn token(&self, mutation: &str) -> String {
        let url = Url::parse(&self.text(&format!("{mutation}.acceptUrl"))).unwrap();
        let path: Vec<&str> = url.path_segments().unwrap().collect();
        assert_eq!(path[path.len() - 2], "invite", "{url}");
        path[path.len() - 1].to_owned()
    }

    /// Team slugs and stored team roles at a dotted path to a list of team
    /// memberships.
    #[track_caller]
    pub fn teams(&self, path: &str) -> Vec<(String, Option<String>)> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let memberships = self.data(path).as_array().unwrap();
        memberships
            .iter()
            .map(|one| (text(&one["team"]["slug"]).unwrap(), text(&one["role"]["id"])))
            .collect()
    }
}
