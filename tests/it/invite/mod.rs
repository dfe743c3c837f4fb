//! Invites: asking somebody in (§8), looking at the link (§6), taking it (§7).

mod accept;
mod checks;
mod joined;
mod preview;
mod sent;
mod who;

use chrono::{DateTime, Duration, Utc};
use entity::{
    ids::{MemberId, RowId, TeamId},
    member::{self, InviteStatus},
    organization::{OrganizationStatus, flag},
    outbox::Category,
    team,
};
use sea_orm::{ActiveValue::Set, prelude::*};
use serde_json::{Value, json};

use crate::support::{Client, INVITE_SECRET, Invite, Organization, TestApp, row, with_billing};

const MEMBER_INVITE: i32 = 1;
const MEMBER_ADD: i32 = 2;
const MEMBER_ACCEPT: i32 = 3;

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
