//! At once with what else changes who is in an organization.

use super::*;

async fn db_active_owners(app: &TestApp, organization: &Organization) -> u64 {
    use entity::member::{Column, Entity};
    let owners = Entity::within(organization.row())
        .filter(Column::Role.eq("owner"))
        .filter(Column::UserId.is_not_null())
        .filter(Column::UserIsActive.eq(true));
    owners.count(&app.db).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_who_has_it_leaves_and_the_other_stays_or_the_other_way_round() {
    let scene = Scene::start().await;
    let app = &scene.app;
    let (max, good, bad) = (
        enrolled(&app.person("max")),
        enrolled(&app.person("good")),
        app.person("bad"),
    );
    let _one = app.node_with(working).await;
    let _two = app.node_with(working).await;
    for round in 0..8 {
        let globex = app.organization_of(&good, &format!("Globex {round}")).await;
        app.join(&globex, &good, &max, "manager").await;
        let bads = app.join(&globex, &good, &bad, "owner").await;
        let leave = json!({ "organizationId": globex.id });

        let (left, saved, again) = tokio::join!(
            good.mutate("leaveOrganization", "removedMemberId", leave),
            save(&max, &globex, json!({ "require2FA": true })),
            save(
                &max,
                &globex,
                json!({ "require2FA": true, "requireEmailVerification": true })
            ),
        );

        saved.done(SAVE);
        again.done(SAVE);
        let told = left.codes("leaveOrganization");
        app.db_idle().await;
        assert_eq!(db_active_owners(app, &globex).await, 1, "round {round}: {told:?}");
        let is_pending = scene.is_pending(&bads).await;
        match told.as_slice() {
            [] => assert!(!is_pending, "round {round}"),
            [code] => assert!(code == "LAST_OWNER" && is_pending, "round {round}: {code}"),
            _ => panic!("round {round}: {told:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_who_stays_cannot_hand_over_to_nobody() {
    let scene = Scene::start().await;
    let app = &scene.app;
    let max = enrolled(&app.person("max"));
    scene.joined(&max, "manager").await;
    let _worker = app.node_with(working).await;
    for round in 0..6 {
        // Ann, who has it, hands over to Bob, who has not, while both are looked at.
        let bob = app.person(&format!("bob-{round}"));
        let bobs = scene.joined(&bob, "manager").await;
        let input = json!({ "organizationId": scene.acme.id, "toMemberId": bobs });
        let (handed, saved) = tokio::join!(
            scene.ann.mutate("transferOwnership", "newOwner { id }", input),
            save(&max, &scene.acme, json!({ "require2FA": true })),
        );
        saved.done(SAVE);
        assert!(handed.error_codes().is_empty(), "{handed:#?}");
        app.db_idle().await;
        assert_eq!(db_active_owners(app, &scene.acme).await, 1, "round {round}");
        scene.saves(&max, json!({ "require2FA": false })).await;
        if handed.codes("transferOwnership").is_empty() {
            // Bob was kept, or had lost the place before he could inherit.
            let row = app.db_member(&bobs).await.unwrap();
            assert!(row.role == "owner" && !row.is_pending(), "{row:?}");
            let input = json!({ "organizationId": scene.acme.id, "toMemberId": scene.acme.owner });
            bob.mutate("transferOwnership", "newOwner { id }", input)
                .await
                .done("transferOwnership");
        } else {
            assert!(scene.is_pending(&bobs).await);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_joins_at_that_moment_is_refused_or_looked_at() {
    let scene = Scene::start().await;
    let app = &scene.app;
    let _worker = app.node_with(working).await;
    for round in 0..12 {
        let bob = app.person(&format!("bob-{round}")).seen().await;
        let invite = app.invite(&scene.acme, &scene.ann, &bob.email(), "member").await;
        let (joined, saved) = tokio::join!(
            bob.accept_invite(&invite.token),
            save(&scene.ann, &scene.acme, json!({ "require2FA": true })),
        );
        saved.done(SAVE);
        app.db_idle().await;
        let told = joined.codes("acceptInvite");
        assert!(told.is_empty() || told == ["TWO_FACTOR_REQUIRED"], "{joined:#?}");
        assert!(
            scene.is_pending(&invite.member).await,
            "round {round}: {told:?}, and a member without it"
        );
        scene.saves(&scene.ann, json!({ "require2FA": false })).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn saved_by_many_at_once_everybody_goes_once() {
    let scene = Scene::start().await;
    let app = &scene.app;
    for number in 0..8 {
        scene.joined(&app.person(&format!("bob-{number}")), "member").await;
    }
    let _one = app.node_with(working).await;
    let _two = app.node_with(working).await;
    let saves = (0..6).map(|_| save(&scene.ann, &scene.acme, json!({ "require2FA": true })));
    for reply in futures_util::future::join_all(saves).await {
        reply.done(SAVE);
    }
    app.db_idle().await;
    assert_eq!(scene.entries().await.len(), 8);
    let mut told = scene.recipients();
    told.dedup();
    assert_eq!((told.len(), scene.letters().len()), (8, 8));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_place_is_held_at_an_address_that_is_invited_at_that_moment() {
    use entity::member::{Column, Entity};
    let scene = Scene::start().await;
    let app = &scene.app;
    let _worker = app.node_with(working).await;
    for round in 0..12 {
        let bob = unverified(&app.person(&format!("bob-{round}")));
        let bobs = scene.joined(&bob, "member").await;
        let (invited, saved) = tokio::join!(
            scene.ann.create_invite(&scene.acme, json!({ "email": bob.email() })),
            save(&scene.ann, &scene.acme, json!({ "requireEmailVerification": true })),
        );
        saved.done(SAVE);
        // Nothing failed, or it would wait for five minutes.
        app.db_idle().await;
        let held = Entity::within(scene.acme.row()).filter(Column::EmailKey.eq(bob.email()));
        let held = held.all(&app.db).await.unwrap();
        assert_eq!(held.len(), 1, "round {round}: {held:?}");
        let told = invited.codes("createInvite");
        match told.as_slice() {
            [] => assert!(!scene.is_pending(&bobs).await, "round {round}"),
            [code] => assert!(code == "ALREADY_INVITED" && scene.is_pending(&bobs).await, "{code}"),
            _ => panic!("round {round}: {told:?}"),
        }
        if told.is_empty() {
            let invite = invited.text("createInvite.invite.id");
            scene.ann.revoke_invite(&invite).await.done("revokeInvite");
        }
        scene
            .saves(&scene.ann, json!({ "requireEmailVerification": false }))
            .await;
    }
}
