//! Lookups of who is in which team.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use ::dataloader::BatchFn;
use entity::{
    FromColumns,
    ids::{MemberId, TeamId},
    member, team, team_member,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, JoinType, QueryFilter, QuerySelect, QueryTrait,
    RelationTrait,
    sea_query::{Asterisk, Expr, ExprTrait, Func, Query, SelectStatement, UnionType},
};

use super::{Batch, InTeam, OfTeam, Row, fail, group, one_each};
use crate::{
    db::{Db, any_of, pairs, rows},
    domain::listing::union,
    graphql::{page::Window, team::memberships_order},
};

/// Active teams of members.
#[derive(Clone, Debug)]
pub struct TeamsOfMember(pub(super) Db);

impl BatchFn<MemberId, Batch<Arc<Vec<InTeam>>>> for TeamsOfMember {
    async fn load(&mut self, keys: &[MemberId]) -> HashMap<MemberId, Batch<Arc<Vec<InTeam>>>> {
        let backend = self.0.get_database_backend();
        let found = team_member::Entity::find()
            .find_also_related(team::Entity)
            .filter(any_of(
                backend,
                team_member::Column::MemberId,
                keys.iter().map(|key| key.0),
            ))
            .filter(team_member::Column::IsActive.eq(true))
            .filter(team::Column::Status.eq(team::TeamStatus::Active));
        let rows = async {
            let rows = self.0.query_all(&found.into_query()).await?;
            // Members share teams: each is read once.
            let mut teams = HashMap::new();
            let mut in_teams = Vec::with_capacity(rows.len());
            for row in &rows {
                let place = team_member::Model::from_columns(row, 0)?;
                let team = match teams.entry(place.team_id) {
                    Entry::Occupied(known) => Arc::clone(known.get()),
                    Entry::Vacant(new) => {
                        let team = team::Model::from_columns(row, team_member::Model::COUNT)?;
                        new.insert(Arc::new(team)).clone()
                    }
                };
                in_teams.push((place, team));
            }
            // Here, where each member has a few: the database would put all in order.
            in_teams.sort_by(|(_, one), (_, other): &InTeam| one.slug.cmp(&other.slug));
            Ok(in_teams)
        };
        group(keys, rows.await, |(row, _): &InTeam| row.member_id, |row| row)
    }
}

/// Pages of the memberships of teams. Each team's page is read on its own
/// inside one statement, so that nothing is read that is not answered.
#[derive(Clone, Debug)]
pub struct MembershipsOfTeam(pub(super) Db);

impl BatchFn<(TeamId, Window), Batch<Arc<Vec<OfTeam>>>> for MembershipsOfTeam {
    async fn load(&mut self, keys: &[(TeamId, Window)]) -> HashMap<(TeamId, Window), Batch<Arc<Vec<OfTeam>>>> {
        // A client may ask for several windows of the same teams; siblings
        // share theirs, so this is one statement for each field of the query.
        let mut windows: HashMap<&Window, Vec<TeamId>> = HashMap::new();
        for (team, window) in keys {
            windows.entry(window).or_default().push(*team);
        }
        let mut found = HashMap::new();
        for (window, teams) in windows {
            let rows = read_memberships(&self.0, &teams, window).await;
            let pages = group(&teams, rows, |(row, _): &OfTeam| row.team_id, |row| row);
            found.extend(pages.into_iter().map(|(team, page)| ((team, window.clone()), page)));
        }
        found
    }
}

/// Memberships that are shown: active ones of members that are shown.
fn shown_memberships(query: sea_orm::Select<team_member::Entity>) -> sea_orm::Select<team_member::Entity> {
    query
        .join(JoinType::InnerJoin, team_member::Relation::Member.def())
        .filter(team_member::Column::IsActive.eq(true))
        .filter(member::Entity::shown())
}

async fn read_memberships(db: &Db, teams: &[TeamId], window: &Window) -> Result<Vec<OfTeam>, DbErr> {
    let page_of = |team: Expr| -> SelectStatement {
        let mut query = shown_memberships(team_member::Entity::find())
            .filter(team_member::Column::TeamId.into_expr().eq(team))
            .limit(window.rows_to_read())
            .select_also(member::Entity);
        // The window was checked against this order where it was made.
        let _ = memberships_order().apply(QuerySelect::query(&mut query), window);
        query.into_query()
    };
    let statements = match db.backend() {
        // The same statement for any number of teams, which is planned once.
        DbBackend::Postgres => vec![each_page(teams, page_of)],
        _ => {
            // It takes at most 500 parts.
            const PARTS_MAX: usize = 400;
            let part = |teams: &[TeamId]| union(UnionType::All, teams.iter().map(|team| page_of(Expr::value(*team))));
            teams.chunks(PARTS_MAX).filter_map(part).collect()
        }
    };
    let mut rows = Vec::new();
    for statement in statements {
        let found = pairs(db, &statement).await?;
        let both = found
            .into_iter()
            .filter_map(|(row, member)| Some((row, Arc::new(member?))));
        rows.extend(both);
    }
    // A join promises no order.
    rows.sort_by_key(|(row, _): &OfTeam| row.id);
    if window.is_backward() {
        rows.reverse();
    }
    Ok(rows)
}

/// The page of each team in an array.
fn each_page(teams: &[TeamId], page_of: impl Fn(Expr) -> SelectStatement) -> SelectStatement {
    let ids: Vec<i64> = teams.iter().map(|team| team.0).collect();
    Query::select()
        .column(("page", Asterisk))
        .from_function(Func::cust("unnest").arg(Expr::value(ids)), "wanted")
        .join_lateral(
            JoinType::InnerJoin,
            page_of(Expr::col(("wanted", "wanted"))),
            "page",
            Expr::value(true),
        )
        .to_owned()
}

/// Sizes of teams.
#[derive(Clone, Debug)]
pub struct TeamSizes(pub(super) Db);

impl BatchFn<TeamId, Batch<i64>> for TeamSizes {
    async fn load(&mut self, keys: &[TeamId]) -> HashMap<TeamId, Batch<i64>> {
        let backend = self.0.get_database_backend();
        let rows = shown_memberships(team_member::Entity::find())
            .filter(any_of(
                backend,
                team_member::Column::TeamId,
                keys.iter().map(|key| key.0),
            ))
            .select_only()
            .column(team_member::Column::TeamId)
            .column_as(team_member::Column::Id.count(), "size")
            .group_by(team_member::Column::TeamId)
            .into_tuple::<(TeamId, i64)>()
            .all(&self.0)
            .await;
        match rows {
            Err(error) => fail(keys, error),
            Ok(rows) => {
                let mut sizes: HashMap<_, _> = keys.iter().map(|key| (*key, Ok(0))).collect();
                sizes.extend(rows.into_iter().map(|(team, size)| (team, Ok(size))));
                sizes
            }
        }
    }
}

/// Memberships by team and member.
#[derive(Clone, Debug)]
pub struct TeamMemberships(pub(super) Db);

impl BatchFn<(TeamId, MemberId), Batch<Row<team_member::Model>>> for TeamMemberships {
    async fn load(
        &mut self,
        keys: &[(TeamId, MemberId)],
    ) -> HashMap<(TeamId, MemberId), Batch<Row<team_member::Model>>> {
        let backend = self.0.get_database_backend();
        // Siblings ask for one member in many teams, so the product of both
        // lists is hardly larger than the pairs.
        let found = team_member::Entity::find()
            .filter(any_of(
                backend,
                team_member::Column::TeamId,
                keys.iter().map(|(team, _)| team.0),
            ))
            .filter(any_of(
                backend,
                team_member::Column::MemberId,
                keys.iter().map(|(_, member)| member.0),
            ))
            .filter(team_member::Column::IsActive.eq(true));
        let rows = rows(&self.0, found.as_query()).await;
        one_each(keys, rows, |row: &team_member::Model| (row.team_id, row.member_id))
    }
}
