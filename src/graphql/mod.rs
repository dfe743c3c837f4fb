//! The contract: what clients see. One file per noun, with its type, its
//! inputs and its mutations; rules live in `domain`.

use std::sync::{Arc, LazyLock};

use async_graphql::{
    MergedObject, ObjectType, Request, Response, SDLExportOptions, Schema, SchemaBuilder, SchemaEnv, ServerError,
    ValidationMode, Variables, parser::types::ExecutableDocument,
};
use chrono::{DateTime, Utc};
use futures_util::{FutureExt, StreamExt, stream::BoxStream};

use crate::{
    config::{Config, Mode},
    telemetry::account::{self as accounts, Phase},
};

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
mod merging;
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
pub mod root;
pub mod scalar;
mod socket;
pub mod team;
mod tokens;
pub mod user;
mod variables;
pub mod webhook;

use documents::Found;
use event::Subscription;
use federation::FederatedQuery;
use query::{Query, SchemaHash};
use root::Root;

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
    Plain(Arc<Executors<Query>>),
    /// As a subgraph.
    Federated(Arc<Executors<FederatedQuery>>),
}

/// The same schema twice: with a guard around every field, and without. The guard
/// takes as long as most fields themselves.
pub struct Executors<Q: ObjectType + 'static> {
    guarded: Schema<Root<Q>, Root<Mutation>, Subscription>,
    bare: Schema<Root<Q>, Root<Mutation>, Subscription>,
    types: SchemaEnv,
}

impl RosterSchema {
    /// The schema of a running service. In production nobody is told what they
    /// may have meant.
    pub fn new(config: &Config) -> Self {
        if config.graphql.federation {
            let schema = || builder(FederatedQuery::default());
            Self::Federated(Arc::new(Executors::new(schema, config.mode)))
        } else {
            let schema = || builder(Query::default());
            Self::Plain(Arc::new(Executors::new(schema, config.mode)))
        }
    }

    /// What runs of a document: one operation of it, each of its fields once. It is
    /// validated before, together with its variables.
    ///
    /// # Errors
    /// `BAD_USER_INPUT`, `GRAPHQL_VALIDATION_FAILED`.
    pub async fn ready(
        &self,
        found: &Found,
        name: Option<&str>,
        variables: &Variables,
    ) -> Result<ExecutableDocument, Vec<ServerError>> {
        match self {
            Self::Plain(executors) => executors.ready(found, name, variables).await,
            Self::Federated(executors) => executors.ready(found, name, variables).await,
        }
    }

    /// Runs a query or a mutation.
    pub async fn execute(&self, request: Request) -> Response {
        match self {
            Self::Plain(executors) => executors.guarded.execute(request).await,
            Self::Federated(executors) => executors.guarded.execute(request).await,
        }
    }

    /// Runs a query that is ready, faster. `request` makes the request for a document.
    pub async fn query(
        &self,
        document: ExecutableDocument,
        request: impl Fn(ExecutableDocument) -> Request,
    ) -> Response {
        match self {
            Self::Plain(executors) => executors.query(document, request).await,
            Self::Federated(executors) => executors.query(document, request).await,
        }
    }

    /// Runs any operation.
    pub fn execute_stream(&self, request: Request) -> BoxStream<'static, Response> {
        match self {
            Self::Plain(executors) => executors.guarded.execute_stream(request).boxed(),
            Self::Federated(executors) => executors.guarded.execute_stream(request).boxed(),
        }
    }
}

impl<Q: ObjectType + 'static> Executors<Q> {
    /// Executors of a schema for this mode.
    pub fn new(schema: impl Fn() -> SchemaBuilder<Root<Q>, Root<Mutation>, Subscription>, mode: Mode) -> Self {
        // The same for every service in this process, and not cheap.
        static HASH: LazyLock<String> = LazyLock::new(|| documents::Hash::of(&sdl()).to_string());
        let finish = |builder: SchemaBuilder<_, _, _>| {
            let builder = builder.data(SchemaHash(HASH.clone()));
            match mode {
                Mode::Development => builder.finish(),
                Mode::Production => builder.disable_suggestions().finish(),
            }
        };
        let types = guard::Types::default();
        let guarded = finish(schema().extension(guard::GuardFactory(types.clone())));
        // The guard is told of the types when something is run.
        let _ = guarded.execute("{ __typename }").now_or_never();
        Self {
            guarded,
            bare: finish(schema().validation_mode(ValidationMode::Fast)),
            types: types.get().expect("what reads no data waits for nothing").clone(),
        }
    }

    async fn ready(
        &self,
        found: &Found,
        name: Option<&str>,
        variables: &Variables,
    ) -> Result<ExecutableDocument, Vec<ServerError>> {
        let (document, registry) = (&found.document.syntax, &self.types.registry);
        let refuse = |error| vec![error];
        variables::check(document, name, variables, registry).map_err(refuse)?;
        if !found.is_valid() {
            let mut request = Request::new("").variables(variables.clone());
            request.set_parsed_query(merging::bare_type_names(document.clone()).map_err(refuse)?);
            let request = request.data(found.clone()).data(guard::OnlyValidate);
            let errors = self.guarded.execute(request).await.errors;
            if !errors.is_empty() {
                return Err(errors);
            }
        }
        let merged = merging::merged(document, name, variables, registry);
        // The library tells which operations there are.
        Ok(merged.unwrap_or_else(|| document.clone()))
    }

    /// Runs a query without the guard. Where that is not enough, the guard looks
    /// on: nothing was changed, and what was loaded is remembered.
    async fn query(&self, document: ExecutableDocument, request: impl Fn(ExecutableDocument) -> Request) -> Response {
        let mut response = {
            // Also of a query that is stopped half-way.
            let _clock = accounts::Clock::start(Phase::Execute);
            self.bare.execute(request(document.clone())).await
        };
        if response.errors.iter().any(|error| guard::is_cut(error, &document)) {
            return self.guarded.execute(request(document)).await;
        }
        guard::give_codes(&mut response);
        response
    }
}

/// Begins a schema, for whoever adds to it.
pub fn builder<Q: ObjectType + 'static>(query: Q) -> SchemaBuilder<Root<Q>, Root<Mutation>, Subscription> {
    let mutation = Root::of_mutations(Mutation::default());
    Schema::build(Root::of_queries(query), mutation, Subscription)
        // The limits on documents are checked before they get here.
        .limit_recursive_depth(usize::MAX)
        // A router subscribes like any client.
        .enable_subscription_in_federation()
        .override_output_type_description::<DateTime<Utc>>(
            "A time as RFC 3339 has it, in UTC: `2026-01-31T12:00:00.123456Z`.",
        )
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

fn print<Q: ObjectType + 'static>(
    schema: &Schema<Root<Q>, Root<Mutation>, Subscription>,
    options: SDLExportOptions,
) -> String {
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
