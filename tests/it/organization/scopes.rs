//! What one may do: roles, credentials and what options withdraw (§3.3).

use super::*;

const MEMBER: &str =
    "org:read member:read member:invite team:read project:read project:releases event:read event:write event:admin
    alerts:read alerts:write";
const ADMIN: &str =
    "org:read org:integrations member:read member:invite team:read team:write team:admin project:read project:write
    project:admin project:releases event:read event:write event:admin alerts:read alerts:write";
const MANAGER: &str = "org:read org:write org:integrations member:read member:invite member:write member:admin team:read team:write
    team:admin project:read project:write project:admin project:releases event:read event:write event:admin alerts:read alerts:write";

fn set(scopes: &str) -> BTreeSet<String> {
    scopes.split_whitespace().map(str::to_owned).collect()
}

impl Client {
    /// `viewerScopes`, each of them once.
    async fn scopes(&self, organization: &Organization) -> BTreeSet<String> {
        let query = "query($slug: String!) { organization(slug: $slug) { viewerScopes } }";
        let reply = self.send(query, json!({ "slug": organization.slug })).await.ok();
        let scopes = reply.data("organization.viewerScopes").as_array().unwrap();
        let distinct: BTreeSet<String> = scopes.iter().map(|scope| scope.as_str().unwrap().to_owned()).collect();
        assert_eq!(distinct.len(), scopes.len(), "a scope comes twice");
        distinct
    }
}

#[tokio::test]
async fn scopes_are_those_of_the_role_and_the_credential() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    let member = app.join(&acme, &ann, &bob, "member").await;
    let owner = format!("{MANAGER} org:admin");

    for (role, scopes) in [
        ("member", MEMBER),
        ("admin", ADMIN),
        ("manager", MANAGER),
        ("owner", &owner),
    ] {
        app.db_set_role(&member, role).await;
        assert_eq!(bob.scopes(&acme).await, set(scopes), "{role}");
    }
    for (limit, scopes) in [
        ("org:write", "org:read org:write"),
        ("org:admin", "org:read org:write org:admin org:integrations"),
        ("member:admin", "member:read member:write member:admin member:invite"),
        ("member:invite", "member:read member:invite"),
        ("team:write project:read", "team:read team:write project:read"),
        ("event:admin", "event:read event:write event:admin"),
        ("alerts:write", "alerts:read alerts:write"),
        ("openid profile org:read", "org:read"),
    ] {
        assert_eq!(
            bob.with(json!({ "scope": limit })).scopes(&acme).await,
            set(scopes),
            "{limit}"
        );
        let names: Vec<&str> = limit
            .split(' ')
            .filter(|scope| !["openid", "profile"].contains(scope))
            .collect();
        assert_eq!(
            app.db_app(&acme, &names).await.scopes(&acme).await,
            set(scopes),
            "an app with {limit}"
        );
    }
    // A scope that is none of ours is no limit; the role stays one.
    assert_eq!(
        bob.with(json!({ "scope": "openid profile email" })).scopes(&acme).await,
        set(&owner)
    );
    assert_eq!(bob.with(json!({ "scope": "" })).scopes(&acme).await, set(&owner));
    app.db_set_role(&member, "member").await;
    assert_eq!(
        bob.with(json!({ "scope": "org:admin" })).scopes(&acme).await,
        set("org:read")
    );
    let all = app.superuser().scopes(&acme).await;
    assert!(set(&owner).is_subset(&all), "{all:?}");
}

#[tokio::test]
async fn options_withdraw_scopes_of_plain_members() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    let member = app.join(&acme, &ann, &bob, "member").await;
    let save = |field: &'static str| {
        let (ann, input) = (ann.clone(), json!({ "organizationId": acme.id, field: false }));
        async move {
            ann.mutate("saveOrgOptions", "organization { id }", input)
                .await
                .done("saveOrgOptions")
        }
    };
    let minus =
        |scopes: &str, less: &str| -> BTreeSet<String> { set(scopes).difference(&set(less)).cloned().collect() };
    let of_member = "query($id: ID!) { node(id: $id) { ... on Member { scopes } } }";

    save("eventsMemberAdmin").await;
    assert_eq!(bob.scopes(&acme).await, minus(MEMBER, "event:admin"));
    save("alertsMemberWrite").await;
    assert_eq!(bob.scopes(&acme).await, minus(MEMBER, "event:admin alerts:write"));
    let reply = ann.send(of_member, json!({ "id": member })).await.ok();
    let scopes = reply
        .data("node.scopes")
        .as_array()
        .unwrap()
        .iter()
        .map(|scope| scope.as_str().unwrap().to_owned());
    assert_eq!(
        scopes.collect::<BTreeSet<_>>(),
        minus(MEMBER, "event:admin alerts:write")
    );
    for (role, scopes) in [("admin", ADMIN), ("manager", MANAGER)] {
        app.db_set_role(&member, role).await;
        assert_eq!(bob.scopes(&acme).await, set(scopes), "{role}");
    }
    let robot = app.db_app(&acme, &["event:admin", "alerts:write"]).await;
    assert_eq!(
        robot.scopes(&acme).await,
        set("event:read event:write event:admin alerts:read alerts:write")
    );
}

#[tokio::test]
async fn what_one_may_do_is_told_before_one_tries() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    let member = app.join(&acme, &ann, &bob, "member").await;
    let query = "query($slug: String!) { organization(slug: $slug) { viewerMembership { id } viewerCanInvite viewerInvitableRoles { id }
        viewerCanSaveOptions viewerCanCreateTeam viewerCanDelete } }";
    let told = |client: &Client| {
        let (client, slug) = (client.clone(), acme.slug.clone());
        async move {
            let reply = client.send(query, json!({ "slug": slug })).await.ok();
            let told = reply.data("organization");
            let roles: Vec<&str> = told["viewerInvitableRoles"]
                .as_array()
                .unwrap()
                .iter()
                .map(|role| role["id"].as_str().unwrap())
                .collect();
            let yes = |field: &str| told[field].as_bool().unwrap();
            let may = [
                yes("viewerCanInvite"),
                yes("viewerCanSaveOptions"),
                yes("viewerCanCreateTeam"),
                yes("viewerCanDelete"),
            ];
            (
                told["viewerMembership"]["id"].as_str().map(str::to_owned),
                may,
                roles.join(" "),
            )
        }
    };

    for (role, may, roles) in [
        ("member", [true, false, false, false], "member"),
        ("admin", [true, false, true, false], "member"),
        ("manager", [true, true, true, false], "member manager"),
        ("owner", [true, true, true, true], "member manager owner"),
    ] {
        app.db_set_role(&member, role).await;
        assert_eq!(told(&bob).await, (Some(member.clone()), may, roles.into()), "{role}");
    }
    let (_, may, roles) = told(&app.superuser()).await;
    assert_eq!((may, roles.as_str()), ([true; 4], "member manager owner"));
    let (own, may, roles) = told(&app.db_app(&acme, &["org:admin", "member:admin"]).await).await;
    assert_eq!((own, may[1], roles.as_str()), (None, true, "member"));
    let limited = told(&bob.with(json!({ "scope": "org:read" }))).await;
    assert_eq!((limited.1, limited.2.as_str()), ([false; 4], ""));
    // What the answers promise is what happens.
    app.db_set_role(&member, "member").await;
    app.db_set_organization_flags(&acme, flag::ALLOW_JOINLEAVE | flag::DISABLE_MEMBER_INVITE)
        .await;
    let (_, may, roles) = told(&bob).await;
    assert_eq!((may, roles.as_str()), ([false; 4], ""));
    let reply = app
        .unchanged(bob.create_invite(&acme, json!({ "email": "new@example.com" })))
        .await;
    assert_eq!(reply.codes("createInvite"), ["FORBIDDEN"]);
}

#[tokio::test]
async fn roles_are_listed_from_the_lowest_to_the_highest() {
    let app = TestApp::start().await;
    let query = "{ roles { id name priority isRetired isGlobal isTeamRolesAllowed minimumTeamRole { id } scopes }
        teamRoles { id priority scopes } }";
    let reply = app.anonymous().send(query, json!({})).await.ok();
    let roles = reply.data("roles").as_array().unwrap();
    let facts: Vec<Value> = roles
        .iter()
        .map(|role| {
            json!([
                role["id"],
                role["isRetired"],
                role["isGlobal"],
                role["isTeamRolesAllowed"],
                role["minimumTeamRole"]["id"]
            ])
        })
        .collect();
    let expected = [
        json!(["member", false, false, true, "contributor"]),
        json!(["admin", true, false, true, "admin"]),
        json!(["manager", false, true, true, "admin"]),
        json!(["owner", false, true, true, "admin"]),
    ];
    assert_eq!(facts, expected);
    let scopes = |role: &Value| {
        role["scopes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|scope| scope.as_str().unwrap().to_owned())
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(
        roles.iter().map(scopes).collect::<Vec<_>>(),
        [
            set(MEMBER),
            set(ADMIN),
            set(MANAGER),
            set(&format!("{MANAGER} org:admin"))
        ]
    );
    assert!(roles.is_sorted_by_key(|role| role["priority"].as_i64()));
    let contributor = "org:read member:read team:read project:read project:releases event:read event:write alerts:read";
    let admin = "org:integrations team:write team:admin project:write project:admin event:admin alerts:write";
    let teams = reply.data("teamRoles").as_array().unwrap();
    assert_eq!(
        teams.iter().map(scopes).collect::<Vec<_>>(),
        [set(contributor), set(&format!("{contributor} {admin}"))]
    );
    assert_eq!(
        (&teams[0]["id"], &teams[1]["id"]),
        (&json!("contributor"), &json!("admin"))
    );
}
