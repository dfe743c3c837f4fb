//! Creating an organization (§15), and its slug (§16.4).

use super::*;

const ORG_ADD: i32 = 10;

/// §16.4, but for what others have taken.
fn is_slug(slug: &str) -> bool {
    let letters = slug
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    (3..=50).contains(&slug.len())
        && letters
        && !slug.starts_with('-')
        && !slug.ends_with('-')
        && !slug.bytes().all(|byte| byte.is_ascii_digit())
}

impl Client {
    async fn create(&self, input: Value) -> Reply {
        let fields = "organization { id slug name status defaultRole { id } viewerScopes options { openMembership }
            teams { nodes { slug memberships { nodes { member { id } } } } } } member { id role { id } user { id } isOnlyOwner }";
        self.mutate("createOrganization", fields, input).await
    }

    async fn created(&self, input: Value) -> Reply {
        self.create(input).await.done("createOrganization")
    }
}

#[tokio::test]
async fn whoever_creates_an_organization_owns_it() {
    let app = TestApp::start().await;
    let ann = app.person("ann");

    let reply = ann.created(json!({ "name": "Acme" })).await;

    let made = reply.data("createOrganization.organization");
    assert_eq!(made["slug"], "acme");
    assert_eq!(
        (&made["name"], &made["status"], &made["defaultRole"]["id"]),
        (&json!("Acme"), &json!("ACTIVE"), &json!("member"))
    );
    assert_eq!(made["options"]["openMembership"], true);
    assert_eq!(made["teams"]["nodes"], json!([]));
    let member = reply.data("createOrganization.member");
    assert_eq!(
        (&member["role"]["id"], &member["isOnlyOwner"]),
        (&json!("owner"), &json!(true))
    );
    assert_eq!(member["user"]["id"], ann.user_id().await);

    let organization = Organization {
        id: reply.text("createOrganization.organization.id"),
        slug: "acme".into(),
        owner: reply.text("createOrganization.member.id"),
    };
    let audit = app.db_audit(&organization).await;
    assert_eq!(audit.len(), 1);
    assert_eq!(
        (audit[0].event, audit[0].actor.clone()),
        (ORG_ADD, Some(ann.user_id().await))
    );
    assert_eq!(audit[0].target, Some(organization.row().0));
    let data = json!({ "id": organization.id, "slug": "acme", "name": "Acme", "status": 0, "flags": 1, "default_role": "member" });
    assert_eq!(audit[0].data, data);
    let member = i64::from(row::<MemberId>(&organization.owner));
    let outbox: BTreeSet<_> = app
        .db_outbox(&organization)
        .await
        .into_iter()
        .map(|(category, id)| (category as i32, id))
        .collect();
    let expected = [
        (Category::OrganizationUpdate, organization.row().0),
        (Category::OrganizationMemberUpdate, member),
    ];
    assert!(
        expected
            .iter()
            .all(|(category, id)| outbox.contains(&(*category as i32, *id))),
        "{outbox:?}"
    );
}

#[tokio::test]
async fn a_first_team_holds_its_creator() {
    let app = TestApp::start().await;
    let ann = app.person("ann");

    let reply = ann.created(json!({ "name": "Acme", "createDefaultTeam": true })).await;

    let teams = reply
        .data("createOrganization.organization.teams.nodes")
        .as_array()
        .unwrap();
    assert_eq!(teams.len(), 1);
    assert!(is_slug(teams[0]["slug"].as_str().unwrap()));
    let member = reply.data("createOrganization.member.id");
    assert_eq!(
        teams[0]["memberships"]["nodes"],
        json!([{ "member": { "id": member } }])
    );
    let organization = Organization {
        id: reply.text("createOrganization.organization.id"),
        slug: "acme".into(),
        owner: reply.text("createOrganization.member.id"),
    };
    let outbox = app.db_outbox(&organization).await;
    let team = team::Entity::within(organization.row())
        .one(&app.db)
        .await
        .unwrap()
        .unwrap();
    let place = team_member::Entity::find().one(&app.db).await.unwrap().unwrap();
    assert!(outbox.contains(&(Category::TeamUpdate, team.id.0)), "{outbox:?}");
    assert!(
        outbox.contains(&(Category::OrganizationMemberTeamUpdate, place.id.0)),
        "{outbox:?}"
    );
}

#[tokio::test]
async fn a_slug_is_made_of_the_name() {
    let app = start().await;
    let ann = app.person("ann");
    let long = format!("{} and more", "Very Long Name ".repeat(3));
    let mut slugs = BTreeSet::new();
    for (name, slug) in [
        ("Acme", Some("acme")),
        ("Foo_Bar", Some("foo-bar")),
        ("--Foo--", Some("foo")),
        ("__Baz__", Some("baz")),
        ("Acme Inc.", Some("acme-inc")),
        ("  Two   Words  ", Some("two-words")),
        ("UPPER", Some("upper")),
        ("Route 66", Some("route-66")),
        ("Acme", None),
        ("ACME", None),
        ("acme", None),
        ("Ünïcode GmbH", None),
        ("李小龍", None),
        ("🦀", None),
        ("a", None),
        ("12345", None),
        ("...", None),
        ("api", None),
        ("Settings", None),
        ("api", None),
        ("404", None),
        (long.as_str(), None),
        (long.as_str(), None),
        ("- _ -", None),
    ] {
        let made = ann
            .created(json!({ "name": name }))
            .await
            .text("createOrganization.organization.slug");
        assert!(is_slug(&made), "{name:?} became {made:?}");
        assert!(slugs.insert(made.clone()), "{name:?} became {made:?}, which was taken");
        assert!(
            !["api", "settings", "404"].contains(&made.as_str()),
            "{made:?} is reserved"
        );
        if let Some(slug) = slug {
            assert_eq!(made, slug, "{name:?}");
        }
        if name.eq_ignore_ascii_case("acme") {
            assert!(made.starts_with("acme"), "{made}");
        }
    }
}

#[tokio::test]
async fn a_slug_that_is_given_must_be_good_and_free() {
    let app = start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob").seen().await;
    let long = "a".repeat(51);
    let invalid = [
        "",
        " ",
        "ab",
        long.as_str(),
        "Acme2",
        "acme_2",
        "acme 2",
        " acme2",
        "acme2 ",
        "acme2\n",
        "-acme2",
        "acme2-",
        "12345",
        "äcme",
        "acme.2",
        "acme/2",
        "a\u{0}cme",
        "🦀🦀🦀",
        "acme\u{200b}2",
        "---",
    ];
    for slug in invalid {
        let reply = app
            .unchanged(bob.create(json!({ "name": "Other", "slug": slug })))
            .await;
        assert_eq!(
            reply.refusals("createOrganization"),
            [("SLUG_INVALID", "input.slug")],
            "{slug:?}"
        );
    }
    for slug in ["api", "404", "organization-avatar", "settings", "my", "us", "welcome"] {
        // Some of the words would not be slugs anyway.
        let reply = app
            .unchanged(bob.create(json!({ "name": "Other", "slug": slug })))
            .await;
        let code = if is_slug(slug) {
            &["SLUG_RESERVED"][..]
        } else {
            &["SLUG_RESERVED", "SLUG_INVALID"]
        };
        assert!(
            code.contains(&reply.codes("createOrganization")[0].as_str()),
            "{slug}: {reply:#?}"
        );
    }
    for status in [
        OrganizationStatus::Active,
        OrganizationStatus::PendingDeletion,
        OrganizationStatus::DeletionInProgress,
    ] {
        app.db_set_status(&acme, status).await;
        for person in [&ann, &bob] {
            let reply = app
                .unchanged(person.create(json!({ "name": "Other", "slug": "acme" })))
                .await;
            assert_eq!(reply.refusals("createOrganization"), [("SLUG_TAKEN", "input.slug")]);
        }
    }
    for slug in ["abc", "a-b", "0a0", "a--b", &"a".repeat(50)] {
        let reply = bob.created(json!({ "name": "Other", "slug": slug })).await;
        assert_eq!(reply.text("createOrganization.organization.slug"), slug);
    }
    let reply = bob.created(json!({ "name": "Null", "slug": null })).await;
    assert_eq!(reply.text("createOrganization.organization.slug"), "null");
}

#[tokio::test]
async fn reserved_words_are_a_setting() {
    let app = TestApp::start_with(|config| config.slugs.reserved = vec!["acme".into()]).await;
    let ann = app.person("ann").seen().await;

    let reply = app
        .unchanged(ann.create(json!({ "name": "Acme", "slug": "acme" })))
        .await;
    assert_eq!(reply.codes("createOrganization"), ["SLUG_RESERVED"]);
    let made = ann
        .created(json!({ "name": "Acme" }))
        .await
        .text("createOrganization.organization.slug");
    assert!(made != "acme" && is_slug(&made), "{made}");
    ann.created(json!({ "name": "Api", "slug": "api" })).await;
}

#[tokio::test]
async fn a_name_has_1_to_64_characters() {
    let app = start().await;
    let ann = app.person("ann").seen().await;
    for name in ["", " ", "\t\n", "\u{a0}", &"a".repeat(65), &"é".repeat(65), "a\u{0}b"] {
        let reply = app.unchanged(ann.create(json!({ "name": name, "slug": "fine" }))).await;
        assert_eq!(
            reply.refusals("createOrganization"),
            [("VALIDATION_FAILED", "input.name")],
            "{name:?}"
        );
    }
    let reply = app
        .unchanged(ann.create(json!({ "name": " ", "slug": "Not Fine" })))
        .await;
    let mut refusals = reply
        .refusals("createOrganization")
        .iter()
        .map(|one| format!("{} {}", one.code, one.path))
        .collect::<Vec<_>>();
    refusals.sort();
    assert_eq!(
        refusals,
        ["SLUG_INVALID input.slug", "VALIDATION_FAILED input.name"],
        "all failing fields at once"
    );

    for name in ["a", &"a".repeat(64), &"é".repeat(64), "🦀 & Söhne <b>"] {
        let reply = ann.created(json!({ "name": name })).await;
        assert_eq!(reply.text("createOrganization.organization.name"), name);
    }
}

#[tokio::test]
async fn of_two_who_take_a_slug_at_once_one_gets_it() {
    let app = start().await;
    let (ann, bob) = (app.person("ann").seen().await, app.person("bob").seen().await);
    for round in 0..10 {
        let slug = format!("wanted-{round}");
        let input = json!({ "name": "Wanted", "slug": slug });
        let calls = (
            ann.create(input.clone()),
            bob.create(input.clone()),
            ann.create(input.clone()),
            bob.create(input),
        );
        let replies = tokio::join!(calls.0, calls.1, calls.2, calls.3);
        let mut codes: Vec<String> = [replies.0, replies.1, replies.2, replies.3]
            .iter()
            .map(|reply| reply.codes("createOrganization").concat())
            .collect();
        codes.sort();
        assert_eq!(codes, ["", "SLUG_TAKEN", "SLUG_TAKEN", "SLUG_TAKEN"]);
    }
    let rows = entity::organization::Entity::find()
        .order_by_asc(entity::organization::Column::Id)
        .all(&app.db)
        .await
        .unwrap();
    assert_eq!(rows.len(), 10);
    assert_eq!(member::Entity::find().all(&app.db).await.unwrap().len(), 10);
}

#[tokio::test]
async fn names_that_are_taken_at_once_get_slugs_of_their_own() {
    let app = start().await;
    let people: Vec<Client> = (0..8).map(|at| app.person(&format!("p{at}"))).collect();
    let replies =
        futures_util::future::join_all(people.iter().map(|person| person.create(json!({ "name": "Acme" })))).await;
    let slugs: BTreeSet<String> = replies
        .into_iter()
        .map(|reply| {
            reply
                .done("createOrganization")
                .text("createOrganization.organization.slug")
        })
        .collect();
    assert_eq!(slugs.len(), 8);
    assert!(slugs.iter().all(|slug| is_slug(slug)), "{slugs:?}");
}

#[tokio::test]
async fn only_people_create_organizations() {
    let app = TestApp::start().await;
    let (acme, _) = app.organization("Acme").await;
    let robot = app.db_app(&acme, &["org:admin", "member:admin", "team:admin"]).await;
    for nobody in [app.anonymous(), robot] {
        let reply = app.unchanged(nobody.create(json!({ "name": "Other" }))).await;
        assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"]);
    }
}

#[tokio::test]
async fn a_person_creates_so_many_organizations_an_hour() {
    let app = TestApp::start_with(|config| config.rate_limits.organizations_per_user_per_hour = 3).await;
    let (ann, bob) = (app.person("ann"), app.person("bob"));
    app.organization_of(&ann, "First").await;
    // What fails validation does not count.
    for _ in 0..5 {
        let reply = ann.create(json!({ "name": "Other", "slug": "first" })).await;
        assert_eq!(reply.codes("createOrganization"), ["SLUG_TAKEN"]);
        let reply = ann.create(json!({ "name": " " })).await;
        assert_eq!(reply.codes("createOrganization"), ["VALIDATION_FAILED"]);
    }
    app.organization_of(&ann, "Second").await;
    app.organization_of(&ann, "Third").await;

    for _ in 0..2 {
        let reply = app.unchanged(ann.create(json!({ "name": "Fourth" }))).await;
        let refusals = reply.refusals("createOrganization");
        assert_eq!((refusals.len(), refusals[0].code.as_str()), (1, "RATE_LIMITED"));
        let wait = refusals[0].retry_after.unwrap();
        assert!((1..=3600).contains(&wait), "{wait}");
    }
    app.organization_of(&bob, "Fourth").await;
    let root = app.superuser();
    for at in 0..5 {
        app.organization_of(&root, &format!("Root {at}")).await;
    }
    let free = app.node_with(|config| config.rate_limits.enabled = false).await;
    app.organization_of(&ann.at(&free), "Fifth").await;
}

#[tokio::test]
async fn the_limit_holds_against_calls_at_once() {
    let app = TestApp::start_with(|config| config.rate_limits.organizations_per_user_per_hour = 3).await;
    let ann = app.person("ann").seen().await;
    let calls = (0..12).map(|at| {
        let (ann, input) = (ann.clone(), json!({ "name": format!("Number {at}") }));
        async move { ann.create(input).await }
    });
    let replies = futures_util::future::join_all(calls).await;
    let made = replies
        .iter()
        .filter(|reply| reply.codes("createOrganization").is_empty())
        .count();
    let refused = replies
        .iter()
        .filter(|reply| reply.codes("createOrganization") == ["RATE_LIMITED"])
        .count();
    assert_eq!((made, refused), (3, 9));
    assert_eq!(
        entity::organization::Entity::find().all(&app.db).await.unwrap().len(),
        3
    );
}

#[tokio::test]
async fn creating_can_be_left_to_superusers() {
    let app = TestApp::start_with(|config| config.features.create_organizations = false).await;
    let (ann, root) = (app.person("ann").seen().await, app.superuser());
    let reply = app.unchanged(ann.create(json!({ "name": "Acme" }))).await;
    assert_eq!(reply.codes("createOrganization"), ["FEATURE_DISABLED"]);
    let may = "{ viewer { canCreateOrganization } }";
    assert_eq!(
        ann.send(may, json!({})).await.ok().data("viewer.canCreateOrganization"),
        false
    );
    assert_eq!(
        root.send(may, json!({}))
            .await
            .ok()
            .data("viewer.canCreateOrganization"),
        true
    );
    root.created(json!({ "name": "Acme" })).await;
}

#[tokio::test]
async fn terms_are_agreed_to_where_there_are_some() {
    let app = TestApp::start_with(|config| config.organizations.require_terms = true).await;
    let ann = app.person("ann").seen().await;
    for input in [
        json!({ "name": "Acme" }),
        json!({ "name": "Acme", "agreeTerms": false }),
        json!({ "name": "Acme", "agreeTerms": null }),
    ] {
        let reply = app.unchanged(ann.create(input)).await;
        assert_eq!(
            reply.refusals("createOrganization"),
            [("VALIDATION_FAILED", "input.agreeTerms")]
        );
    }
    ann.created(json!({ "name": "Acme", "agreeTerms": true })).await;
    let app = TestApp::start().await;
    app.person("ann")
        .created(json!({ "name": "Acme", "agreeTerms": false }))
        .await;
}

#[tokio::test]
async fn whether_a_slug_is_free_can_be_asked() {
    let app = start().await;
    let (_, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    for (slug, free) in [
        ("free", true),
        ("acme", false),
        ("api", false),
        ("ab", false),
        ("Free", false),
        ("12345", false),
        ("free-", false),
        ("", false),
        ("a\u{0}b", false),
    ] {
        for person in [&ann, &bob] {
            if (slug, person.email()) == ("acme", ann.email()) {
                continue;
            }
            let query = "query($slug: String!) { isSlugAvailable(slug: $slug) }";
            let reply = person.send(query, json!({ "slug": slug })).await.ok();
            assert_eq!(*reply.data("isSlugAvailable"), free, "{slug:?}");
        }
    }
}
