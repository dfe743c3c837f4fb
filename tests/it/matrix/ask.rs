//! How each mutation is asked: an input in which nothing is wrong, so that only
//! the caller decides.

use super::*;

/// A mutation in the circumstances of a row, as `caller` would ask it in `scene`.
pub async fn mutation(app: &TestApp, cast: &Cast, scene: &Scene, name: &str, case: &str, caller: &str) -> Value {
    let organization = &scene.organization.id;
    let own = format!("{caller}'s@invited.example.com");
    let invite = match case {
        _ if case.contains("one's own") => own.as_str(),
        _ if case.contains("for an owner") => "owner@invited.example.com",
        _ => "member@invited.example.com",
    };
    let role = ["manager", "owner"]
        .into_iter()
        .find(|role| case.ends_with(role))
        .unwrap_or("member");
    let target = match case {
        "oneself" | "oneself, closed" => caller,
        "an owner" | "owner to manager" => "olga",
        _ => "mia",
    };
    let (red, blue) = (global(scene.red), global(scene.blue));
    match name {
        "acceptInvite" => json!({ "token": scene.link(app, cast).await }),
        "createInvite" => json!({ "organizationId": organization, "email": "new@example.com", "orgRole": role }),
        "createInvites" => json!({ "organizationId": organization, "emails": ["new@example.com"], "orgRole": role }),
        "resendInvite" => json!({ "memberId": scene.member(invite), "regenerate": case.contains("new link") }),
        "revokeInvite" => json!({ "inviteId": scene.invite(invite) }),
        "requestInvite" => json!({ "organizationId": organization, "email": "new@example.com" }),
        "requestToJoin" => json!({ "organizationSlug": scene.organization.slug, "email": "new@example.com" }),
        "approveInviteRequest" | "rejectInviteRequest" => {
            json!({ "inviteId": scene.invite(&format!("{role}@asked.example.com")) })
        }
        "updateMemberRoles" => match case {
            _ if case.starts_with("a member's teams") => {
                json!({ "memberId": scene.member("mia"), "teamRoles": [{ "teamSlug": "blue", "role": "admin" }] })
            }
            _ if case.starts_with("reinvite") => json!({ "memberId": scene.member(invite), "reinvite": true }),
            _ => json!({ "memberId": scene.member(target), "orgRole": role }),
        },
        "removeMember" if target == "pending" => json!({ "memberId": scene.member("pending@example.com") }),
        "removeMember" => json!({ "memberId": scene.member(target) }),
        "leaveOrganization" | "linkSsoIdentity" => json!({ "organizationId": organization }),
        "transferOwnership" => json!({ "organizationId": organization, "toMemberId": scene.member("mia") }),
        "setMemberFlags" => json!({ "memberId": scene.member("mia"), "idpProvisioned": true }),
        "setUserActive" => json!({ "userId": cast.user("kim").map(global), "isActive": true }),
        "createOrganization" => json!({ "name": "Globex" }),
        "saveOrgOptions" if case == "default role" => {
            json!({ "organizationId": organization, "defaultRole": "manager" })
        }
        "saveOrgOptions" => json!({ "organizationId": organization, "name": "New Acme" }),
        "saveViewerAvatar" => json!({ "avatarType": "LETTER_AVATAR" }),
        "deleteOrganization" => json!({ "organizationId": organization, "confirmSlug": scene.organization.slug }),
        "setAuthProvider" => json!({ "organizationId": organization, "provider": "okta" }),
        "createTeam" => json!({ "organizationId": organization, "name": "Green" }),
        "updateTeam" if case == "managed elsewhere" => json!({ "teamId": red, "isIdpProvisioned": true }),
        "updateTeam" => json!({ "teamId": red, "name": "Crimson" }),
        "deleteTeam" => json!({ "teamId": red }),
        "addTeamMember" => {
            json!({ "teamId": red, "memberId": scene.member(if target == "mia" { "lea" } else { target }) })
        }
        "removeTeamMember" if case == "oneself" => json!({ "teamId": blue, "memberId": scene.member(caller) }),
        "removeTeamMember" => json!({ "teamId": red, "memberId": scene.member("mia") }),
        "updateTeamMemberRole" => json!({ "teamId": red, "memberId": scene.member("mia"), "teamRole": "admin" }),
        "decideTeamAccessRequest" => json!({ "requestId": scene.access_request, "isApproved": true }),
        "createApiToken" => json!({ "organizationId": organization, "name": "CI", "scopes": ["org:read"] }),
        "revokeApiToken" => json!({ "apiTokenId": scene.token }),
        "createWebhook" => json!({ "organizationId": organization, "url": "https://example.com/new" }),
        "updateWebhook" => json!({ "webhookId": scene.webhook, "description": "changed" }),
        "deleteWebhook" | "rotateWebhookSecret" => json!({ "webhookId": scene.webhook }),
        "redeliverWebhook" => json!({ "deliveryId": scene.delivery }),
        _ => panic!("teach this test how to ask {name}"),
    }
}

/// What tells apart the ways in which a mutation is done.
fn told(mutation: &str) -> &'static str {
    match mutation {
        "addTeamMember" => "accessRequest { id }",
        "saveOrgOptions" => "ignoredFields",
        "createInvites" => "results { userErrors { code } }",
        _ => "__typename",
    }
}

/// Asks a mutation, and says in a word or a code what was answered.
pub async fn answer(client: &Client, mutation: &str, input: Value) -> String {
    let reply = client.mutate(mutation, told(mutation), input).await;
    if let Some(codes) = codes(&reply, Some(mutation)) {
        return codes;
    }
    let payload = reply.data(mutation);
    let result = &payload["results"][0]["userErrors"][0]["code"];
    match () {
        () if result.is_string() => format!("of the address: {result}"),
        () if !payload["accessRequest"].is_null() => "asks".into(),
        () if payload["ignoredFields"]
            .as_array()
            .is_some_and(|fields| !fields.is_empty()) =>
        {
            "ignored".into()
        }
        () => "ok".into(),
    }
}

/// A global id.
pub fn global(id: impl entity::ids::RowId) -> String {
    id.global()
}
