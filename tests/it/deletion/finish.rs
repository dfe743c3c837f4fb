//! The end of an organization, and the letters before it.

use entity::{
    access_request, api_token, audit_log_entry, auth_identity, auth_provider, event::EventType, file, ids::MemberId,
    invite_delivery, member, organization_avatar, organization_counter, organization_option, outbox, team, team_member,
    webhook, webhook_delivery,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    IntoActiveModel,
};

use super::*;
use crate::{
    jobs::{eventually, working},
    support::row,
};

/// How many rows there are in each table that belongs to organizations.
async fn db_sizes(app: &TestApp) -> Vec<(&'static str, u64)> {
    macro_rules! sizes {
        ($($table:ident),*) => { vec![$((stringify!($table), $table::Entity::find().count(&app.db).await.unwrap())),*] };
    }
    sizes!(
        organization,
        organization_counter,
        organization_option,
        organization_avatar,
        file,
        member,
        invite_delivery,
        team,
        team_member,
        access_request,
        auth_provider,
        auth_identity,
        api_token,
        audit_log_entry,
        webhook,
        webhook_delivery
    )
}

/// An organization of Ann's with something in every table.
async fn furnished(app: &TestApp, ann: &Client, name: &str) -> Organization {
    let organization = app.organization_of(ann, name).await;
    let id = || organization.row();
    let bob = app.person(&format!("{name}-bob")).with(json!({ "idp": "google" }));
    let member = app.join(&organization, ann, &bob, "member").await;
    app.invite(&organization, ann, &format!("{name}-ivy@example.com"), "member")
        .await;
    let slug = app.team(&organization, ann, "Red").await;
    let input = json!({ "teamRoles": [{ "teamSlug": slug }] });
    ann.update_member_roles(&member, input).await.done("updateMemberRoles");
    let red = team::Entity::within(id()).one(&app.db).await.unwrap().unwrap();
    let request = access_request::ActiveModel {
        team_id: Set(red.id),
        member_id: Set(row::<MemberId>(&organization.owner)),
        date_added: Set(red.date_added),
        organization_id: Set(red.organization_id),
        ..Default::default()
    };
    request.insert(&app.db).await.unwrap();
    let provider = app.db_auth_provider(&organization, true).await;
    app.db_auth_identity(&provider, &bob.user_id().await).await;
    app.db_app(&organization, &["org:read"]).await;
    let input = json!({ "organizationId": organization.id, "storeCrashReports": 5 });
    ann.mutate(SAVE, "organization { id }", input).await.done(SAVE);
    // One that is told nothing: the end would wait for it.
    let hook = webhook::ActiveModel {
        organization_id: Set(id()),
        url: Set("https://example.com/".into()),
        secret: Set(vec![0; 60]),
        is_enabled: Set(false),
        failures: Set(0),
        date_added: Set(red.date_added),
        ..Default::default()
    };
    let hook = hook.insert(&app.db).await.unwrap();
    let delivery = webhook_delivery::ActiveModel {
        organization_id: Set(id()),
        webhook_id: Set(hook.id),
        sequence: Set(1),
        event_type: Set(EventType::TeamUpdated),
        object_identifier: Set(red.id.0),
        occurred_at: Set(red.date_added),
        status: Set(webhook_delivery::DeliveryStatus::Delivered),
        attempts: Set(1),
        failures: Set(0),
        date_added: Set(red.date_added),
        ..Default::default()
    };
    delivery.insert(&app.db).await.unwrap();
    let picture = file::ActiveModel {
        name: Set("acme.png".into()),
        r#type: Set("avatar.file".into()),
        timestamp: Set(red.date_added),
        headers: Set(json!({})),
        ..Default::default()
    };
    let picture = picture.insert(&app.db).await.unwrap();
    let avatar = organization_avatar::ActiveModel {
        organization_id: Set(id()),
        avatar_type: Set(organization_avatar::AvatarType::Upload),
        file_id: Set(Some(picture.id)),
        ident: Set(name.into()),
        ..Default::default()
    };
    avatar.insert(&app.db).await.unwrap();
    let counted = organization_counter::ActiveModel {
        organization_id: Set(id()),
        invites_sent: Set(1),
        invites_accepted: Set(1),
    };
    // A flush may have made it.
    organization_counter::Entity::insert(counted)
        .on_conflict_do_nothing()
        .exec_without_returning(&app.db)
        .await
        .unwrap();
    organization
}

#[tokio::test]
async fn everything_goes_and_nothing_of_others() {
    let app = TestApp::start_with(|config| config.features.mail_invites = true).await;
    let ann = app.person("ann");
    furnished(&app, &ann, "Acme").await;
    let alone = db_sizes(&app).await;
    let globex = furnished(&app, &ann, "Globex").await;
    assert!(alone.iter().all(|(_, size)| *size > 0), "{alone:?}");
    let rows = member::Entity::within(globex.row()).all(&app.db).await.unwrap();
    ann.delete(&globex).await.done(DELETE);
    db_make_due(&app, &globex).await;
    let changes = app.db_outbox(&globex).await.len();

    let _worker = app.node_with(working).await;
    eventually("the organization is gone", || async {
        db_row(&app, &globex).await.is_none().then_some(())
    })
    .await;

    assert_eq!(db_sizes(&app).await, alone);
    let changed = app.db_outbox(&globex).await.split_off(changes);
    for member in rows {
        assert!(changed.contains(&(Category::OrganizationMemberUpdate, i64::from(member.id))));
    }
    let organization = (Category::OrganizationUpdate, i64::from(globex.row()));
    assert!(changed.contains(&organization));
    for category in [
        Category::TeamUpdate,
        Category::OrganizationMemberTeamUpdate,
        Category::AuthProviderUpdate,
        Category::OrganizationAvatarUpdate,
        Category::OrganizationSlugReservationUpdate,
    ] {
        assert!(changed.iter().any(|(known, _)| *known == category), "{category:?}");
    }
    let identities = outbox::Entity::find().filter(outbox::Column::Category.eq(Category::AuthIdentityUpdate));
    assert_eq!(identities.count(&app.db).await.unwrap(), 1);
    app.db_idle().await;
    // The name is free again.
    assert_eq!(app.organization_of(&ann, "Globex").await.slug, "globex");
}

#[tokio::test]
async fn it_is_done_in_parts_and_goes_on_where_it_was_cut_off() {
    let app = TestApp::start_with(|config| {
        config.features.mail_invites = false;
        config.rate_limits.enabled = false;
    })
    .await;
    let (acme, ann) = app.organization("Acme").await;
    let first = app.invite(&acme, &ann, "guest@example.com", "member").await;
    let guest = app.db_member(&first.member).await.unwrap();
    let copies: Vec<_> = (0..1_700)
        .map(|number| {
            let email = Some(format!("guest-{number}@example.com"));
            let mut copy = guest.clone().into_active_model();
            (copy.id, copy.email, copy.email_key) = (NotSet, Set(email.clone()), Set(email));
            copy
        })
        .collect();
    for chunk in copies.chunks(500) {
        member::Entity::insert_many(chunk.to_vec())
            .exec_without_returning(&app.db)
            .await
            .unwrap();
    }
    ann.delete(&acme).await.done(DELETE);
    // As a worker leaves it that was killed after its first part.
    let begun = organization::ActiveModel {
        id: Set(acme.row()),
        status: Set(OrganizationStatus::DeletionInProgress),
        ..Default::default()
    };
    begun.update(&app.db).await.unwrap();
    let job = db_jobs_of(&app, "delete_organization").await.pop().unwrap();
    app.db_change_job(job.id, |job| {
        job.status = Set(job::JobStatus::Running);
        job.attempts = Set(1);
        job.due_at = Set(Utc::now());
        job.lease_until = Set(Some(Utc::now()));
    })
    .await;
    assert!(ann.look(&acme).await.is_null() && app.superuser().look(&acme).await.is_null());
    let reply = app.unchanged(ann.restore(&acme)).await;
    assert_eq!(
        reply.refusals(SAVE),
        [("ORGANIZATION_NOT_FOUND", "input.organizationId")]
    );

    let _worker = app.node_with(working).await;
    eventually("the organization is gone", || async {
        db_row(&app, &acme).await.is_none().then_some(())
    })
    .await;
    assert_eq!(member::Entity::find().count(&app.db).await.unwrap(), 0);
    let members = app.db_outbox(&acme).await;
    let members = members
        .iter()
        .filter(|(category, _)| *category == Category::OrganizationMemberUpdate);
    assert!(members.count() >= 1_702);
    app.db_idle().await;
}

#[tokio::test]
async fn what_is_not_due_or_was_restored_stays() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let globex = app.organization_of(&ann, "Globex").await;
    for organization in [&acme, &globex] {
        ann.delete(organization).await.done(DELETE);
    }
    // An operator is impatient, and the job of another has not been taken back.
    let jobs = db_jobs_of(&app, "delete_organization").await;
    let foreign = jobs[1].clone();
    ann.restore(&globex).await.done(SAVE);
    let mut again = foreign.into_active_model();
    again.due_at = Set(Utc::now());
    again.insert(&app.db).await.unwrap();
    let number = jobs[0].id.0.to_string();
    assert_eq!(app.beside(&["jobs", "retry", &number]), "1 begin anew.\n");

    let _worker = app.node_with(working).await;

    let due_at = db_row(&app, &acme).await.unwrap().delete_at.unwrap();
    eventually("one job waits and the other is gone", || async {
        let jobs = db_jobs_of(&app, "delete_organization").await;
        (jobs.len() == 1 && jobs[0].due_at == due_at && jobs[0].attempts == 0).then_some(())
    })
    .await;
    assert_eq!(
        db_row(&app, &acme).await.unwrap().status,
        OrganizationStatus::PendingDeletion
    );
    assert_eq!(db_row(&app, &globex).await.unwrap().status, OrganizationStatus::Active);
}

#[tokio::test]
async fn a_short_delay_runs_by_itself() {
    let app = TestApp::start_with(|config| {
        working(config);
        config.organizations.deletion_delay = std::time::Duration::ZERO;
    })
    .await;
    let (acme, ann) = app.organization("Acme").await;
    ann.delete(&acme).await.done(DELETE);
    eventually("the organization is gone", || async {
        db_row(&app, &acme).await.is_none().then_some(())
    })
    .await;
}

#[tokio::test]
async fn every_owner_gets_a_letter_unless_it_was_restored() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let globex = app.organization_of(&ann, "Globex").await;
    app.join(&acme, &ann, &app.person("bob"), "owner").await;
    for organization in [&acme, &globex] {
        ann.delete(organization).await.done(DELETE);
    }
    ann.restore(&globex).await.done(SAVE);
    let letters = app.letters().len();
    assert_eq!(letters, 0);

    let _worker = app.node_with(working).await;
    eventually("all mails are sent", || async {
        let jobs = app.db_jobs().await;
        jobs.iter().all(|job| !job.kind.starts_with("send_")).then_some(())
    })
    .await;

    let letters = app.letters();
    let about: Vec<_> = letters
        .iter()
        .filter(|letter| letter.contains("Organization Queued for Deletion"))
        .collect();
    assert_eq!(about.len(), 2, "{letters:#?}");
    for owner in ["ann", "bob"] {
        let to = format!("To: {owner}@example.com\r\n");
        let letter = about.iter().find(|letter| letter.contains(&to)).unwrap();
        for fact in ["Ann", "Acme", "/organizations/acme/settings", "127.0.0.1"] {
            assert!(letter.contains(fact), "{fact}: {letter}");
        }
    }
}
