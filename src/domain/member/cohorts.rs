//! Which cohorts of members an organization has.

use entity::{ids::OrganizationId, member, member::Cohort};
use sea_orm::{
    ConnectionTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Alias, CommonTableExpression, Expr, ExprTrait, Query, SubQueryStatement, UnionType, WithClause},
};

use crate::error::Result;

/// The cohorts of the organization's members. Each costs one look into an index,
/// however many are in it.
pub async fn cohorts(db: &impl ConnectionTrait, organization: OrganizationId) -> Result<Vec<Cohort>> {
    let (found, name) = (Alias::new("found"), Alias::new("name"));
    let next = |after: Option<Expr>| {
        let query = member::Entity::within(organization)
            .filter(member::Entity::shown())
            .select_only()
            .expr(member::Entity::cohort())
            .order_by_asc(member::Entity::cohort())
            .limit(1);
        let query = match after {
            Some(last) => query.filter(member::Entity::cohort().gt(last)),
            None => query,
        };
        Expr::SubQuery(None, Box::new(SubQueryStatement::SelectStatement(query.into_query())))
    };
    let last = Expr::col((found.clone(), name.clone()));
    let others = Query::select()
        .expr(next(Some(last.clone())))
        .from(found.clone())
        .and_where(last.clone().is_not_null())
        .to_owned();
    let all = Query::select()
        .expr(next(None))
        .union(UnionType::All, others)
        .to_owned();
    let table = CommonTableExpression::new()
        .table_name(found.clone())
        .column(name)
        .query(all)
        .to_owned();
    let wanted = Query::select()
        .expr(last.clone())
        .from(found)
        .and_where(last.is_not_null())
        .to_owned();
    let statement = WithClause::new().recursive(true).cte(table).to_owned().query(wanted);
    let mut cohorts = Vec::new();
    for row in db.query_all(&statement).await? {
        cohorts.extend(Cohort::parse(row.try_get_by_index(0)?));
    }
    Ok(cohorts)
}
