//! Lookups by organization, and of what people have to do with organizations.

use std::{collections::HashMap, sync::Arc};

use ::dataloader::BatchFn;
use entity::{
    ids::{MemberId, OrganizationId, UserId},
    member, organization, organization_option,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, Order, QueryFilter, QuerySelect, QueryTrait,
    RelationDef,
    sea_query::{Alias, Expr, ExprTrait, Query, WindowStatement},
};

use super::{Batch, Row, fail, group, one_each};
use crate::{
    access::Standing,
    auth::{Actor, Who},
    db::{Db, any_of},
    domain::{invite, options::Settings},
    roles,
};

/// Where the caller stands with organizations.
#[derive(Clone, Debug)]
pub struct Standings(pub(super) Db, pub(super) Arc<Actor>);

impl BatchFn<OrganizationId, Batch<Row<Standing>>> for Standings {
    async fn load(&mut self, keys: &[OrganizationId]) -> HashMap<OrganizationId, Batch<Row<Standing>>> {
        let matching = any_of(
            self.0.get_database_backend(),
            organization::Column::Id,
            keys.iter().map(|key| key.0),
        );
        let rows = Standing::find(&self.0, &self.1, matching).await;
        one_each(keys, rows, |standing| standing.organization.id)
    }
}

/// Organizations that have an open invite for the caller.
#[derive(Clone, Debug)]
pub struct Invited(pub(super) Db, pub(super) Arc<Actor>);

impl BatchFn<OrganizationId, Batch<bool>> for Invited {
    async fn load(&mut self, keys: &[OrganizationId]) -> HashMap<OrganizationId, Batch<bool>> {
        let backend = self.0.get_database_backend();
        let found = invite::addressed_to(&self.1)
            .select_only()
            .column(member::Column::OrganizationId)
            .filter(any_of(
                backend,
                member::Column::OrganizationId,
                keys.iter().map(|key| key.0),
            ))
            .into_tuple::<OrganizationId>()
            .all(&self.0)
            .await;
        match found {
            Ok(found) => keys.iter().map(|key| (*key, Ok(found.contains(key)))).collect(),
            Err(error) => fail(keys, error),
        }
    }
}

/// Effective options of organizations.
#[derive(Clone, Debug)]
pub struct SettingsOf(pub(super) Db);

impl BatchFn<OrganizationId, Batch<Row<Settings>>> for SettingsOf {
    async fn load(&mut self, keys: &[OrganizationId]) -> HashMap<OrganizationId, Batch<Row<Settings>>> {
        let backend = self.0.get_database_backend();
        let rows = organization::Entity::find()
            .filter(any_of(backend, organization::Column::Id, keys.iter().map(|key| key.0)))
            .join(
                JoinType::LeftJoin,
                RelationDef::from(
                    organization::Entity::belongs_to(organization_option::Entity)
                        .from(organization::Column::Id)
                        .to(organization_option::Column::OrganizationId),
                ),
            )
            .select_also(organization_option::Entity)
            .all(&self.0)
            .await;
        let grouped = rows.map(|rows| {
            let mut settings: HashMap<OrganizationId, (organization::Model, Vec<organization_option::Model>)> =
                HashMap::new();
            for (organization, option) in rows {
                settings
                    .entry(organization.id)
                    .or_insert_with(|| (organization, Vec::new()))
                    .1
                    .extend(option);
            }
            settings
                .into_values()
                .map(|(organization, options)| Settings::new(&organization, options))
                .collect()
        });
        one_each(keys, grouped, Settings::organization_id)
    }
}

/// Up to two active owners of organizations: enough to know whether somebody is
/// the only one.
#[derive(Clone, Debug)]
pub struct ActiveOwners(pub(super) Db);

impl BatchFn<OrganizationId, Batch<Arc<Vec<MemberId>>>> for ActiveOwners {
    async fn load(&mut self, keys: &[OrganizationId]) -> HashMap<OrganizationId, Batch<Arc<Vec<MemberId>>>> {
        #[derive(FromQueryResult)]
        struct Owner {
            organization_id: OrganizationId,
            id: MemberId,
        }
        let backend = self.0.get_database_backend();
        let number = Alias::new("number");
        let mut numbered = member::Entity::find()
            .select_only()
            .columns([member::Column::OrganizationId, member::Column::Id])
            .filter(any_of(
                backend,
                member::Column::OrganizationId,
                keys.iter().map(|key| key.0),
            ))
            .filter(member::Column::Role.eq(roles::OWNER))
            .filter(member::Column::UserId.is_not_null())
            .filter(member::Entity::shown())
            .into_query();
        numbered.expr_window_as(
            Expr::cust("ROW_NUMBER()"),
            WindowStatement::partition_by(member::Column::OrganizationId)
                .order_by(member::Column::Id, Order::Asc)
                .to_owned(),
            number.clone(),
        );
        let statement = Query::select()
            .columns([member::Column::OrganizationId, member::Column::Id])
            .from_subquery(numbered, Alias::new("owner"))
            .and_where(Expr::col(number).lte(2))
            .to_owned();
        let rows = Owner::find_by_statement(backend.build(&statement)).all(&self.0).await;
        group(keys, rows, |owner| owner.organization_id, |owner| owner.id)
    }
}

/// Organizations that the caller shares with people. For an app, its own
/// organization if the person is a member there.
#[derive(Clone, Debug)]
pub struct SharedOrganizations(pub(super) Db, pub(super) Arc<Actor>);

impl BatchFn<UserId, Batch<Arc<Vec<OrganizationId>>>> for SharedOrganizations {
    async fn load(&mut self, keys: &[UserId]) -> HashMap<UserId, Batch<Arc<Vec<OrganizationId>>>> {
        let backend = self.0.get_database_backend();
        let own = match &self.1.who {
            Who::Anonymous => return keys.iter().map(|key| (*key, Ok(Arc::default()))).collect(),
            Who::App(app) => member::Column::OrganizationId.eq(app.token.organization_id),
            // They see every organization, but those that shut them out.
            Who::Person(person) if person.is_superuser => member::Column::OrganizationId.is_not_null(),
            Who::Person(person) => member::Column::OrganizationId.in_subquery(
                member::Entity::find()
                    .select_only()
                    .column(member::Column::OrganizationId)
                    .filter(member::Column::UserId.eq(person.user.id))
                    .into_query(),
            ),
        };
        let rows = member::Entity::find()
            .select_only()
            .columns([member::Column::UserId, member::Column::OrganizationId])
            .filter(any_of(backend, member::Column::UserId, keys.iter().map(|key| key.0)))
            .filter(own)
            .into_tuple::<(UserId, OrganizationId)>()
            .all(&self.0)
            .await;
        group(keys, rows, |(user, _)| *user, |(_, organization)| organization)
    }
}
