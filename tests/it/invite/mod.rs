//! Invites: asking somebody in (§8), looking at the link (§6), taking it (§7),
//! sending it again (§10), withdrawing it (§12); and requests for invites (§9).

mod accept;
mod checks;
mod decide;
mod join;
mod joined;
mod many;
mod permissions;
mod preview;
mod requests;
mod resend;
mod revoke;
mod sent;
mod who;

use chrono::{DateTime, Duration, Utc};
use entity::{
    ids::{InviteId, MemberId, RowId, TeamId},
    job,
    member::{self, InviteStatus},
    organization::{OrganizationStatus, flag},
    outbox::Category,
    team,
};
use futures_util::future::{join, join_all};
use sea_orm::{ActiveValue::Set, prelude::*};
use serde_json::{Value, json};

use crate::support::{Client, INVITE_SECRET, Invite, Organization, Reply, TestApp, row, with_billing};

const MEMBER_INVITE: i32 = 1;
const MEMBER_ADD: i32 = 2;
const MEMBER_ACCEPT: i32 = 3;
const MEMBER_REMOVE: i32 = 5;
const INVITE_REQUEST_ADD: i32 = 140;
const INVITE_REQUEST_REMOVE: i32 = 141;
const MEMBER_REINVITE: i32 = 204;

/// An organization with Ann, its owner, and Bob, who joined with `role`. A
/// retired role is given past the API.
async fn with_bob(app: &TestApp, role: &str) -> (Organization, Client, Client, String) {
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    let given = if role == "admin" { "member" } else { role };
    let member = app.join(&acme, &ann, &bob, given).await;
    app.db_set_role(&member, role).await;
    (acme, ann, bob, member)
}

/// The id of the invite or request that a pending member stands for.
fn invite_of(member: &str) -> String {
    InviteId(row(member)).global()
}

/// An invite by somebody to whom its link may not show; the member id.
async fn invited_by(inviter: &Client, organization: &Organization, email: &str) -> String {
    let reply = inviter.create_invite(organization, json!({ "email": email })).await;
    reply.done("createInvite").text("createInvite.member.id")
}

/// An open request that a member made through the API; the member id.
async fn requested_by(member: &Client, organization: &Organization, input: Value) -> String {
    let reply = member.request_invite(organization, input).await.done("requestInvite");
    InviteId::parse(&reply.text("requestInvite.invite.id"))
        .unwrap()
        .0
        .global()
}

/// Kinds of the work that waits, and the members it is about.
async fn jobs(app: &TestApp) -> Vec<(String, MemberId)> {
    let about = |job: job::Model| (job.kind, MemberId(job.payload["member"].as_i64().unwrap()));
    app.db_jobs().await.into_iter().map(about).collect()
}

/// The rows of the organization that nobody has taken, with their status.
async fn db_pending_rows(app: &TestApp, organization: &Organization) -> Vec<member::Model> {
    let rows = member::Entity::within(organization.row()).filter(member::Column::UserId.is_null());
    rows.all(&app.db).await.unwrap()
}

/// The global id of a team.
async fn db_team_id(app: &TestApp, organization: &Organization, slug: &str) -> String {
    let teams = team::Entity::within(organization.row()).filter(team::Column::Slug.eq(slug));
    teams.one(&app.db).await.unwrap().unwrap().id.global()
}

/// Strings that are no token of anybody, made from one that is.
fn forged(token: &str, other: &Invite) -> Vec<String> {
    let (id, signature) = token.split_once('.').unwrap();
    let (other_id, other_signature) = other.token.split_once('.').unwrap();
    let swapped: String = signature.chars().rev().collect();
    // The last character carries two unused bits: another spelling of the same bytes.
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let last = alphabet.find(&signature[signature.len() - 1..]).unwrap();
    let respelled = format!("{}{}", &signature[..signature.len() - 1], &alphabet[last + 1..last + 2]);
    vec![
        String::new(),
        " ".into(),
        ".".into(),
        "x".into(),
        "..".into(),
        id.into(),
        format!("{id}."),
        format!(".{signature}"),
        signature.into(),
        format!("{other_id}.{signature}"),
        format!("{id}.{other_signature}"),
        format!("{id}.{swapped}"),
        format!("{id}.{respelled}"),
        format!("{id}.{signature}="),
        format!("{id}.{signature}A"),
        format!("{id}.{}", &signature[1..]),
        format!("{id}.{signature}.{signature}"),
        format!("0{id}.{signature}"),
        format!("+{id}.{signature}"),
        format!("-{id}.{signature}"),
        format!(" {id}.{signature}"),
        format!("{id}.{signature}\n"),
        format!("{id}.{signature}\u{0}"),
        format!("zzzzzzzzzzzzzzzzzzzz.{signature}"),
        format!("zzzz.{signature}"),
        format!("🦀.{signature}"),
        format!("{id}.🦀"),
        "%00".into(),
        "A".repeat(100_000),
        other.member.clone(),
        other.id.clone(),
    ]
}
