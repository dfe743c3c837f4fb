//! Reading: pages, search, single objects, what they cost, and what bad
//! requests are told.

mod cursors;
mod explorer;
mod hostile;
mod http;
mod nodes;
mod pages;
mod plans;
mod rows;
mod search;
mod statements;
mod tenants;
pub mod walk;

use entity::{
    ids::{InviteId, MemberId, RowId, TeamId, UserId},
    member::{self, InviteStatus},
    team,
};
use sea_orm::{ActiveEnum, ActiveValue::Set, prelude::*};
use serde_json::{Value, json};

use crate::support::{Client, Organization, Reply, TestApp, row};
pub use rows::people;

/// The global id of a team.
async fn db_team(app: &TestApp, organization: &Organization, slug: &str) -> String {
    let teams = team::Entity::within(organization.row()).filter(team::Column::Slug.eq(slug));
    teams.one(&app.db).await.unwrap().unwrap().id.global()
}
