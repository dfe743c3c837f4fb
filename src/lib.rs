//! Roster: the open, self-hosted GraphQL gateway for organization membership.

pub mod access;
pub mod app;
pub mod auth;
pub mod clock;
pub mod config;
pub mod db;
pub mod domain;
pub mod error;
pub mod graphql;
pub mod limits;
pub mod outbox;
pub mod queue;
pub mod roles;
