//! Finding members (§14.1), invites (§9.3) and entries of the audit log (§22).

use entity::{member::flag, user};
use sea_orm::IntoActiveModel;

use super::*;

impl Client {
    /// Names of the members that match, in the order in which they came.
    async fn find(&self, organization: &Organization, filter: Value) -> Reply {
        let query = "query($slug: String!, $filter: MemberFilter!) { organization(slug: $slug) {
            members(first: 100, filter: $filter) { totalCount nodes { id name } } } }";
        self.send(query, json!({ "slug": organization.slug, "filter": filter }))
            .await
    }

    /// Names of the members that match, joined by commas.
    async fn found(&self, organization: &Organization, filter: Value) -> String {
        let reply = self.find(organization, filter.clone()).await.ok();
        let nodes = reply.data("organization.members.nodes").as_array().unwrap();
        assert_eq!(*reply.data("organization.members.totalCount"), nodes.len(), "{filter}");
        let names: Vec<&str> = nodes.iter().map(|node| node["name"].as_str().unwrap()).collect();
        names.join(", ")
    }

    /// The same, for the search language.
    async fn search(&self, organization: &Organization, query: &str) -> String {
        self.found(organization, json!({ "query": query })).await
    }

    /// Addresses of the invites that match, sorted.
    async fn invites(&self, organization: &Organization, filter: Value) -> Vec<String> {
        let query = "query($slug: String!, $filter: InviteFilter) { organization(slug: $slug) {
            invites(first: 100, filter: $filter) { totalCount nodes { email } } } }";
        let reply = self
            .send(query, json!({ "slug": organization.slug, "filter": filter }))
            .await
            .ok();
        let nodes = reply.data("organization.invites.nodes").as_array().unwrap();
        assert_eq!(*reply.data("organization.invites.totalCount"), nodes.len(), "{filter}");
        let mut emails: Vec<String> = nodes
            .iter()
            .map(|node| node["email"].as_str().unwrap().into())
            .collect();
        emails.sort();
        emails
    }
}

/// Acme, with people whose names are worth looking for.
async fn acme(app: &TestApp) -> (Organization, Client, Vec<member::Model>) {
    let (acme, ann) = app.organization("Acme").await;
    let people = [
        ("Zoë Müller", "zoe.m@example.com"),
        ("Jane Doe", "jane@Example.com"),
        ("Jane Smith", "smith@corp.example"),
        ("100%_sure", "percent@example.com"),
        ("under_score", "under@example.com"),
        ("back\\slash", "back@example.com"),
        ("It's \"quoted\": yes", "quote@example.com"),
        ("李小龍", "lee@example.com"),
    ];
    let people = people.map(|(name, email)| (name.to_owned(), email.to_owned()));
    let users = app.db_people(&people).await;
    let members = app
        .db_joined(&acme, &users, |at, row| {
            row.role = Set([
                "owner", "member", "manager", "admin", "member", "member", "member", "member",
            ][at]
                .into());
        })
        .await;
    (acme, ann, members)
}

#[tokio::test]
async fn free_text_finds_parts_of_names_and_addresses_in_any_case() {
    let app = TestApp::start().await;
    let (acme, ann, _) = acme(&app).await;
    app.db_pending(&acme, &["Pending.Jane@Invited.example".into()], |_, _| ())
        .await;

    for (query, found) in [
        ("jane", "Jane Doe, Jane Smith, Pending.Jane@Invited.example"),
        ("JANE", "Jane Doe, Jane Smith, Pending.Jane@Invited.example"),
        ("  jane  ", "Jane Doe, Jane Smith, Pending.Jane@Invited.example"),
        ("zoë", "Zoë Müller"),
        ("ZOË MÜLLER", "Zoë Müller"),
        ("müll", "Zoë Müller"),
        ("小", "李小龍"),
        ("corp.example", "Jane Smith"),
        ("JANE@EXAMPLE", "Jane Doe"),
        ("invited.EXAMPLE", "Pending.Jane@Invited.example"),
        ("\"jane smith\"", "Jane Smith"),
        ("\"ane smi\"", "Jane Smith"),
        ("\"smith jane\"", ""),
        ("jane smith", "Jane Smith"),
        ("it's", "It's \"quoted\": yes"),
        ("nobody", ""),
    ] {
        assert_eq!(ann.search(&acme, query).await, found, "{query}");
    }
    let all = ann.found(&acme, json!({})).await;
    assert_eq!(all.split(", ").count(), 10);
    for everything in ["", "   ", "\t\n"] {
        assert_eq!(ann.search(&acme, everything).await, all, "{everything:?}");
    }
}

#[tokio::test]
async fn wildcards_of_sql_are_letters_like_any_other() {
    let app = TestApp::start().await;
    let (acme, ann, _) = acme(&app).await;
    for (query, found) in [
        ("%", "100%_sure"),
        ("100%", "100%_sure"),
        ("1%e", ""),
        ("_", "100%_sure, under_score"),
        ("r_s", "under_score"),
        ("j_ne", ""),
        ("\\", "back\\slash"),
        ("\\%", ""),
        ("[a-z]", ""),
        ("j*", ""),
        ("'", "It's \"quoted\": yes"),
    ] {
        assert_eq!(ann.search(&acme, query).await, found, "{query}");
    }
}

#[tokio::test]
async fn tokens_narrow_what_is_found() {
    let app = TestApp::start().await;
    let (acme, ann, members) = acme(&app).await;
    let invites = app
        .db_pending(&acme, &["invited@example.com".into()], |_, row| {
            row.role = Set("manager".into())
        })
        .await;
    let jane = &members[1];
    app.db_set_flags(&jane.id.global(), flag::SSO_LINKED).await;
    app.db_set_flags(&members[3].id.global(), flag::SSO_LINKED | flag::SSO_INVALID)
        .await;
    let jane_user = jane.user_id.unwrap().global();

    for (query, found) in [
        ("role:manager", "Jane Smith, invited@example.com"),
        ("role:admin", "100%_sure"),
        ("role:nonsense", ""),
        ("scope:org:admin", "Ann, Zoë Müller"),
        ("scope:member:write", "Ann, Zoë Müller, Jane Smith, invited@example.com"),
        ("scope:nonsense", ""),
        ("isInvited:true", "invited@example.com"),
        ("isInvited:true role:owner", ""),
        ("isInvited:false role:manager", "Jane Smith"),
        ("ssoLinked:true", "Jane Doe, 100%_sure"),
        ("ssoLinked:true role:member", "Jane Doe"),
        ("email:jane@example.com", "Jane Doe"),
        ("email:JANE@EXAMPLE.COM", "Jane Doe"),
        ("email:\"jane@example.com\"", "Jane Doe"),
        ("email:invited@example.com", "invited@example.com"),
        ("email:Invited@Example.com isInvited:true", "invited@example.com"),
        ("email:jane", ""),
        ("email:%", ""),
        ("email:nobody@example.com", ""),
        ("id:nonsense", ""),
        ("id:1", ""),
        ("user.id:nonsense", ""),
        ("user.id:1", ""),
        ("jane role:manager", "Jane Smith"),
        ("role:manager jane", "Jane Smith"),
        ("role:member jane", "Jane Doe"),
    ] {
        assert_eq!(ann.search(&acme, query).await, found, "{query}");
    }
    assert_eq!(ann.search(&acme, &format!("id:{}", jane.id.global())).await, "Jane Doe");
    assert_eq!(
        ann.search(&acme, &format!("id:{}", invites[0].id.global())).await,
        "invited@example.com"
    );
    assert_eq!(ann.search(&acme, &format!("user.id:{jane_user}")).await, "Jane Doe");
    assert_eq!(
        ann.search(&acme, &format!("id:{jane_user}")).await,
        "",
        "the id of another type"
    );
    assert_eq!(
        ann.search(&acme, &format!("user.id:{}", jane.id.global())).await,
        "",
        "the id of another type"
    );
    assert_eq!(ann.search(&acme, &format!("id:{} smith", jane.id.global())).await, "");
}

#[tokio::test]
async fn an_unknown_token_finds_nobody() {
    let app = TestApp::start().await;
    let (acme, ann, _) = acme(&app).await;
    for query in [
        "nonsense:true",
        "name:jane",
        "jane nonsense:x",
        "team:red",
        "Role:member",
        "is:invited",
        "password:x",
    ] {
        assert_eq!(ann.search(&acme, query).await, "", "{query}");
    }
}

#[tokio::test]
async fn who_has_a_second_factor_is_asked_by_who_administers_members_only() {
    let app = TestApp::start().await;
    let (acme, ann, members) = acme(&app).await;
    let carl = app.person("carl");
    app.join(&acme, &ann, &carl, "member").await;
    let mut jane = user::Entity::find_by_id(members[1].user_id.unwrap())
        .one(&app.db)
        .await
        .unwrap()
        .unwrap()
        .into_active_model();
    jane.has_two_factor = Set(true);
    jane.update(&app.db).await.unwrap();
    app.db_change_member(&members[1].id.global(), |row| row.user_has_two_factor = Set(true))
        .await;
    let limited = ann.with(json!({ "scope": "org:admin member:write team:admin" }));
    let reader = app.db_app(&acme, &["org:admin", "member:write"]).await;
    let admin = app.db_app(&acme, &["member:admin"]).await;

    for may in [&ann, &app.superuser(), &admin] {
        assert_eq!(may.search(&acme, "has2fa:true").await, "Jane Doe");
        assert_eq!(may.found(&acme, json!({ "hasTwoFactor": true })).await, "Jane Doe");
        let without = may.found(&acme, json!({ "hasTwoFactor": false })).await;
        assert!(
            without.contains("Jane Smith") && !without.contains("Jane Doe"),
            "{without}"
        );
        assert_eq!(may.search(&acme, "has2fa:true smith").await, "");
    }
    for may_not in [&carl, &limited, &reader] {
        for (yes, no) in [
            (json!({ "hasTwoFactor": true }), json!({ "hasTwoFactor": false })),
            (json!({ "query": "has2fa:true" }), json!({ "query": "has2fa:false" })),
            (
                json!({ "query": "has2fa:true jane" }),
                json!({ "query": "has2fa:false jane" }),
            ),
        ] {
            let (first, second) = (may_not.find(&acme, yes.clone()).await, may_not.find(&acme, no).await);
            assert_eq!(first.body, second.body, "the answers to {yes} and its opposite tell");
            let names = first.body["data"]["organization"]["members"]["nodes"]
                .as_array()
                .map_or(0, Vec::len);
            assert_eq!(names, 0, "{yes}: {first:#?}");
        }
        let reply = may_not.find(&acme, json!({ "hasTwoFactor": true })).await;
        assert_eq!(reply.error_codes(), ["FORBIDDEN"]);
    }
}

#[tokio::test]
async fn an_unverified_address_never_matches() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app
        .person("bob")
        .with(json!({ "email": "secret@hidden.example", "email_verified": false, "name": "Robert" }));
    app.join(&acme, &ann, &bob, "member").await;

    for query in [
        "secret",
        "hidden.example",
        "email:secret@hidden.example",
        "\"secret@hidden.example\"",
    ] {
        assert_eq!(ann.search(&acme, query).await, "", "{query}");
    }
    assert_eq!(ann.search(&acme, "robert").await, "Robert");
    let query = "query($slug: String!) { organization(slug: $slug) { member(by: { email: \"secret@hidden.example\" }) { id } } }";
    assert!(
        ann.send(query, json!({ "slug": acme.slug }))
            .await
            .ok()
            .data("organization.member")
            .is_null()
    );

    bob.with(json!({ "email_verified": true })).user_id().await;
    assert_eq!(ann.search(&acme, "hidden.example").await, "Robert");
    bob.with(json!({ "email": "else@example.com", "email_verified": true }))
        .user_id()
        .await;
    assert_eq!(ann.search(&acme, "hidden.example").await, "");
    assert_eq!(ann.search(&acme, "email:else@example.com").await, "Robert");
    bob.with(json!({ "name": "Bobby", "email": "else@example.com" }))
        .user_id()
        .await;
    assert_eq!(ann.search(&acme, "robert").await, "");
    assert_eq!(ann.search(&acme, "bobby").await, "Bobby");
}

#[tokio::test]
async fn filters_of_members_narrow_together() {
    let app = TestApp::start().await;
    let (acme, ann, members) = acme(&app).await;
    let teams =
        [("red", "Red"), ("blue", "Blue"), ("gone", "Gone")].map(|(slug, name)| (slug.to_owned(), name.to_owned()));
    let teams = app.db_teams(&acme, &teams).await;
    let invite = app
        .db_pending(&acme, &["invited@example.com".into()], |_, _| ())
        .await
        .remove(0);
    let places =
        [(0, 1), (0, 2), (1, 2), (1, 3), (2, 4)].map(|(team, at): (usize, usize)| (teams[team].id, members[at].id));
    app.db_in_teams(&places).await;
    app.db_in_teams(&[(teams[0].id, invite.id)]).await;
    app.db_retire_team(&acme, "gone").await;
    app.db_set_flags(&members[2].id.global(), flag::SSO_LINKED).await;

    for (filter, found) in [
        (json!({ "roles": ["manager"] }), "Jane Smith"),
        (json!({ "roles": ["manager", "admin"] }), "Jane Smith, 100%_sure"),
        (json!({ "roles": ["nonsense"] }), ""),
        (
            json!({ "teamSlugs": ["red"] }),
            "Jane Doe, Jane Smith, invited@example.com",
        ),
        (
            json!({ "teamSlugs": ["red", "blue"] }),
            "Jane Doe, Jane Smith, 100%_sure, invited@example.com",
        ),
        (json!({ "teamSlugs": ["blue", "nonsense"] }), "Jane Smith, 100%_sure"),
        (json!({ "teamSlugs": ["gone"] }), ""),
        (json!({ "teamSlugs": ["RED"] }), ""),
        (json!({ "isPending": true }), "invited@example.com"),
        (json!({ "isPending": true, "teamSlugs": ["blue"] }), ""),
        (
            json!({ "isPending": false, "teamSlugs": ["red"] }),
            "Jane Doe, Jane Smith",
        ),
        (json!({ "isSsoLinked": true }), "Jane Smith"),
        (json!({ "isSsoLinked": false, "teamSlugs": ["blue"] }), "100%_sure"),
        (
            json!({ "query": "smith", "roles": ["manager"], "teamSlugs": ["red"], "isPending": false }),
            "Jane Smith",
        ),
        (json!({ "query": "smith", "roles": ["member"] }), ""),
        (
            json!({ "roles": null, "query": null, "teamSlugs": null, "isPending": null, "hasTwoFactor": null, "isSsoLinked": true }),
            "Jane Smith",
        ),
    ] {
        assert_eq!(ann.found(&acme, filter.clone()).await, found, "{filter}");
    }
}

#[tokio::test]
async fn who_is_switched_off_or_only_asked_for_is_no_member() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    let member = app.join(&acme, &ann, &bob, "member").await;
    let request = app
        .db_request(&acme, "request@example.com", InviteStatus::RequestedToBeInvited)
        .await;
    app.db_request(&acme, "join@example.com", InviteStatus::RequestedToJoin)
        .await;

    assert_eq!(ann.found(&acme, json!({})).await, "Ann, Bob");
    assert_eq!(ann.search(&acme, "request").await, "");
    assert_eq!(ann.search(&acme, "isInvited:true").await, "");
    assert_eq!(ann.search(&acme, &format!("id:{request}")).await, "");
    app.db_set_active(&bob.user_id().await, false).await;
    assert_eq!(ann.found(&acme, json!({})).await, "Ann");
    assert_eq!(ann.search(&acme, &format!("id:{member}")).await, "");
    app.db_set_active(&bob_id(&app, &member).await, true).await;
    assert_eq!(ann.found(&acme, json!({})).await, "Ann, Bob");
}

/// Global id of the person behind a member.
async fn bob_id(app: &TestApp, member: &str) -> String {
    app.db_member(member).await.unwrap().user_id.unwrap().global()
}

#[tokio::test]
async fn invites_are_found_by_address_and_status() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.invite(&acme, &ann, "Open.One@Example.com", "member").await;
    let expired = app.invite(&acme, &ann, "expired@example.com", "member").await;
    app.db_expire_invite(&expired.member).await;
    app.db_request(&acme, "wanted@example.com", InviteStatus::RequestedToBeInvited)
        .await;
    app.db_request(&acme, "wanting@other.example", InviteStatus::RequestedToJoin)
        .await;

    for (filter, found) in [
        (
            json!(null),
            "Open.One@Example.com expired@example.com wanted@example.com wanting@other.example",
        ),
        (
            json!({}),
            "Open.One@Example.com expired@example.com wanted@example.com wanting@other.example",
        ),
        (
            json!({ "query": "" }),
            "Open.One@Example.com expired@example.com wanted@example.com wanting@other.example",
        ),
        (json!({ "query": "open.one" }), "Open.One@Example.com"),
        (
            json!({ "query": "EXAMPLE.COM" }),
            "Open.One@Example.com expired@example.com wanted@example.com",
        ),
        (json!({ "query": "want" }), "wanted@example.com wanting@other.example"),
        (json!({ "query": "%" }), ""),
        (json!({ "query": "_" }), ""),
        (json!({ "statuses": ["PENDING"] }), "Open.One@Example.com"),
        (json!({ "statuses": ["EXPIRED"] }), "expired@example.com"),
        (
            json!({ "statuses": ["PENDING", "EXPIRED"] }),
            "Open.One@Example.com expired@example.com",
        ),
        (json!({ "statuses": ["REQUESTED_TO_JOIN"] }), "wanting@other.example"),
        (json!({ "statuses": ["REQUESTED_TO_BE_INVITED"] }), "wanted@example.com"),
        (
            json!({ "statuses": ["REQUESTED_TO_BE_INVITED", "REQUESTED_TO_BE_INVITED"] }),
            "wanted@example.com",
        ),
        (json!({ "statuses": ["EXPIRED"], "query": "open" }), ""),
    ] {
        assert_eq!(ann.invites(&acme, filter.clone()).await.join(" "), found, "{filter}");
    }
}

#[tokio::test]
async fn join_requests_are_hidden_while_there_are_none_to_be() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.db_request(&acme, "wanted@example.com", InviteStatus::RequestedToBeInvited)
        .await;
    app.db_request(&acme, "wanting@example.com", InviteStatus::RequestedToJoin)
        .await;

    let input = json!({ "organizationId": acme.id, "allowJoinRequests": false });
    ann.mutate("saveOrgOptions", "organization { id }", input)
        .await
        .done("saveOrgOptions");
    assert_eq!(ann.invites(&acme, json!({})).await, ["wanted@example.com"]);
    assert!(
        ann.invites(&acme, json!({ "statuses": ["REQUESTED_TO_JOIN"] }))
            .await
            .is_empty()
    );

    let input = json!({ "organizationId": acme.id, "allowJoinRequests": true });
    ann.mutate("saveOrgOptions", "organization { id }", input)
        .await
        .done("saveOrgOptions");
    assert_eq!(
        ann.invites(&acme, json!({})).await,
        ["wanted@example.com", "wanting@example.com"]
    );
}

#[tokio::test]
async fn the_audit_log_is_filtered_by_event_person_and_time() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    app.join(&acme, &ann, &bob, "member").await;
    let (ann_id, bob_id) = (ann.user_id().await, bob.user_id().await);
    app.db_entries(
        &acme,
        [(4, Some(row(&bob_id)), None, json!({ "email": "old@example.com" }))],
    )
    .await;
    let filtered = |filter: Value| {
        let (ann, slug) = (ann.clone(), acme.slug.clone());
        async move {
            let query = "query($slug: String!, $filter: AuditLogFilter!) { organization(slug: $slug) {
                auditLog(filter: $filter) { totalCount nodes { event } } } }";
            let reply = ann.send(query, json!({ "slug": slug, "filter": filter })).await.ok();
            let nodes = reply.data("organization.auditLog.nodes").as_array().unwrap();
            assert_eq!(*reply.data("organization.auditLog.totalCount"), nodes.len());
            let events: Vec<&str> = nodes.iter().map(|node| node["event"].as_str().unwrap()).collect();
            events.join(" ")
        }
    };

    let all = "member.accept-invite member.invite org.create member.edit";
    for (filter, found) in [
        (json!({}), all),
        (json!({ "events": ["member.invite"] }), "member.invite"),
        (
            json!({ "events": ["member.invite", "org.create"] }),
            "member.invite org.create",
        ),
        (json!({ "actorId": ann_id }), "member.invite org.create"),
        (json!({ "actorId": bob_id }), "member.accept-invite member.edit"),
        (json!({ "actorId": bob_id, "events": ["member.edit"] }), "member.edit"),
        (json!({ "actorId": "nonsense" }), ""),
        (json!({ "actorId": acme.owner }), ""),
        (
            json!({ "after": "2026-06-01T00:00:00Z" }),
            "member.accept-invite member.invite org.create",
        ),
        (json!({ "before": "2026-06-01T00:00:00Z" }), "member.edit"),
        (json!({ "before": "2026-01-02T05:04:05.678902+02:00" }), "member.edit"),
        (json!({ "before": "2026-01-02T03:04:05.678901Z" }), ""),
        (
            json!({ "after": "2026-01-02T03:04:05.678901Z" }),
            "member.accept-invite member.invite org.create",
        ),
        (
            json!({ "after": "2026-01-01T00:00:00Z", "before": "2026-02-01T00:00:00Z" }),
            "member.edit",
        ),
        (json!({ "after": "9999-12-31T23:59:59Z" }), ""),
        (json!({ "before": "0001-01-01T00:00:00Z" }), ""),
    ] {
        assert_eq!(filtered(filter.clone()).await, found, "{filter}");
    }
}

#[tokio::test]
async fn a_second_factor_is_looked_for_where_it_was_seen_last() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    app.join(&acme, &ann, &bob, "member").await;
    assert_eq!(ann.search(&acme, "has2fa:true").await, "");

    bob.with(json!({ "amr": ["mfa"] })).user_id().await;
    assert_eq!(ann.search(&acme, "has2fa:true").await, "Bob");

    bob.with(json!({ "amr": ["pwd"] })).user_id().await;
    assert_eq!(ann.search(&acme, "has2fa:true").await, "");
}

#[tokio::test]
async fn a_search_for_too_much_is_refused_and_finds_not_more() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let query = "query($slug: String!, $filter: MemberFilter!) {
        organization(slug: $slug) { members(filter: $filter) { totalCount } } }";
    for text in [format!("{}role:owner", "a ".repeat(20)), "a".repeat(1_001)] {
        let variables = json!({ "slug": acme.slug, "filter": { "query": text } });
        assert_eq!(ann.send(query, variables).await.error_codes(), ["BAD_USER_INPUT"]);
    }
}
