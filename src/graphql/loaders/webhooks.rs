//! Lookups of deliveries to webhooks.

use std::{collections::HashMap, sync::Arc};

use ::dataloader::BatchFn;
use entity::{
    ids::WebhookId,
    webhook_delivery::{self, DeliveryStatus},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{SelectStatement, UnionType},
};

use super::{Batch, fail, group};
use crate::{
    db::{Db, any_of, rows},
    domain::{listing::union, webhook as hooks},
    graphql::{page::Window, webhook::newest_first},
};

/// Which deliveries are wanted: of which webhook, with which status, and which
/// part of the list.
pub type DeliveriesKey = (WebhookId, Option<DeliveryStatus>, Window);

/// Pages of the deliveries to webhooks, each read on its own inside one
/// statement.
#[derive(Clone, Debug)]
pub struct DeliveriesOfWebhook(pub(super) Db);

impl BatchFn<DeliveriesKey, Batch<Arc<Vec<webhook_delivery::Model>>>> for DeliveriesOfWebhook {
    async fn load(
        &mut self,
        keys: &[DeliveriesKey],
    ) -> HashMap<DeliveriesKey, Batch<Arc<Vec<webhook_delivery::Model>>>> {
        let mut lists: HashMap<(Option<DeliveryStatus>, &Window), Vec<WebhookId>> = HashMap::new();
        for (webhook, status, window) in keys {
            lists.entry((*status, window)).or_default().push(*webhook);
        }
        let mut found = HashMap::new();
        for ((status, window), webhooks) in lists {
            let rows = read_deliveries(&self.0, &webhooks, status, window).await;
            let pages = group(&webhooks, rows, |row| row.webhook_id, |row| row);
            found.extend(
                pages
                    .into_iter()
                    .map(|(webhook, page)| ((webhook, status, window.clone()), page)),
            );
        }
        found
    }
}

async fn read_deliveries(
    db: &Db,
    webhooks: &[WebhookId],
    status: Option<DeliveryStatus>,
    window: &Window,
) -> Result<Vec<webhook_delivery::Model>, DbErr> {
    let page_of = |webhook: &WebhookId| -> SelectStatement {
        let mut query = hooks::deliveries(*webhook, status).limit(window.rows_to_read());
        // The window was checked against this order where it was made.
        let _ = newest_first().apply(QuerySelect::query(&mut query), window);
        query.into_query()
    };
    // SQLite takes at most 500 parts; an organization has fewer webhooks.
    const PARTS_MAX: usize = 400;
    let mut found = Vec::new();
    for webhooks in webhooks.chunks(PARTS_MAX) {
        let Some(statement) = union(UnionType::All, webhooks.iter().map(page_of)) else {
            continue;
        };
        found.extend(rows(db, &statement).await?);
    }
    Ok(found)
}

/// How many deliveries to webhooks there are.
#[derive(Clone, Debug)]
pub struct DeliveryCounts(pub(super) Db);

impl BatchFn<(WebhookId, Option<DeliveryStatus>), Batch<i64>> for DeliveryCounts {
    async fn load(
        &mut self,
        keys: &[(WebhookId, Option<DeliveryStatus>)],
    ) -> HashMap<(WebhookId, Option<DeliveryStatus>), Batch<i64>> {
        let backend = self.0.get_database_backend();
        let rows = webhook_delivery::Entity::find()
            .select_only()
            .columns([webhook_delivery::Column::WebhookId, webhook_delivery::Column::Status])
            .column_as(webhook_delivery::Column::Id.count(), "count")
            .filter(any_of(
                backend,
                webhook_delivery::Column::WebhookId,
                keys.iter().map(|(webhook, _)| webhook.0),
            ))
            .group_by(webhook_delivery::Column::WebhookId)
            .group_by(webhook_delivery::Column::Status)
            .into_tuple::<(WebhookId, DeliveryStatus, i64)>()
            .all(&self.0)
            .await;
        let rows = match rows {
            Ok(rows) => rows,
            Err(error) => return fail(keys, error),
        };
        let count = |(webhook, status): &(WebhookId, Option<DeliveryStatus>)| {
            let of = |row: &&(WebhookId, DeliveryStatus, i64)| {
                row.0 == *webhook && status.is_none_or(|status| row.1 == status)
            };
            rows.iter().filter(of).map(|row| row.2).sum()
        };
        keys.iter().map(|key| (*key, Ok(count(key)))).collect()
    }
}
