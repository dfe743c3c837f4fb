//! Teams are read with org:read or team:read, people with member:read (§4): with
//! the former alone nobody learns who has a place, whatever the path.

use super::*;

/// What may stand for nobody.
const NULLABLE: &str = "id user { id name email } email name invite { id email inviter { id } } hasTwoFactor isViewer
    teamMemberships { member { email name user { id } invite { email } } }";

/// Everything of a member, and of the members in the teams below.
fn member() -> String {
    format!("member {{ {NULLABLE} }}")
}

/// Everything of a team that leads to people.
fn team() -> String {
    let member = member();
    format!(
        "memberships(first: 100) {{ totalCount nodes {{ id role {{ id }} effectiveRole {{ id }} {member} }} edges {{ node {{ {member} }} }} }}
        viewerMembership {{ {member} }}"
    )
}

/// A team with Bob and an invite to Carl in it; Dora, for whom Bob asks, outside.
struct People {
    scene: Scene,
    /// The places in the team.
    places: [String; 2],
    /// Dora's member id, and Bob's request for her.
    dora: String,
    request: String,
}

impl People {
    async fn start() -> Self {
        let scene = Scene::start("member").await;
        let Scene { app, acme, ann, .. } = &scene;
        let invite = app.invite(acme, ann, "carl@example.com", "member").await;
        let (_, dora) = scene.person("dora", "member").await;
        let places = [
            app.db_put(acme, "red", &scene.member, Some("admin")).await,
            app.db_put(acme, "red", &invite.member, None).await,
        ];
        let request = app
            .db_access_request(&scene.red, &dora, &scene.bob.user_id().await)
            .await;
        Self {
            scene,
            places,
            dora,
            request,
        }
    }

    /// An app and a person, both with only these scopes.
    async fn callers(&self, scopes: &str) -> [Client; 2] {
        let Scene { app, acme, ann, .. } = &self.scene;
        let each: Vec<&str> = scopes.split(' ').collect();
        let narrowed = ann.with(json!({ "scope": scopes, "amr": ["otp"] })).seen().await;
        [app.db_app(acme, &each).await, narrowed]
    }

    /// What every path of a query answers.
    async fn read(&self, caller: &Client) -> Vec<Reply> {
        let (member, team) = (member(), team());
        let below = format!(
            "organization(slug: $slug) {{ teams {{ nodes {{ {team} }} }} team(slug: \"red\") {{ {team} }}
            teamAccessRequests {{ nodes {{ {member} requester {{ id name email }} }} }} }}"
        );
        let nodes = format!(
            "... on TeamMembership {{ role {{ id }} {member} }} ... on Team {{ {team} }} ... on Member {{ {NULLABLE} }}
            ... on Invite {{ email }} ... on User {{ name email }}
            ... on TeamAccessRequest {{ {member} requester {{ name email }} }}"
        );
        let mut replies = Vec::new();
        let query = format!("query($slug: String!) {{ {below} }}");
        replies.push(caller.send(&query, json!({ "slug": self.scene.acme.slug })).await);
        let invite = entity::ids::InviteId(row(&self.dora)).global();
        let ids = [
            self.places[0].clone(),
            self.places[1].clone(),
            self.scene.red.clone(),
            self.scene.member.clone(),
            self.request.clone(),
            self.scene.bob.user_id().await,
            invite,
        ];
        for id in &ids {
            let query = format!("query($id: ID!) {{ node(id: $id) {{ {nodes} }} }}");
            replies.push(caller.send(&query, json!({ "id": id })).await);
        }
        let query = format!("query($ids: [ID!]!) {{ nodes(ids: $ids) {{ {nodes} }} }}");
        replies.push(caller.send(&query, json!({ "ids": ids })).await);
        replies
    }

    /// What every mutation answers whose payload leads to a member, and that takes
    /// less than member:read.
    async fn change(&self, caller: &Client) -> Vec<Reply> {
        let Scene {
            acme, red, member: bob, ..
        } = &self.scene;
        let (member, team) = (member(), team());
        let place = format!("teamMembership {{ {member} team {{ {team} }} }}");
        let joined = format!("{place} accessRequest {{ {member} requester {{ id name email }} }}");
        let mut replies = Vec::new();
        for (mutation, fields, input) in [
            (ADD, joined, json!({ "teamId": red, "memberId": self.dora })),
            (
                SET_ROLE,
                place.clone(),
                json!({ "teamId": red, "memberId": bob, "teamRole": "contributor" }),
            ),
            (DECIDE, place, json!({ "requestId": self.request, "isApproved": true })),
            (
                REMOVE,
                format!("team {{ {team} }}"),
                json!({ "teamId": red, "memberId": self.dora }),
            ),
            (
                "updateTeam",
                format!("team {{ {team} }}"),
                json!({ "teamId": red, "name": "Crimson" }),
            ),
            (
                "saveOrgOptions",
                format!("impact {{ affectedMembers {{ {NULLABLE} }} }}"),
                json!({ "organizationId": acme.id, "require2FA": true, "dryRun": true }),
            ),
            (
                "transferOwnership",
                format!("newOwner {{ {NULLABLE} }}"),
                json!({ "organizationId": acme.id, "toMemberId": bob }),
            ),
        ] {
            replies.push(caller.mutate(mutation, &fields, input).await);
        }
        replies
    }
}

/// Complains about whatever tells who somebody is, besides the caller.
fn assert_nobody(value: &Value, whose: &str) {
    match value {
        Value::Array(list) => list.iter().for_each(|one| assert_nobody(one, whose)),
        Value::Object(fields) if fields.get("isViewer") == Some(&json!(true)) => {}
        Value::Object(fields) => {
            for private in ["email", "user", "invite", "requester", "hasTwoFactor"] {
                assert!(fields.get(private).is_none_or(Value::is_null), "{whose}: {fields:#?}");
            }
            let is_person = fields.contains_key("email") && fields.contains_key("name");
            assert!(!is_person || fields["name"] == "Unknown", "{whose}: {fields:#?}");
            fields.values().for_each(|one| assert_nobody(one, whose));
        }
        value => {
            let text = value.to_string();
            for name in ["Bob", "Carl", "carl@", "Dora", "@example.com"] {
                assert!(!text.contains(name), "{whose}: {text}");
            }
        }
    }
}

/// How many members an answer shows or hides.
fn members(value: &Value) -> usize {
    match value {
        Value::Array(list) => list.iter().map(members).sum(),
        Value::Object(fields) => {
            usize::from(fields.contains_key("isViewer")) + fields.values().map(members).sum::<usize>()
        }
        _ => 0,
    }
}

#[tokio::test]
async fn without_member_read_nobody_shows_whatever_the_path() {
    let mut seen = 0;
    for scopes in [
        "team:read",
        "org:read",
        "team:write",
        "team:admin",
        "org:write",
        "org:admin",
        "org:read team:admin",
    ] {
        for is_closed in [false, true] {
            let people = People::start().await;
            if is_closed {
                people.scene.db_close().await;
            }
            for caller in people.callers(scopes).await {
                let mut replies = people.read(&caller).await;
                replies.extend(people.change(&caller).await);
                for reply in &replies {
                    assert_nobody(&reply.body["data"], scopes);
                    seen += members(&reply.body["data"]);
                }
            }
        }
    }
    // Places do show: this test asks for something.
    assert!(seen > 500, "{seen}");
}

#[tokio::test]
async fn with_member_read_everybody_shows() {
    let people = People::start().await;
    for caller in people.callers("team:read member:read").await {
        for reply in people.read(&caller).await {
            let text = reply.body["data"].to_string();
            assert!(!text.contains("Unknown"), "{text}");
        }
        let team = caller.team(&people.scene.acme, "red").await;
        let nodes = team["memberships"]["nodes"].as_array().unwrap();
        let names: Vec<_> = nodes.iter().map(|node| &node["member"]["name"]).collect();
        assert_eq!(names, ["Bob", "carl@example.com"]);
        let query = format!(
            "query($id: ID!) {{ node(id: $id) {{ ... on TeamMembership {{ {} }} }} }}",
            member()
        );
        let reply = caller.send(&query, json!({ "id": people.places[0] })).await.ok();
        assert_eq!(reply.data("node.member.email"), "bob@example.com");
        assert_eq!(reply.data("node.member.user.name"), "Bob");
        let reply = caller.send(&query, json!({ "id": people.places[1] })).await.ok();
        assert_eq!(reply.data("node.member.invite.email"), "carl@example.com");
    }
}

#[tokio::test]
async fn what_is_never_null_is_refused_without_member_read() {
    let people = People::start().await;
    for field in ["isPending", "flags { ssoLinked }"] {
        let query =
            format!("query($id: ID!) {{ node(id: $id) {{ ... on TeamMembership {{ member {{ {field} }} }} }} }}");
        for caller in people.callers("team:read").await {
            let reply = caller.send(&query, json!({ "id": people.places[0] })).await;
            assert_eq!(reply.error_codes(), ["FORBIDDEN"], "{field}");
        }
        for caller in people.callers("team:read member:read").await {
            caller.send(&query, json!({ "id": people.places[0] })).await.ok();
        }
    }
}

#[tokio::test]
async fn ones_own_place_shows_whatever_the_credential() {
    let people = People::start().await;
    let query = format!(
        "query($id: ID!) {{ node(id: $id) {{ ... on TeamMembership {{ {} }} }} }}",
        member()
    );
    let bob = people.scene.bob.with(json!({ "scope": "team:read" }));

    let own = bob.send(&query, json!({ "id": people.places[0] })).await.ok();
    assert_eq!(own.data("node.member.email"), "bob@example.com");
    assert_eq!(own.data("node.member.name"), "Bob");
    let other = bob.send(&query, json!({ "id": people.places[1] })).await.ok();
    assert_nobody(other.data("node"), "another");
}

#[tokio::test]
async fn members_are_not_found_by_who_they_are_without_member_read() {
    let people = People::start().await;
    let slug = &people.scene.acme.slug;
    for caller in people.callers("team:admin org:admin").await {
        for field in [
            "members { totalCount }",
            "members(filter: { query: \"bob\" }) { totalCount }",
            "members(first: 1, orderBy: { field: EMAIL, direction: ASC }) { nodes { id } }",
            "invites { totalCount }",
            "member(by: { email: \"bob@example.com\" }) { id }",
        ] {
            let query = format!("query($slug: String!) {{ organization(slug: $slug) {{ it: {field} }} }}");
            let reply = caller.send(&query, json!({ "slug": slug })).await;
            assert_eq!(reply.error_codes(), ["FORBIDDEN"], "{field}");
        }
    }
}
