//! The contract: what clients see. One file per noun, with its type, its
//! inputs and its mutations; rules live in `domain`.

use std::sync::LazyLock;

use async_graphql::{MergedObject, ObjectType, Request, Response, SDLExportOptions, Schema, SchemaBuilder};
use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream::BoxStream};

use crate::config::{Config, Mode};

mod account;
mod answer;
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
pub mod federation;
mod guard;
pub mod http;
pub mod id;
pub mod invite;
pub mod loaders;
pub mod lookup;
pub mod manifest;
mod measure;
mod media;
pub mod member;
pub mod multipart;
pub mod object;
mod operation;
pub mod options;
pub mod organization;
pub mod origin;
pub mod page;
pub mod query;
mod rate;
pub mod role;
pub mod scalar;
mod socket;
pub mod team;
mod tokens;
pub mod user;
mod variables;
pub mod webhook;

use event::Subscription;
use federation::FederatedQuery;
use query::{Query, SchemaHash};

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

/// The schema that is served: as clients see it, or with what a router of a
/// federated graph asks besides.
#[derive(Clone)]
pub enum RosterSchema {
    /// On its own.
    Plain(Schema<Query, Mutation, Subscription>),
    /// As a subgraph.
    Federated(Schema<FederatedQuery, Mutation, Subscription>),
}

impl RosterSchema {
    /// The schema of a running service. In production nobody is told what they
    /// may have meant.
    pub fn new(config: &Config) -> Self {
        // The same for every service in this process, and not cheap.
        static HASH: LazyLock<String> = LazyLock::new(|| documents::Hash::of(&sdl()).to_string());
        let hash = || SchemaHash(HASH.clone());
        if config.graphql.federation {
            Self::Federated(finish(builder(FederatedQuery::default()).data(hash()), config.mode))
        } else {
            Self::Plain(finish(builder(Query::default()).data(hash()), config.mode))
        }
    }

    /// Runs a query or a mutation.
    pub async fn execute(&self, request: Request) -> Response {
        match self {
            Self::Plain(schema) => schema.execute(request).await,
            Self::Federated(schema) => schema.execute(request).await,
        }
    }

    /// Runs any operation.
    pub fn execute_stream(&self, request: Request) -> BoxStream<'static, Response> {
        match self {
            Self::Plain(schema) => schema.execute_stream(request).boxed(),
            Self::Federated(schema) => schema.execute_stream(request).boxed(),
        }
    }
}

/// Begins a schema, for whoever adds to it.
pub fn builder<Q: ObjectType + 'static>(query: Q) -> SchemaBuilder<Q, Mutation, Subscription> {
    Schema::build(query, Mutation::default(), Subscription)
        // The limits on documents are checked before they get here.
        .limit_recursive_depth(usize::MAX)
        // A router subscribes like any client.
        .enable_subscription_in_federation()
        .extension(guard::GuardFactory)
        .override_output_type_description::<DateTime<Utc>>(
            "A time as RFC 3339 has it, in UTC: `2026-01-31T12:00:00.123456Z`.",
        )
}

fn finish<Q: ObjectType + 'static>(
    schema: SchemaBuilder<Q, Mutation, Subscription>,
    mode: Mode,
) -> Schema<Q, Mutation, Subscription> {
    match mode {
        Mode::Development => schema.finish(),
        Mode::Production => schema.disable_suggestions().finish(),
    }
}

/// The schema in the schema definition language, as `schema.graphql` has it.
pub fn sdl() -> String {
    print(&builder(Query::default()).finish(), SDLExportOptions::new())
}

/// The same as a subgraph, for the composition of a federated graph.
pub fn federation_sdl() -> String {
    print(
        &builder(FederatedQuery::default()).finish(),
        SDLExportOptions::new().federation(),
    )
}

fn print<Q: ObjectType + 'static>(schema: &Schema<Q, Mutation, Subscription>, options: SDLExportOptions) -> String {
    let options = options
        .sorted_fields()
        .sorted_enum_items()
        .prefer_single_line_descriptions();
    let text = schema.sdl_with_options(options);
    // One form on every machine: no spaces at line ends, one newline at the end.
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    format!("{}\n", lines.join("\n").trim())
}

/// What a request carries.
pub use context::{ContextExt, RequestScope};
