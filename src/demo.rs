//! A believable group of companies for an empty database, so that a newcomer
//! has something to look at. All but the secrets of invites is the same every
//! time, counted back from now.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use entity::{organization, user};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ActiveValue::Set, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait,
    sea_query::OnConflict,
};

pub use self::people::{Person, people};
use crate::{
    app::App,
    db::{self, Write},
    error::Result,
    roles::MEMBER,
};

pub mod large;
mod people;
mod scene;

/// Rows in a statement: SQLite binds at most 32,766 values.
const CHUNK: usize = 500;

/// An organization to be.
struct Company {
    slug: &'static str,
    name: &'static str,
    domain: &'static str,
    founded_days_ago: i64,
    flags: i64,
    /// Everybody who joined; the first founded it.
    size: usize,
    /// Roles in the order of joining; all others are members.
    ranks: &'static [(&'static str, usize)],
    /// People of the other companies: as how many-th they joined, and who.
    guests: &'static [(usize, usize)],
    /// Open invites, expired ones, requests to invite, requests to join.
    pending: [usize; 4],
    /// Number of the first person who has not joined.
    strangers: usize,
    teams: &'static str,
    has_sso: bool,
    /// Options that were saved once: API name, key, value.
    options: &'static [(&'static str, &'static str, &'static str)],
}

#[rustfmt::skip]
const COMPANIES: [Company; 3] = [
    Company {
        slug: "acme",
        name: "Acme",
        domain: "example.com",
        founded_days_ago: 730,
        flags: organization::flag::ALLOW_JOINLEAVE,
        size: 280,
        ranks: &[("owner", 1), ("manager", 1), (MEMBER, 1), ("owner", 2), ("manager", 9), ("admin", 5)],
        guests: &[],
        pending: [14, 6, 5, 4],
        strangers: 400,
        teams: "Backend,Data,Design,Finance,Legal,Marketing,Mobile,Payments,People,Platform,Sales,Security",
        has_sso: false,
        options: &[
            ("dataScrubber", "sentry:require_scrub_data", "true"),
            ("sensitiveFields", "sentry:sensitive_fields", r#"["iban","passport_number"]"#),
            ("apdexThreshold", "sentry:apdex_threshold", "400"),
        ],
    },
    Company {
        slug: "globex",
        name: "Globex Logistics",
        domain: "example.org",
        founded_days_ago: 500,
        // Membership is closed: people ask to be let into teams.
        flags: organization::flag::ENHANCED_PRIVACY,
        size: 72,
        ranks: &[("owner", 2), ("manager", 4), ("admin", 2)],
        guests: &[(20, 0), (24, 30), (30, 31)],
        pending: [5, 3, 2, 0],
        strangers: 440,
        teams: "Airfreight,Brokerage,Dispatch,Fleet,Pricing,Quality,Road,Sea,Warehouse",
        has_sso: true,
        options: &[],
    },
    Company {
        slug: "initech",
        name: "Initech",
        domain: "example.com",
        founded_days_ago: 200,
        flags: organization::flag::ALLOW_JOINLEAVE | organization::flag::EARLY_ADOPTER,
        size: 22,
        ranks: &[("owner", 1), ("manager", 2)],
        guests: &[(1, 0)],
        pending: [2, 1, 1, 1],
        strangers: 460,
        teams: "Backend,Compliance,Editor,Frontend,Integrations,Operations,Release,Research",
        has_sso: false,
        options: &[],
    },
];

/// Fills an empty database with three organizations, their teams, members,
/// invites and requests. Of several nodes that start at once, one does it.
///
/// Returns whether it did: a database that knows an organization or a person
/// is left as it is.
///
/// # Errors
/// When the database fails. Nothing is filled in then.
pub async fn fill(app: &App, now: DateTime<Utc>) -> Result<bool> {
    let tx = db::begin_write(&app.db).await?;
    if !is_empty(&tx).await? {
        return Ok(false);
    }
    let mut organizations = Vec::new();
    for company in &COMPANIES {
        // Another node that is filling holds this slug until it is done.
        let Some(organization) = found(&tx, company, now).await? else {
            return Ok(false);
        };
        organizations.push(organization);
    }

    let (mut people, mut joined) = (Vec::new(), Vec::new());
    for company in &COMPANIES {
        let first = people.len();
        let mut seats: Vec<usize> = (first..first + company.size - company.guests.len()).collect();
        company
            .guests
            .iter()
            .for_each(|(seat, person)| seats.insert(*seat, *person));
        for (seat, person) in seats.iter().enumerate().filter(|(_, person)| **person >= first) {
            people.push(people::human(app, company, *person, joined_at(company, seat, now)));
        }
        joined.push(seats);
    }
    let people = insert(&tx, people).await?;
    for ((company, organization), seats) in COMPANIES.iter().zip(organizations).zip(joined) {
        let people = seats.iter().map(|person| &people[*person]).collect();
        scene::Scene {
            app,
            tx: &tx,
            now,
            company,
            organization,
            people,
        }
        .fill()
        .await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Whether the database knows no organization and no person.
async fn is_empty(tx: &Write) -> Result<bool> {
    Ok(organization::Entity::find().count(&**tx).await? == 0 && user::Entity::find().count(&**tx).await? == 0)
}

/// Inserts rows; they come back in the same order.
async fn insert<A, M>(tx: &Write, rows: Vec<A>) -> Result<Vec<M>>
where
    A: ActiveModelTrait + ActiveModelBehavior + Send,
    A::Entity: EntityTrait<Model = M, ActiveModel = A>,
    M: IntoActiveModel<A>,
{
    let mut inserted = Vec::with_capacity(rows.len());
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk: Vec<_> = rows.by_ref().take(CHUNK).collect();
        inserted.extend(A::Entity::insert_many(chunk).exec_with_returning(&**tx).await?);
    }
    Ok(inserted)
}

/// `None` if the organization is there already.
async fn found(tx: &Write, company: &Company, now: DateTime<Utc>) -> Result<Option<organization::Model>> {
    let row = organization::ActiveModel {
        name: Set(company.name.into()),
        slug: Set(company.slug.into()),
        status: Set(organization::OrganizationStatus::Active),
        date_added: Set(joined_at(company, 0, now)),
        default_role: Set(MEMBER.into()),
        is_test: Set(false),
        flags: Set(company.flags),
        ..Default::default()
    };
    let free = OnConflict::column(organization::Column::Slug).do_nothing().to_owned();
    match organization::Entity::insert(row)
        .on_conflict(free)
        .exec_with_returning(&**tx)
        .await
    {
        Err(DbErr::RecordNotInserted | DbErr::RecordNotFound(_)) => Ok(None),
        result => Ok(Some(result?)),
    }
}

/// When the `seat`-th member joined: evenly, from the first day until today.
fn joined_at(company: &Company, seat: usize, now: DateTime<Utc>) -> DateTime<Utc> {
    let share = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    let age = TimeDelta::days(company.founded_days_ago) * share(company.size - seat) / share(company.size);
    (now - age).trunc_subsecs(0)
}
