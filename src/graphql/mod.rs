//! The contract: what clients see. One file per noun, with its type, its
//! inputs and its mutations; rules live in `domain`.

use std::sync::LazyLock;

use async_graphql::{MergedObject, Schema, SchemaBuilder};

use crate::config::Mode;

mod account;
pub mod api_token;
pub mod audit;
pub mod auth_provider;
pub mod avatar;
mod batch;
mod caller;
pub mod connections;
pub mod context;
mod credential;
pub mod custom_options;
pub mod documents;
pub mod error;
pub mod event;
mod event_stream;
mod guard;
pub mod http;
pub mod id;
pub mod invite;
pub mod loaders;
pub mod lookup;
pub mod manifest;
mod measure;
pub mod member;
pub mod multipart;
pub mod operation;
pub mod options;
pub mod organization;
mod origin;
pub mod page;
pub mod query;
pub mod role;
pub mod scalar;
mod socket;
pub mod team;
mod tokens;
pub mod user;
mod variables;
pub mod webhook;

/// Everything that can be changed.
#[derive(Default, MergedObject)]
pub struct Mutation(
    api_token::ApiTokenMutation,
    auth_provider::AuthProviderMutation,
    avatar::AvatarMutation,
    invite::InviteMutation,
    invite::InviteRequestMutation,
    member::MemberMutation,
    member::FlagsMutation,
    member::TransferMutation,
    options::OptionsMutation,
    organization::OrganizationMutation,
    organization::DeletionMutation,
    team::TeamMutations,
    user::UserMutation,
    webhook::WebhookMutation,
);

/// The schema that is served.
pub type RosterSchema = Schema<query::Query, Mutation, event::Subscription>;

/// Begins a schema, for whoever adds to it.
pub fn builder() -> SchemaBuilder<query::Query, Mutation, event::Subscription> {
    Schema::build(query::Query, Mutation::default(), event::Subscription)
        // The limits on documents are checked before they get here.
        .limit_recursive_depth(usize::MAX)
        .extension(guard::GuardFactory)
}

/// The schema of a running service. In production nobody is told what they may
/// have meant.
pub fn schema(mode: Mode) -> RosterSchema {
    // The same for every service in this process, and not cheap.
    static HASH: LazyLock<String> = LazyLock::new(|| documents::Hash::of(&sdl()).to_string());
    let schema = builder().data(query::SchemaHash(HASH.clone()));
    match mode {
        Mode::Development => schema.finish(),
        Mode::Production => schema.disable_suggestions().finish(),
    }
}

/// The schema in the schema definition language, as `schema.graphql` has it.
pub fn sdl() -> String {
    let options = async_graphql::SDLExportOptions::new()
        .sorted_fields()
        .sorted_enum_items()
        .prefer_single_line_descriptions();
    let text = builder().finish().sdl_with_options(options);
    // One form on every machine: no spaces at line ends, one newline at the end.
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    format!("{}\n", lines.join("\n").trim())
}

/// What a request carries.
pub use context::{ContextExt, RequestScope};
