//! An address that nobody vouches for matches nothing.

use super::*;

const UNVERIFIED: &str = "bob@example.com";

async fn invites(client: &Client) -> Vec<String> {
    let reply = client
        .send("{ viewer { invites { nodes { organization { slug } } } } }", json!({}))
        .await;
    let reply = reply.ok();
    let nodes = reply.data("viewer.invites.nodes").as_array().unwrap();
    nodes
        .iter()
        .map(|node| node["organization"]["slug"].as_str().unwrap().to_owned())
        .collect()
}

async fn found(client: &Client, query: &str) -> usize {
    let document =
        "query($query: String) { organization(slug: \"acme\") { members(filter: { query: $query }) { totalCount } } }";
    let reply = client.send(document, json!({ "query": query })).await.ok();
    reply
        .data("organization.members.totalCount")
        .as_u64()
        .unwrap()
        .try_into()
        .unwrap()
}

#[tokio::test]
async fn invites_show_to_a_verified_address_only() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.invite(&acme, &ann, "Bob@Example.com", "member").await;
    let bob = app.person("bob");

    for unverified in [json!(false), Value::Null] {
        assert!(
            invites(&bob.with(json!({ "email_verified": unverified })))
                .await
                .is_empty()
        );
    }
    assert!(
        invites(&bob.with(json!({ "email": null, "email_verified": true, "sub": "nobody" })))
            .await
            .is_empty()
    );
    assert_eq!(invites(&bob).await, ["acme"]);
    assert_eq!(
        invites(&bob.with(json!({ "email": "BOB@example.COM" }))).await,
        ["acme"]
    );
    assert!(
        invites(&bob.with(json!({ "email_verified": false }))).await.is_empty(),
        "the mark was taken away"
    );
}

#[tokio::test]
async fn an_unverified_address_makes_nobody_a_member_already() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let eve = app
        .person("eve")
        .with(json!({ "email": UNVERIFIED, "email_verified": false }));
    let invite = app.invite(&acme, &ann, "eve@example.com", "member").await;
    eve.accept_invite(&invite.token).await.done("acceptInvite");
    let input = json!({ "email": UNVERIFIED });

    let invited = ann.create_invite(&acme, input.clone()).await.done("createInvite");
    assert_eq!(invited.data("createInvite.invite.email"), UNVERIFIED);

    // As soon as somebody vouches for it, it counts.
    let fay = app.person("fay");
    app.join(&acme, &ann, &fay, "member").await;
    let reply = app
        .unchanged(ann.create_invite(&acme, json!({ "email": "FAY@example.com" })))
        .await;
    assert_eq!(reply.refusals("createInvite"), [("ALREADY_MEMBER", "input.email")]);
    let moved = fay.with(json!({ "email": "fay@example.org", "email_verified": false }));
    moved.user_id().await;
    ann.create_invite(&acme, json!({ "email": "fay@example.org" }))
        .await
        .done("createInvite");
    ann.create_invite(&acme, json!({ "email": "fay@example.com" }))
        .await
        .done("createInvite");
}

#[tokio::test]
async fn searches_do_not_find_unverified_addresses() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    app.join(&acme, &ann, &bob, "member").await;
    let queries = ["email:bob@example.com", "bob@example", "ob@exam"];
    for query in queries {
        assert_eq!(found(&ann, query).await, 1, "{query}");
    }

    bob.with(json!({ "email_verified": false })).user_id().await;

    for query in queries {
        assert_eq!(found(&ann, query).await, 0, "{query}");
    }
    assert_eq!(found(&ann, "bob").await, 1, "the name is still found");
    bob.user_id().await;
    for query in queries {
        assert_eq!(found(&ann, query).await, 1, "{query}");
    }
}

#[tokio::test]
async fn searches_do_not_find_the_unverified_address_of_somebody_without_a_name() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let eve = app
        .person("eve")
        .with(json!({ "name": null, "email": "ceo@example.net", "email_verified": false }));
    let invite = app.invite(&acme, &ann, "eve@example.com", "member").await;
    eve.accept_invite(&invite.token).await.done("acceptInvite");

    for query in ["ceo@example.net", "email:ceo@example.net", "ceo@"] {
        assert_eq!(found(&ann, query).await, 0, "{query}");
    }
}

#[tokio::test]
async fn a_new_address_is_unverified_until_the_token_says_so() {
    let app = TestApp::start().await;
    let bob = app.person("bob").seen().await;

    bob.with(json!({ "email": "ceo@example.com", "email_verified": null }))
        .user_id()
        .await;

    let row = db_user(&app, "bob").await.unwrap();
    assert_eq!(row.email.as_deref(), Some("ceo@example.com"));
    assert!(!row.is_email_verified);
}
