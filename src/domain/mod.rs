//! The rules; one file per noun, one public function per action.

pub mod api_token;
pub mod audit;
pub mod auth_provider;
pub mod avatar;
pub mod compliance;
pub mod invite;
pub mod listing;
pub mod member;
pub mod options;
pub mod organization;
pub mod search;
pub mod slug;
pub mod team;
pub mod text;
pub mod user;
pub mod webhook;
