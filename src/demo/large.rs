//! A large group of companies, to measure with: made by the database itself,
//! which takes a fraction of the time that sending a million rows would.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

use super::{is_empty, people::identity};
use crate::{app::App, db, error::Result};

/// How much there is to be.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// Companies of equal size; one more is large.
    pub companies: u32,
    /// Members of each, the founder among them.
    pub members: u32,
    /// Teams of each.
    pub teams: u32,
    /// Members of the large one.
    pub members_of_large: u32,
    /// Its teams.
    pub teams_of_large: u32,
}

impl Scale {
    /// What is measured with.
    pub const LARGE: Self = Self {
        companies: 200,
        members: 500,
        teams: 20,
        members_of_large: 200_000,
        teams_of_large: 500,
    };
}

/// Different names of people; each has many namesakes.
const NAMES: usize = 588;

/// Fills an empty database with organizations of equal size (`company-1` and so
/// on), and a large one (`metropolis`). Everybody is in about three teams; `ann`
/// owns them all. What it makes is told to nobody: there are no events of it, and
/// no audit log.
///
/// Returns whether it did: a database that knows an organization or a person is
/// left as it is.
///
/// # Errors
/// When the database fails. Nothing is filled in then.
pub async fn fill(app: &App, now: DateTime<Utc>, scale: Scale) -> Result<bool> {
    let tx = db::begin_write(&app.db).await?;
    if !is_empty(&tx).await? {
        return Ok(false);
    }
    let issuer = Value::from(app.config.auth.issuer.clone());
    let now = Value::from(now);
    let names = names();
    let statements = [
        (scale.organizations(), vec![now.clone()]),
        (scale.users(), [vec![issuer, now.clone()], names.clone()].concat()),
        (founders(), vec![now.clone()]),
        (scale.members(), [vec![now.clone()], names].concat()),
        (scale.teams(), vec![now]),
        (scale.team_memberships(), Vec::new()),
    ];
    for (sql, values) in statements {
        tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values))
            .await?;
    }
    if tx.get_database_backend() == DbBackend::Postgres {
        // It looks at what has changed by itself, but not at once.
        tx.execute_unprepared("ANALYZE").await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Values of `name (number, subject, name, sort_name)`.
fn names() -> Vec<Value> {
    let name = |number| {
        let (subject, name) = identity(number);
        let sort_name = name.to_lowercase();
        [subject.into(), name.into(), sort_name.into()]
    };
    (0..NAMES).flat_map(name).collect()
}

/// A common table of all names, whose values stand behind `before` others.
fn with_names(before: usize) -> String {
    let row = |number| {
        let first = before + number * 3;
        format!("({number}, ${}, ${}, ${})", first + 1, first + 2, first + 3)
    };
    let rows: Vec<_> = (0..NAMES).map(row).collect();
    format!(
        "name (number, subject, name, sort_name) AS (VALUES {})",
        rows.join(", ")
    )
}

/// Common tables of all companies and all people, numbered from 0. The last
/// company is the large one, and the first person its founder, like everybody
/// else's.
const NUMBERED: &str = r#"
    company AS (SELECT id, ROW_NUMBER() OVER (ORDER BY id) - 1 AS number FROM organization),
    person AS (SELECT *, ROW_NUMBER() OVER (ORDER BY id) - 1 AS number FROM "user")"#;

fn counted_to(last: u32) -> String {
    format!("counted (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counted WHERE n < {last})")
}

const MEMBER_COLUMNS: &str = "organization_id, user_id, role, flags, date_added, has_global_access, invite_status, \
                              user_is_active, user_email, sort_name, user_has_two_factor";

fn founders() -> String {
    format!(
        "INSERT INTO member ({MEMBER_COLUMNS})
         WITH {NUMBERED}
         SELECT company.id, person.id, 'owner', 0, $1, true, 0, true, person.email_key, lower(person.name),
                person.has_two_factor
         FROM company JOIN person ON person.number = 0 ORDER BY company.id"
    )
}

impl Scale {
    fn organizations(self) -> String {
        let companies = self.companies;
        format!(
            "INSERT INTO organization (name, slug, status, date_added, default_role, is_test, flags)
             WITH RECURSIVE {}
             SELECT CASE WHEN n < {companies} THEN 'Company ' || CAST(n + 1 AS text) ELSE 'Metropolis' END,
                    CASE WHEN n < {companies} THEN 'company-' || CAST(n + 1 AS text) ELSE 'metropolis' END,
                    0, $1, 'member', false, 1
             FROM counted ORDER BY n",
            counted_to(companies)
        )
    }

    /// The first is `ann`; the others have a number behind their names.
    fn users(self) -> String {
        let last = self.companies * (self.members - 1) + self.members_of_large - 1;
        format!(
            r#"INSERT INTO "user" (issuer, subject, name, email, email_key, is_email_verified, has_two_factor, avatar_url,
                                   is_active, date_added)
               WITH RECURSIVE {}, {},
               person (n, subject, name) AS (
                   SELECT n, CASE WHEN n = 0 THEN subject ELSE subject || '.' || CAST(n AS text) END, name
                   FROM counted JOIN name ON name.number = n % {NAMES})
               SELECT $1, subject, name, subject || '@example.com', subject || '@example.com', true, n % 3 <> 1,
                      CASE WHEN n % 2 = 0 THEN 'https://pictures.example.com/' || CAST(n AS text) || '.png' END, true, $2
               FROM person ORDER BY n"#,
            with_names(2),
            counted_to(last)
        )
    }

    /// The others: every company has as many of them in a row.
    fn members(self) -> String {
        let (companies, of_equals) = (self.companies, self.members - 1);
        format!(
            "INSERT INTO member ({MEMBER_COLUMNS})
             WITH {}, {NUMBERED}
             SELECT company.id, person.id,
                    CASE WHEN person.number % 50 = 1 THEN 'manager' WHEN person.number % 100 = 2 THEN 'admin'
                         ELSE 'member' END,
                    0, $1, true, 0, true, person.email_key, name.sort_name, person.has_two_factor
             FROM person
             JOIN name ON name.number = person.number % {NAMES}
             JOIN company ON company.number = CASE WHEN person.number <= {companies} * {of_equals}
                                                   THEN (person.number - 1) / {of_equals} ELSE {companies} END
             WHERE person.number > 0 ORDER BY person.id",
            with_names(1)
        )
    }

    fn teams(self) -> String {
        let Self {
            companies,
            teams,
            teams_of_large,
            ..
        } = self;
        format!(
            "INSERT INTO team (organization_id, slug, name, status, idp_provisioned, date_added)
             WITH RECURSIVE {}, {NUMBERED}
             SELECT company.id, 'team-' || CAST(n + 1 AS text), 'Team ' || CAST(n + 1 AS text), 0, false, $1
             FROM company
             JOIN counted ON n < CASE WHEN company.number < {companies} THEN {teams} ELSE {teams_of_large} END
             ORDER BY company.id, n",
            counted_to(teams_of_large)
        )
    }

    /// Three teams for each member, far apart; two where they are the same.
    fn team_memberships(self) -> String {
        let Self {
            companies,
            teams,
            teams_of_large,
            ..
        } = self;
        format!(
            "INSERT INTO team_member (team_id, member_id, is_active, role)
             WITH {NUMBERED},
             place AS (
                 SELECT member.id, organization_id, role,
                        ROW_NUMBER() OVER (PARTITION BY organization_id ORDER BY member.id) AS seat,
                        CASE WHEN company.number < {companies} THEN {teams} ELSE {teams_of_large} END AS teams
                 FROM member JOIN company ON company.id = organization_id),
             numbered_team AS (
                 SELECT id, organization_id, ROW_NUMBER() OVER (PARTITION BY organization_id ORDER BY id) - 1 AS number
                 FROM team),
             choice (factor, summand) AS (VALUES (1, 0), (7, 3), (13, 5))
             SELECT numbered_team.id, place.id, true, CASE WHEN seat % 40 = 0 AND role = 'member' THEN 'admin' END
             FROM place CROSS JOIN choice
             JOIN numbered_team ON numbered_team.organization_id = place.organization_id
                               AND numbered_team.number = (seat * factor + summand) % teams
             GROUP BY numbered_team.id, place.id, seat, role
             ORDER BY place.id"
        )
    }
}
