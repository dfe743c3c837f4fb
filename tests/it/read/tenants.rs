//! What is another organization's is not found, by no way.

use entity::{auth_provider, organization::flag, team_member};

use super::{nodes::Scene, walk::Schema, *};

/// Stands in every text of an organization that nobody else may read.
const MARKER: &str = "zqmarker";

/// Globex, whose every text has the marker, with Gus its owner.
async fn globex(app: &TestApp) -> (Scene, Client) {
    let gus = app
        .person(&format!("{MARKER}-gus"))
        .with(json!({ "picture": format!("https://x.example.com/{MARKER}.png") }));
    let hal = app.person(&format!("{MARKER}-hal"));
    let scene = Scene::make(app, &gus, &hal, &format!("{MARKER}-globex")).await;
    let relay = json!([{ "public_key": MARKER, "name": MARKER, "description": MARKER,
        "created": "2026-01-01T00:00:00Z", "last_modified": "2026-01-01T00:00:00Z" }]);
    app.db_set_option(&scene.organization, "sentry:sensitive_fields", json!([MARKER]))
        .await;
    app.db_set_option(&scene.organization, "sentry:trusted-relays", relay)
        .await;
    let places = team_member::Entity::find().all(&app.db).await.unwrap();
    assert_eq!(places.len(), 2);
    auth_provider::Entity::update_many()
        .col_expr(auth_provider::Column::Name, Expr::value(MARKER))
        .exec(&app.db)
        .await
        .unwrap();
    let entry = (
        4,
        Some(row(&gus.user_id().await)),
        Some(row(&hal.user_id().await)),
        json!({ "email": MARKER }),
    );
    app.db_entries(&scene.organization, [entry]).await;
    (scene, gus)
}

/// With which arguments the walk asks: the ids and names of `theirs` besides
/// those of `ours`.
fn nosy(ours: &Organization, theirs: &Scene) -> impl Fn(&str, &str) -> Vec<String> {
    let ours = ours.clone();
    let (slug, ids, bob, bob_user) = (
        theirs.organization.slug.clone(),
        theirs.all(),
        theirs.bob.clone(),
        theirs.bob_user.clone(),
    );
    let team = ids.iter().find(|id| TeamId::parse(id).is_some()).unwrap().clone();
    move |kind: &str, field: &str| {
        let window = "first: 100";
        match (kind, field) {
            ("Query", "organization") => vec![format!("slug: \"{}\"", ours.slug), format!("slug: \"{slug}\"")],
            ("Query", "node") => vec![format!("id: \"{}\"", ids[0]), format!("id: \"{bob}\"")],
            ("Query", "nodes") => vec![format!("ids: {}", json!(ids))],
            ("Query", "invitePreview") => vec![format!("token: \"{bob}\"")],
            ("Query", "isSlugAvailable") => vec![format!("slug: \"{slug}\"")],
            ("Query", "organizations") => vec![format!("{window}, filter: {{ query: \"{MARKER}\" }}"), window.into()],
            ("Organization", "member") => vec![
                format!("by: {{ id: \"{bob}\" }}"),
                format!("by: {{ userId: \"{bob_user}\" }}"),
                format!("by: {{ email: \"{MARKER}-hal@example.com\" }}"),
                format!("by: {{ email: \"{MARKER}-globex-invite@example.com\" }}"),
            ],
            ("Organization", "members") => vec![
                window.into(),
                format!("{window}, filter: {{ query: \"{MARKER}\" }}"),
                format!("{window}, filter: {{ query: \"id:{bob}\" }}"),
                format!("{window}, filter: {{ query: \"user.id:{bob_user}\" }}"),
                format!("{window}, filter: {{ query: \"email:{MARKER}-hal@example.com\" }}"),
                format!("{window}, filter: {{ teamSlugs: [\"{MARKER}-globex-team\"] }}"),
            ],
            ("Organization", "invites") => vec![window.into(), format!("{window}, filter: {{ query: \"{MARKER}\" }}")],
            ("Organization", "team") => vec![format!("slug: \"{MARKER}-globex-team\""), "slug: \"red\"".into()],
            ("Organization", "teams") => vec![
                window.into(),
                format!("{window}, filter: {{ ids: [\"{team}\"] }}"),
                format!("{window}, filter: {{ slugs: [\"{MARKER}-globex-team\"] }}"),
                format!("{window}, filter: {{ query: \"{MARKER}\" }}"),
            ],
            ("Organization", "auditLog") => vec![
                window.into(),
                format!("{window}, filter: {{ actorId: \"{bob_user}\" }}"),
            ],
            _ => vec![],
        }
    }
}

/// Limits that let a document ask for everything.
fn boundless(config: &mut roster::config::Config) {
    config.limits.tokens_max = usize::MAX;
    config.limits.depth_max = 100;
    config.limits.aliases_max = usize::MAX;
    config.limits.root_fields_max = usize::MAX;
    config.limits.complexity_max = usize::MAX;
    config.limits.selections_max = usize::MAX;
    config.limits.pages_max = usize::MAX;
    config.limits.body_bytes_max = 64 << 20;
}

#[tokio::test]
async fn nothing_of_an_organization_reaches_outsiders_by_any_way() {
    let app = TestApp::start_with(boundless).await;
    let (theirs, gus) = globex(&app).await;
    let (ann, bob) = (app.person("ann"), app.person("bob"));
    let ours = Scene::make(&app, &ann, &bob, "acme").await.organization;
    app.team(&ours, &ann, "Red").await;
    let robot = app.db_app(&ours, &["org:admin", "member:admin", "team:admin"]).await;
    let schema = Schema::of(&ann).await;
    let fields = schema.fields("Query").iter().filter_map(|field| field["name"].as_str());
    let ask = nosy(&ours, &theirs);
    let queries: Vec<String> = fields
        .map(|field| format!("{{ {} }}", schema.only("Query", field, &ask)))
        .collect();

    for client in [&ann, &bob, &robot, &app.person("zoe"), &app.anonymous()] {
        for query in &queries {
            let reply = client.send(query, json!({})).await;
            let codes = reply.error_codes();
            let known = |code: &String| code == "UNAUTHENTICATED" || code == "FORBIDDEN";
            assert!(codes.iter().all(known), "{codes:?}");
            let answer = reply.body.to_string();
            if let Some(at) = answer.find(MARKER) {
                panic!(
                    "found at {at}: …{}…",
                    &answer[at.saturating_sub(600)..(at + 200).min(answer.len())]
                );
            }
            for id in theirs.all() {
                assert!(!answer.contains(&format!("\"{id}\"")), "{id} in {answer}");
            }
        }
    }
    // The walk does reach it all, for whoever may.
    for client in [&gus, &app.superuser()] {
        let mut answer = String::new();
        for query in &queries {
            answer.push_str(&client.send(query, json!({})).await.ok().body.to_string());
        }
        assert!(
            answer.matches(MARKER).count() > 300,
            "{}",
            answer.matches(MARKER).count()
        );
        for id in theirs.all() {
            assert!(answer.contains(&format!("\"{id}\"")), "{id} is not reached");
        }
    }
}

#[tokio::test]
async fn an_invited_stranger_sees_the_invite_and_nothing_behind_it() {
    let app = TestApp::start_with(boundless).await;
    let (theirs, gus) = globex(&app).await;
    let team = json!([format!("{MARKER}-globex-team")]);
    let input = json!({ "email": "Ann@Example.com", "orgRole": "owner", "teamSlugs": team });
    gus.create_invite(&theirs.organization, input)
        .await
        .done("createInvite");
    let (ours, ann) = app.organization("Acme").await;
    let query =
        "{ viewer { invites { nodes { id email status role { id } organization { slug name avatar { initials } }
        inviter { name email isEmailVerified hasTwoFactor } viewerCanResend viewerCanRevoke viewerCanDecide } } } }";

    let reply = ann.send(query, json!({})).await.ok();

    let invite = reply.data("viewer.invites.nodes.0");
    assert_eq!(invite["organization"]["slug"], json!(theirs.organization.slug));
    assert_eq!(invite["email"], "Ann@Example.com");
    let inviter = &invite["inviter"];
    assert!(
        inviter["email"].is_null() && inviter["hasTwoFactor"].is_null() && inviter["isEmailVerified"].is_null(),
        "{inviter}"
    );
    assert_eq!(
        [
            &invite["viewerCanResend"],
            &invite["viewerCanRevoke"],
            &invite["viewerCanDecide"]
        ],
        [false, false, false]
    );

    // The organization shows by every path, and does not spoil the answer.
    let query =
        "{ viewer { invites { nodes { member { email organization { slug } viewerCanRemove assignableRoles { id } }
        teams { slug organization { slug } viewerMembership { id } viewerCanJoin } } } } }";
    let reply = ann.send(query, json!({})).await.ok();
    let invite = reply.data("viewer.invites.nodes.0");
    assert_eq!(
        invite["member"]["organization"]["slug"],
        json!(theirs.organization.slug)
    );
    assert_eq!(
        invite["teams"][0]["organization"]["slug"],
        json!(theirs.organization.slug)
    );
    assert!(invite["teams"][0]["viewerMembership"].is_null());

    // Whatever else is asked of it: no person, address or option of theirs.
    let schema = Schema::of(&ann).await;
    let mut seen = Vec::new();
    for field in schema
        .fields("Organization")
        .iter()
        .filter_map(|field| field["name"].as_str())
    {
        let arguments = nosy(&ours, &theirs);
        let ask = |kind: &str, asked: &str| {
            if kind == "Organization" && asked != field {
                vec![]
            } else {
                arguments(kind, asked)
            }
        };
        let one = schema.only("Organization", field, &ask);
        let query = format!("{{ viewer {{ invites {{ nodes {{ organization {{ {one} }} }} }} }} }}");
        let reply = ann.send(&query, json!({})).await;
        let answer = reply.body.to_string();
        assert!(
            !reply.error_codes().iter().any(|code| code == "INTERNAL"),
            "{field}: {reply:#?}"
        );
        if answer.contains(MARKER) && !["slug", "name"].contains(&field) {
            seen.push(format!("{field}: {answer}"));
        }
    }
    assert!(seen.is_empty(), "{seen:#?}");
}

#[tokio::test]
async fn a_flag_hides_an_organization_from_superusers() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann"), app.person("bob"));
    let acme = Scene::make(&app, &ann, &bob, "acme").await;
    app.db_set_organization_flags(
        &acme.organization,
        flag::ALLOW_JOINLEAVE | flag::PREVENT_SUPERUSER_ACCESS,
    )
    .await;

    let kinds = app.superuser().kinds(&acme.all()).await;
    let seen: Vec<_> = kinds
        .iter()
        .filter(|kind| !kind.is_empty() && *kind != "User")
        .collect();
    assert!(seen.is_empty(), "{kinds:?}");
    assert!(ann.kinds(&acme.all()).await.iter().all(|kind| !kind.is_empty()));
    let query = "query($id: ID!) { node(id: $id) { id } }";
    let bob = json!({ "id": bob.user_id().await });
    let reply = app.superuser().send(query, bob).await.ok();
    assert!(reply.data("node").is_null(), "its people are hidden, too: {reply:?}");
}
