//! Roster's rows: one file per table, with its relations and the queries that
//! keep a tenant's rows apart. No rules live here.

pub mod access_request;
pub mod api_token;
pub mod audit_log_entry;
pub mod auth_identity;
pub mod auth_provider;
pub mod blob;
pub mod blob_index;
mod columns;
pub mod event;
pub mod event_head;
pub mod file;
pub mod ids;
pub mod invite_delivery;
pub mod job;
pub mod member;
pub mod organization;
pub mod organization_avatar;
pub mod organization_counter;
pub mod organization_option;
pub mod outbox;
pub mod rate_limit;
pub mod team;
pub mod team_member;
pub mod user;
pub mod webhook;
pub mod webhook_delivery;

pub use columns::FromColumns;
