//! Single objects by id, and who is shown what of them.

use entity::{
    audit_log_entry,
    ids::{AuditLogEntryId, InviteId, OrganizationId, TeamMemberId},
};

use super::*;

/// An organization with a bit of everything: Ann the owner, Bob a plain
/// member, an invite, a request, a team with Bob, a provider.
pub struct Scene {
    pub organization: Organization,
    pub bob: String,
    pub bob_user: String,
    pub invite: String,
    pub request: String,
    /// Every id in it, by type name.
    pub ids: Vec<(&'static str, String)>,
}

impl Scene {
    pub async fn make(app: &TestApp, ann: &Client, bob: &Client, name: &str) -> Self {
        let organization = app.organization_of(ann, name).await;
        let member = app.join(&organization, ann, bob, "member").await;
        let invite = app
            .invite(&organization, ann, &format!("{name}-invite@example.com"), "manager")
            .await;
        let address = format!("{name}-request@example.com");
        let request = app
            .db_request(&organization, &address, InviteStatus::RequestedToJoin)
            .await;
        let slug = app.team(&organization, ann, &format!("{name} team")).await;
        let team = db_team(app, &organization, &slug).await;
        let places = [(row(&team), row(&member)), (row(&team), row(&invite.member))];
        let places = app.db_in_teams(&places).await;
        let provider = app.db_auth_provider(&organization, true).await;
        let entry = audit_log_entry::Entity::within(organization.row())
            .one(&app.db)
            .await
            .unwrap()
            .unwrap();
        let access = app
            .db_access_request(&team, &organization.owner, &bob.user_id().await)
            .await;
        let mut ids = vec![
            ("Organization", organization.id.clone()),
            ("User", ann.user_id().await),
            ("User", bob.user_id().await),
            ("Member", organization.owner.clone()),
            ("Member", member.clone()),
            ("Member", invite.member.clone()),
            ("Invite", invite.id.clone()),
            ("Invite", InviteId(row(&request)).global()),
            ("Team", team),
            ("TeamMembership", places[0].id.global()),
            ("TeamMembership", places[1].id.global()),
            ("TeamAccessRequest", access),
            ("AuditLogEntry", entry.id.global()),
        ];
        ids.push(("AuthProvider", provider.id.global()));
        Self {
            organization,
            bob: member,
            bob_user: bob.user_id().await,
            invite: invite.member,
            request,
            ids,
        }
    }

    /// All ids, whatever their type.
    pub fn all(&self) -> Vec<String> {
        self.ids.iter().map(|(_, id)| id.clone()).collect()
    }
}

impl Client {
    /// `__typename` of each node, in order; empty for null.
    pub async fn kinds(&self, ids: &[String]) -> Vec<String> {
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
        let reply = self.send(query, json!({ "ids": ids })).await.ok();
        let mut kinds = Vec::new();
        for (id, node) in ids.iter().zip(reply.data("nodes").as_array().unwrap()) {
            let one = self
                .send(
                    "query($id: ID!) { node(id: $id) { __typename id } }",
                    json!({ "id": id }),
                )
                .await
                .ok();
            assert_eq!(one.data("node"), node, "node and nodes differ for {id}");
            assert!(node.is_null() || node["id"] == *id, "another object for {id}: {node}");
            kinds.push(node["__typename"].as_str().unwrap_or_default().to_owned());
        }
        assert_eq!(kinds.len(), reply.data("nodes").as_array().unwrap().len());
        kinds
    }
}

#[tokio::test]
async fn every_object_is_found_by_its_id() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann"), app.person("bob"));
    let acme = Scene::make(&app, &ann, &bob, "acme").await;
    let kinds: Vec<&str> = acme.ids.iter().map(|(kind, _)| *kind).collect();

    assert_eq!(ann.kinds(&acme.all()).await, kinds);
    assert_eq!(app.superuser().kinds(&acme.all()).await, kinds);
    let again = [acme.all(), acme.all()].concat();
    assert_eq!(
        ann.kinds(&again).await,
        [kinds.clone(), kinds].concat(),
        "an id may come twice"
    );
    assert!(ann.kinds(&[]).await.is_empty());
}

#[tokio::test]
async fn an_unknown_malformed_or_foreign_id_is_null() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann"), app.person("bob"));
    let acme = Scene::make(&app, &ann, &bob, "acme").await;
    let globex = Scene::make(&app, &app.person("gus"), &app.person("hal"), "globex").await;
    let mut ids = globex.all();
    // Numbers that no row has; types that are no nodes; other spellings of ids.
    ids.extend([
        OrganizationId(99_999).global(),
        UserId(99_999).global(),
        MemberId(i64::MAX).global(),
        InviteId(MemberId(99_999)).global(),
        TeamId(99_999).global(),
        TeamMemberId(99_999).global(),
        AuditLogEntryId(99_999).global(),
        entity::ids::OutboxId(1).global(),
        entity::ids::OrganizationOptionId(1).global(),
        entity::ids::JobId(1).global(),
        entity::ids::AuthIdentityId(1).global(),
    ]);
    for text in [
        "",
        " ",
        "1",
        "-1",
        "null",
        "Member:1",
        "🦀",
        "\u{0}",
        "a\u{0}b",
        "'; DROP TABLE member; --",
        "%",
        "==",
    ] {
        ids.push(text.into());
    }
    ids.push("A".repeat(100_000));
    ids.push(format!("{}=", acme.bob));
    ids.push(format!(" {}", acme.bob));
    ids.push(format!("{}A", acme.bob));
    ids.push(acme.bob.to_lowercase());
    // The number of a row with the type of another: a joined member is no
    // invite, a request no member, whatever stands at that number.
    let number = |id: &str| i64::from(row::<MemberId>(id));
    ids.push(InviteId(row(&acme.bob)).global());
    ids.push(acme.request.clone());
    ids.push(MemberId(number(&acme.request)).global());

    let kinds = ann.kinds(&ids).await;
    let found: Vec<_> = ids.iter().zip(kinds).filter(|(_, kind)| !kind.is_empty()).collect();
    assert!(found.is_empty(), "{found:?}");
    for nobody in [app.anonymous(), app.person("zoe")] {
        let kinds = nobody.kinds(&acme.all()).await;
        assert!(kinds.iter().all(String::is_empty), "{kinds:?}");
    }
}

#[tokio::test]
async fn at_most_a_hundred_nodes_are_asked_for_at_once() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";

    let reply = ann.send(query, json!({ "ids": vec![acme.id.clone(); 100] })).await.ok();
    assert_eq!(reply.data("nodes").as_array().unwrap().len(), 100);
    for count in [101, 1_000, 10_000] {
        let reply = ann.send(query, json!({ "ids": vec![acme.id.clone(); count] })).await;
        assert_eq!(reply.error_codes(), ["BAD_USER_INPUT"], "{count}");
    }
    let inline = format!(
        "{{ nodes(ids: [{}]) {{ id }} }}",
        format!("\"{}\"", acme.id).repeat(101)
    );
    assert_eq!(ann.send(&inline, json!({})).await.error_codes(), ["BAD_USER_INPUT"]);
}

#[tokio::test]
async fn a_request_is_an_invite_and_no_member() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann"), app.person("bob"));
    let acme = Scene::make(&app, &ann, &bob, "acme").await;
    let query = "query($id: ID!) { node(id: $id) { ... on Invite { status expiresAt member { id } }
        ... on Member { isPending invite { id status } user { id } } } }";
    let node = |id: String| {
        let ann = ann.clone();
        async move { ann.send(query, json!({ "id": id })).await.ok().data("node").clone() }
    };

    let request = node(InviteId(row(&acme.request)).global()).await;
    assert_eq!(
        request,
        json!({ "status": "REQUESTED_TO_JOIN", "expiresAt": null, "member": null })
    );
    assert!(node(acme.request.clone()).await.is_null());
    let member = node(acme.invite.clone()).await;
    let invite = InviteId(row(&acme.invite)).global();
    assert_eq!(
        member,
        json!({ "isPending": true, "invite": { "id": invite, "status": "PENDING" }, "user": null })
    );
    assert_eq!(node(invite).await["member"]["id"], json!(acme.invite));
    let joined = node(acme.bob.clone()).await;
    assert_eq!(
        joined,
        json!({ "isPending": false, "invite": null, "user": { "id": acme.bob_user } })
    );

    let slug = &acme.organization.slug;
    let query = "query($slug: String!, $by: MemberBy!) { organization(slug: $slug) { member(by: $by) { id }
        members { nodes { id } } } }";
    for by in [
        json!({ "id": acme.request }),
        json!({ "email": "acme-request@example.com" }),
    ] {
        let reply = ann.send(query, json!({ "slug": slug, "by": by })).await.ok();
        assert!(reply.data("organization.member").is_null(), "{by}");
        assert!(!reply.body.to_string().contains(&acme.request));
    }
}

#[tokio::test]
async fn a_member_is_found_by_id_person_or_address() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann"), app.person("bob"));
    let acme = Scene::make(&app, &ann, &bob, "acme").await;
    let globex = Scene::make(&app, &app.person("gus"), &app.person("hal"), "globex").await;
    let find = |by: Value| {
        let (ann, slug) = (ann.clone(), acme.organization.slug.clone());
        async move {
            let query =
                "query($slug: String!, $by: MemberBy!) { organization(slug: $slug) { member(by: $by) { id } } }";
            ann.send(query, json!({ "slug": slug, "by": by })).await
        }
    };

    for (by, member) in [
        (json!({ "id": acme.bob }), &acme.bob),
        (json!({ "userId": acme.bob_user }), &acme.bob),
        (json!({ "email": "bob@example.com" }), &acme.bob),
        (json!({ "email": "BOB@Example.COM" }), &acme.bob),
        (json!({ "id": acme.invite }), &acme.invite),
        (json!({ "email": "Acme-Invite@example.com" }), &acme.invite),
    ] {
        assert_eq!(
            find(by.clone()).await.ok().text("organization.member.id"),
            *member,
            "{by}"
        );
    }
    for by in [
        json!({ "id": globex.bob }),
        json!({ "id": acme.bob_user }),
        json!({ "id": "x" }),
        json!({ "userId": globex.bob_user }),
        json!({ "userId": acme.bob }),
        json!({ "email": "hal@example.com" }),
        json!({ "email": "globex-invite@example.com" }),
        json!({ "email": "%" }),
        json!({ "email": "" }),
        json!({ "email": "bob_example.com" }),
        json!({ "email": "bob@example.com\u{0}" }),
    ] {
        assert!(
            find(by.clone()).await.ok().data("organization.member").is_null(),
            "{by}"
        );
    }
    for by in [
        json!({}),
        json!({ "id": acme.bob, "email": "bob@example.com" }),
        json!({ "id": null }),
        json!({ "name": "bob" }),
    ] {
        assert_eq!(find(by.clone()).await.error_codes(), ["BAD_USER_INPUT"], "{by}");
    }
    // An address that is not verified matches nobody.
    bob.with(json!({ "email_verified": false })).user_id().await;
    assert!(
        find(json!({ "email": "bob@example.com" }))
            .await
            .ok()
            .data("organization.member")
            .is_null()
    );
}

/// What `client` is shown of a person.
async fn shown(client: &Client, user: &str) -> Value {
    let query =
        "query($id: ID!) { node(id: $id) { ... on User { name email isEmailVerified hasTwoFactor isViewer } } }";
    client
        .send(query, json!({ "id": user }))
        .await
        .ok()
        .data("node")
        .clone()
}

#[tokio::test]
async fn a_person_is_shown_to_fellows_and_their_factor_to_who_administers_them() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let globex = app.organization_of(&app.person("gus"), "Globex").await;
    let bob = app.person("bob").with(json!({ "amr": ["pwd", "otp"] }));
    let (carl, dora) = (app.person("carl"), app.person("dora"));
    app.join(&acme, &ann, &bob, "member").await;
    app.join(&acme, &ann, &carl, "member").await;
    let dora_member = app.join(&acme, &ann, &dora, "member").await;
    app.db_set_role(&dora_member, "admin").await;
    let id = bob.user_id().await;
    let all = |is_viewer: bool| json!({ "name": "Bob", "email": "bob@example.com", "isEmailVerified": true, "hasTwoFactor": true, "isViewer": is_viewer });
    let fellow = json!({ "name": "Bob", "email": "bob@example.com", "isEmailVerified": null, "hasTwoFactor": null, "isViewer": false });

    assert_eq!(shown(&bob, &id).await, all(true));
    assert_eq!(shown(&ann, &id).await, all(false));
    assert_eq!(shown(&app.superuser(), &id).await, all(false));
    for person in [&carl, &dora] {
        assert_eq!(shown(person, &id).await, fellow);
    }
    // A credential that is limited shows no more than its scopes allow.
    assert_eq!(
        shown(&ann.with(json!({ "scope": "org:read member:read" })), &id).await,
        fellow
    );
    assert_eq!(
        shown(&app.db_app(&acme, &["member:admin"]).await, &id).await,
        all(false)
    );
    let gus = app.person("gus");
    let robot = app.db_app(&globex, &["org:admin", "member:admin", "team:admin"]).await;
    for stranger in [&gus, &app.anonymous(), &robot] {
        assert_eq!(shown(stranger, &id).await, Value::Null);
    }

    // To administer another organization of theirs is enough, not just any.
    app.join(&globex, &gus, &bob, "member").await;
    assert_eq!(shown(&gus, &id).await, all(false));
    assert_eq!(shown(&carl, &id).await, fellow);
    app.join(&globex, &gus, &ann, "member").await;
    assert_eq!(shown(&ann, &id).await, all(false));
}

#[tokio::test]
async fn a_person_who_left_is_a_name_in_the_log_without_an_address() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    let member = app.join(&acme, &ann, &bob, "member").await;
    member::Entity::delete_by_id(row::<MemberId>(&member))
        .exec(&app.db)
        .await
        .unwrap();

    let query = "query($slug: String!) { organization(slug: $slug) { auditLog(first: 1) { nodes {
        event actor { name email isEmailVerified hasTwoFactor } } } } }";
    let reply = ann.send(query, json!({ "slug": acme.slug })).await.ok();
    assert_eq!(
        reply.data("organization.auditLog.nodes.0.event"),
        "member.accept-invite"
    );
    let bob_then = json!({ "name": "Bob", "email": null, "isEmailVerified": null, "hasTwoFactor": null });
    assert_eq!(*reply.data("organization.auditLog.nodes.0.actor"), bob_then);
    assert_eq!(shown(&ann, &bob.user_id().await).await, Value::Null);
}

#[tokio::test]
async fn a_member_shows_the_second_factor_to_oneself_and_who_administers_members() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob").with(json!({ "amr": ["mfa"] }));
    let carl = app.person("carl");
    let member = app.join(&acme, &ann, &bob, "member").await;
    app.join(&acme, &ann, &carl, "member").await;
    let invite = app.invite(&acme, &ann, "dora@example.com", "member").await;
    let factor = |client: &Client, member: &str| {
        let (client, member) = (client.clone(), member.to_owned());
        async move {
            let query = "query($id: ID!) { node(id: $id) { ... on Member { id hasTwoFactor } } }";
            client
                .send(query, json!({ "id": member }))
                .await
                .ok()
                .data("node.hasTwoFactor")
                .clone()
        }
    };

    assert_eq!(factor(&bob, &member).await, json!(true));
    assert_eq!(factor(&ann, &member).await, json!(true));
    assert_eq!(factor(&ann, &acme.owner).await, json!(false));
    assert_eq!(factor(&carl, &member).await, Value::Null);
    assert_eq!(
        factor(&ann.with(json!({ "scope": "member:write" })), &member).await,
        Value::Null
    );
    assert_eq!(factor(&ann, &invite.member).await, Value::Null, "pending");
}

#[tokio::test]
async fn the_audit_log_is_for_who_may_write_the_organization() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann"), app.person("bob"));
    let acme = Scene::make(&app, &ann, &bob, "acme").await;
    let entry = acme
        .ids
        .iter()
        .find(|(kind, _)| *kind == "AuditLogEntry")
        .unwrap()
        .1
        .clone();
    let query =
        "query($slug: String!, $id: ID!) { organization(slug: $slug) { slug auditLog { totalCount nodes { id } } }
        node(id: $id) { id } }";
    let variables = json!({ "slug": acme.organization.slug, "id": entry });
    let organization = &acme.organization;
    let (owner, reader) = (&["org:write"][..], &["org:read", "member:admin", "team:admin"][..]);

    for (role, may) in [("member", false), ("admin", false), ("manager", true), ("owner", true)] {
        app.db_set_role(&acme.bob, role).await;
        let reply = bob.send(query, variables.clone()).await;
        assert_eq!(!reply.data("node").is_null(), may, "{role}");
        assert_eq!(!reply.data("organization.auditLog").is_null(), may, "{role}");
        assert_eq!(
            reply.error_codes(),
            if may { vec![] } else { vec!["FORBIDDEN"] },
            "{role}: {reply:#?}"
        );
        assert_eq!(
            reply.text("organization.slug"),
            organization.slug,
            "the rest is answered"
        );
    }
    for (scopes, may) in [(owner, true), (reader, false)] {
        let robot = app.db_app(organization, scopes).await;
        let limited = ann.with(json!({ "scope": scopes.join(" ") }));
        for client in [robot, limited] {
            let reply = client.send(query, variables.clone()).await;
            assert_eq!(!reply.data("node").is_null(), may, "{scopes:?}");
            assert_eq!(!reply.data("organization.auditLog").is_null(), may, "{scopes:?}");
        }
    }
}

#[tokio::test]
async fn members_and_invites_are_for_who_may_read_members() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann"), app.person("bob"));
    let acme = Scene::make(&app, &ann, &bob, "acme").await;
    let slug = acme.organization.slug.clone();
    let robot = app.db_app(&acme.organization, &["org:read", "team:read"]).await;
    let limited = bob.with(json!({ "scope": "org:read team:read" }));

    for client in [&robot, &limited] {
        for list in [
            "members { totalCount }",
            "members { nodes { id } }",
            "invites { nodes { id } }",
        ] {
            let query = format!("query($slug: String!) {{ organization(slug: $slug) {{ {list} }} }}");
            let reply = client.send(&query, json!({ "slug": slug })).await;
            assert_eq!(reply.error_codes(), ["FORBIDDEN"], "{list}: {reply:#?}");
            assert!(!reply.body.to_string().contains("example.com"));
        }
        let kinds = client
            .kinds(&[acme.invite.clone(), InviteId(row(&acme.invite)).global()])
            .await;
        assert_eq!(kinds, ["", ""]);
    }
    let reader = app.db_app(&acme.organization, &["member:read"]).await;
    for client in [&reader, &bob] {
        assert_eq!(
            client
                .kinds(&[acme.invite.clone(), InviteId(row(&acme.invite)).global()])
                .await,
            ["Member", "Invite"]
        );
    }
}
