//! What the database can do: each workload by hand, one prepared statement for
//! each level, no GraphQL, no credentials, no rules. Answers what Roster answers.
//! Nobody's product; the yardstick of `load`.

use std::collections::HashMap;

use anyhow::Result;
use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
    serve::ListenerExt,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use clap::Parser;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio_postgres::{NoTls, Row};

/// The same allocator as Roster's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Members on a page.
const PAGE: usize = 50;

#[derive(Parser)]
struct Arguments {
    #[arg(long)]
    database_url: String,
    #[arg(long)]
    listen: String,
    /// Connections to the database.
    #[arg(long, default_value_t = 12)]
    connections: usize,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let manager = Manager::from_config(
        arguments.database_url.parse()?,
        NoTls,
        ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        },
    );
    let pool = Pool::builder(manager).max_size(arguments.connections).build()?;
    let routes = Router::new()
        .route("/w1", post(organization))
        .route("/w2", post(members))
        .route("/w3", post(teams))
        .route("/w5", post(update_roles))
        .with_state(pool);
    let listener = TcpListener::bind(&arguments.listen).await?.tap_io(|connection| {
        // A connection that takes no options will fail by itself.
        let _ = connection.set_nodelay(true);
    });
    axum::serve(listener, routes).await?;
    Ok(())
}

/// Whatever goes wrong.
struct Failed(anyhow::Error);

impl<E: Into<anyhow::Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, format!("{:?}", self.0)).into_response()
    }
}

type Answer<T> = Result<Json<T>, Failed>;

async fn rows(
    connection: &Object,
    sql: &str,
    values: &[&(dyn tokio_postgres::types::ToSql + Sync)],
) -> Result<Vec<Row>> {
    let statement = connection.prepare_cached(sql).await?;
    Ok(connection.query(&statement, values).await?)
}

fn global(kind: &str, id: i64) -> String {
    URL_SAFE_NO_PAD.encode(format!("{kind}:{id}"))
}

#[derive(Serialize)]
struct Data<T> {
    data: T,
}

fn data<T>(value: T) -> Answer<Data<T>> {
    Ok(Json(Data { data: value }))
}

#[derive(Serialize)]
struct OfOrganization<T> {
    organization: T,
}

#[derive(Serialize)]
struct Nodes<T> {
    nodes: Vec<T>,
}

#[derive(Serialize)]
struct Role {
    id: String,
}

// W1

#[derive(Deserialize)]
struct BySlug {
    slug: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Organization {
    id: String,
    slug: String,
    name: String,
    status: &'static str,
    created_at: DateTime<Utc>,
}

async fn organization(
    State(pool): State<Pool>,
    Json(asked): Json<BySlug>,
) -> Answer<Data<OfOrganization<Option<Organization>>>> {
    let connection = pool.get().await?;
    let sql = "SELECT id, slug, name, status, date_added FROM organization WHERE slug = $1";
    let found = rows(&connection, sql, &[&asked.slug]).await?;
    let organization = found.first().map(|row| Organization {
        id: global("Organization", row.get(0)),
        slug: row.get(1),
        name: row.get(2),
        status: if row.get::<_, i32>(3) == 0 {
            "ACTIVE"
        } else {
            "PENDING_DELETION"
        },
        created_at: row.get(4),
    });
    data(OfOrganization { organization })
}

// W2 and W4

#[derive(Deserialize)]
struct Page {
    slug: String,
    /// Id of the member behind which it begins.
    after: Option<i64>,
}

#[derive(Serialize)]
struct Members {
    members: PageOfMembers,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PageOfMembers {
    nodes: Vec<Member>,
    page_info: PageInfo,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Member {
    id: String,
    role: Role,
    user: Option<User>,
    team_memberships: Vec<TeamMembership>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct User {
    name: String,
    email: Option<String>,
    avatar_url: Option<String>,
}

#[derive(Serialize)]
struct TeamMembership {
    team: Team,
    role: Option<Role>,
}

#[derive(Serialize)]
struct Team {
    slug: String,
    name: String,
}

async fn members(State(pool): State<Pool>, Json(asked): Json<Page>) -> Answer<Data<OfOrganization<Option<Members>>>> {
    let connection = pool.get().await?;
    let found = rows(
        &connection,
        "SELECT id FROM organization WHERE slug = $1",
        &[&asked.slug],
    )
    .await?;
    let Some(organization) = found.first().map(|row| row.get::<_, i64>(0)) else {
        return data(OfOrganization { organization: None });
    };
    let sql = "SELECT id, user_id, role FROM member
               WHERE organization_id = $1 AND id > $2 AND invite_status = 0 AND user_is_active
               ORDER BY id LIMIT 51";
    let mut page = rows(&connection, sql, &[&organization, &asked.after.unwrap_or(0)]).await?;
    let has_next_page = page.len() > PAGE;
    page.truncate(PAGE);

    let users: Vec<i64> = page.iter().filter_map(|row| row.get(1)).collect();
    let sql = r#"SELECT id, name, email, avatar_url FROM "user" WHERE id = ANY($1)"#;
    let users = rows(&connection, sql, &[&users]).await?;
    let mut users: HashMap<i64, User> = users
        .iter()
        .map(|row| {
            let user = User {
                name: row.get(1),
                email: row.get(2),
                avatar_url: row.get(3),
            };
            (row.get(0), user)
        })
        .collect();

    let ids: Vec<i64> = page.iter().map(|row| row.get(0)).collect();
    let sql = "SELECT team_member.member_id, team_member.role, team.slug, team.name
               FROM team_member JOIN team ON team.id = team_member.team_id
               WHERE team_member.member_id = ANY($1) AND team_member.is_active AND team.status = 0
               ORDER BY team.slug";
    let mut memberships: HashMap<i64, Vec<TeamMembership>> = HashMap::new();
    for row in rows(&connection, sql, &[&ids]).await? {
        memberships.entry(row.get(0)).or_default().push(TeamMembership {
            role: row.get::<_, Option<String>>(1).map(|id| Role { id }),
            team: Team {
                slug: row.get(2),
                name: row.get(3),
            },
        });
    }

    let nodes = page
        .iter()
        .map(|row| Member {
            id: global("Member", row.get(0)),
            role: Role { id: row.get(2) },
            user: row.get::<_, Option<i64>>(1).and_then(|user| users.remove(&user)),
            team_memberships: memberships.remove(&row.get(0)).unwrap_or_default(),
        })
        .collect();
    let end_cursor = page
        .last()
        .map(|row| URL_SAFE_NO_PAD.encode(format!(r#"{{"o":"member.id","i":{}}}"#, row.get::<_, i64>(0))));
    let page_info = PageInfo {
        has_next_page,
        end_cursor,
    };
    let organization = Some(Members {
        members: PageOfMembers { nodes, page_info },
    });
    data(OfOrganization { organization })
}

// W3

#[derive(Serialize)]
struct Teams {
    teams: Nodes<CrowdedTeam>,
}

#[derive(Serialize)]
struct CrowdedTeam {
    slug: String,
    name: String,
    memberships: Nodes<MemberOfTeam>,
}

#[derive(Serialize)]
struct MemberOfTeam {
    role: Option<Role>,
    member: Person,
}

#[derive(Serialize)]
struct Person {
    id: String,
    user: Option<NameOfUser>,
}

#[derive(Clone, Serialize)]
struct NameOfUser {
    name: String,
    email: Option<String>,
}

async fn teams(State(pool): State<Pool>, Json(asked): Json<BySlug>) -> Answer<Data<OfOrganization<Option<Teams>>>> {
    let connection = pool.get().await?;
    let found = rows(
        &connection,
        "SELECT id FROM organization WHERE slug = $1",
        &[&asked.slug],
    )
    .await?;
    let Some(organization) = found.first().map(|row| row.get::<_, i64>(0)) else {
        return data(OfOrganization { organization: None });
    };
    let sql = "SELECT id, slug, name FROM team WHERE organization_id = $1 AND status = 0 ORDER BY id LIMIT 21";
    let mut page = rows(&connection, sql, &[&organization]).await?;
    page.truncate(20);

    let ids: Vec<i64> = page.iter().map(|row| row.get(0)).collect();
    let sql = "SELECT wanted.id, place.role, place.member_id, place.user_id
               FROM unnest($1::bigint[]) AS wanted (id)
               CROSS JOIN LATERAL (
                   SELECT team_member.id, team_member.role, member_id, user_id
                   FROM team_member JOIN member ON member.id = member_id
                   WHERE team_id = wanted.id AND is_active AND invite_status = 0 AND user_is_active
                   ORDER BY team_member.id LIMIT 11) AS place
               ORDER BY wanted.id, place.id";
    let places = rows(&connection, sql, &[&ids]).await?;

    let users: Vec<i64> = places.iter().filter_map(|row| row.get(3)).collect();
    let sql = r#"SELECT id, name, email FROM "user" WHERE id = ANY($1)"#;
    let users = rows(&connection, sql, &[&users]).await?;
    let users: HashMap<i64, NameOfUser> = users
        .iter()
        .map(|row| {
            let user = NameOfUser {
                name: row.get(1),
                email: row.get(2),
            };
            (row.get(0), user)
        })
        .collect();

    let mut of_team: HashMap<i64, Vec<MemberOfTeam>> = HashMap::new();
    for row in &places {
        let of_team = of_team.entry(row.get(0)).or_default();
        if of_team.len() < 10 {
            let user = row.get::<_, Option<i64>>(3).and_then(|user| users.get(&user).cloned());
            of_team.push(MemberOfTeam {
                role: row.get::<_, Option<String>>(1).map(|id| Role { id }),
                member: Person {
                    id: global("Member", row.get(2)),
                    user,
                },
            });
        }
    }
    let nodes = page
        .iter()
        .map(|row| CrowdedTeam {
            slug: row.get(1),
            name: row.get(2),
            memberships: Nodes {
                nodes: of_team.remove(&row.get(0)).unwrap_or_default(),
            },
        })
        .collect();
    let organization = Some(Teams { teams: Nodes { nodes } });
    data(OfOrganization { organization })
}

// W5

#[derive(Deserialize)]
struct NewRoles {
    member: i64,
    role: String,
    /// Slugs of all teams.
    teams: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Updated {
    update_member_roles: UpdatedMember,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UpdatedMember {
    member: MemberAndRole,
    user_errors: [(); 0],
}

#[derive(Serialize)]
struct MemberAndRole {
    id: String,
    role: Role,
}

async fn update_roles(State(pool): State<Pool>, Json(asked): Json<NewRoles>) -> Answer<Data<Updated>> {
    let mut connection = pool.get().await?;
    let locked = connection
        .prepare_cached("SELECT organization_id FROM member WHERE id = $1 FOR NO KEY UPDATE")
        .await?;
    let updated = connection
        .prepare_cached("UPDATE member SET role = $2 WHERE id = $1")
        .await?;
    let deleted = connection
        .prepare_cached("DELETE FROM team_member WHERE member_id = $1")
        .await?;
    let inserted = connection
        .prepare_cached(
            "INSERT INTO team_member (team_id, member_id, is_active)
             SELECT id, $1, true FROM team WHERE organization_id = $2 AND slug = ANY($3) AND status = 0",
        )
        .await?;
    let tx = connection.transaction().await?;
    let organization: i64 = tx.query_one(&locked, &[&asked.member]).await?.get(0);
    tx.execute(&updated, &[&asked.member, &asked.role]).await?;
    tx.execute(&deleted, &[&asked.member]).await?;
    tx.execute(&inserted, &[&asked.member, &organization, &asked.teams])
        .await?;
    tx.commit().await?;
    data(Updated {
        update_member_roles: UpdatedMember {
            member: MemberAndRole {
                id: global("Member", asked.member),
                role: Role { id: asked.role },
            },
            user_errors: [],
        },
    })
}
