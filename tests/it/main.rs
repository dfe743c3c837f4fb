//! Black-box tests: the real server on a free port with its own empty database,
//! reached over HTTP. One file per noun, one story per test. SQLite, unless
//! `TEST_DATABASE_URL` names a PostgreSQL server.

#![allow(clippy::unwrap_used, reason = "a test that cannot arrange its scene has failed")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests make tokens and expiries for the clock the server reads"
)]

mod support;

mod audit;
mod avatar;
mod command;
mod compliance;
mod connections;
mod console;
mod deletion;
mod demo;
mod events;
mod files;
mod gateway;
mod identity;
mod invite;
mod jobs;
mod mail;
mod matrix;
mod member;
mod model;
mod nodes;
mod options;
mod organization;
mod outbox;
mod races;
mod read;
mod secrets;
mod sight;
mod sso;
mod team;
mod tenants;
mod token;
mod webhook;
mod wire;
