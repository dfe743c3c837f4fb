//! API tokens: credentials of apps.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{api_token, ids::ApiTokenId};
use sea_orm::ColumnTrait;
use secrecy::ExposeSecret;

use super::{
    context::ContextExt,
    error::{IntoPayload, Payload, Reply, UserError, nullable},
    id::{global_id, row_id},
    page::Order,
    user::User,
};
use crate::domain::{
    self,
    api_token::{Created, NewToken},
};

/// A credential of an app.
pub struct ApiToken(pub api_token::Model);

/// A credential of an app. It belongs to an organization and not to a person:
/// it stays good when whoever made it leaves. Apps send its secret as
/// `Authorization: Bearer <secret>`.
#[Object]
impl ApiToken {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id(self.0.id)
    }

    /// What it is for.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// First characters of the secret, to recognize it by.
    async fn prefix(&self) -> &str {
        &self.0.prefix
    }

    /// What it may do in its organization, without what these scopes imply.
    async fn scopes(&self) -> Vec<&str> {
        domain::api_token::scopes(&self.0).collect()
    }

    /// Who made it. Null when an app did, or when the person is gone.
    async fn created_by(&self, ctx: &Context<'_>) -> Option<Reply<User>> {
        let id = self.0.created_by_id?;
        nullable(ctx.loaders().users.load(id).await.map(|user| user.map(User::new)))
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.date_added
    }

    /// When it ends or ended. Null = never.
    async fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.0.expires_at
    }

    /// When it was last used, to the minute. Null = never.
    async fn last_used_at(&self) -> Option<DateTime<Utc>> {
        self.0.last_used_at
    }
}

/// Oldest first.
pub fn by_id() -> Order<api_token::Model> {
    let id = |row: &api_token::Model| row.id.0;
    Order::by_id("token", api_token::Column::Id.into_expr(), id)
}

/// What `createApiToken` needs.
#[derive(InputObject)]
pub struct CreateApiTokenInput {
    /// The organization in which it is good.
    organization_id: ID,
    /// What it is for: 1 to 64 characters.
    name: String,
    /// What it may do, such as `member:read`: at least one scope, and none that
    /// you do not have yourself. A scope brings what it implies: `org:admin`
    /// also reads and writes.
    scopes: Vec<String>,
    /// When it ends. Absent or null = never.
    expires_at: Option<DateTime<Utc>>,
}

impl From<CreateApiTokenInput> for NewToken {
    fn from(input: CreateApiTokenInput) -> Self {
        Self {
            organization: row_id(&input.organization_id),
            name: input.name,
            scopes: input.scopes,
            expires_at: input.expires_at,
        }
    }
}

/// What `createApiToken` answers.
#[derive(SimpleObject)]
pub struct CreateApiTokenPayload {
    /// The new token.
    api_token: Option<ApiToken>,
    /// Its secret. It is shown only here, and stored as a hash: whoever loses it
    /// makes another token.
    secret: Option<String>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<Created> for CreateApiTokenPayload {
    fn done(created: Created) -> Self {
        Self {
            api_token: Some(ApiToken(created.token)),
            secret: Some(created.secret.expose_secret().to_owned()),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            api_token: None,
            secret: None,
            user_errors,
        }
    }
}

/// What `revokeApiToken` needs.
#[derive(InputObject)]
pub struct RevokeApiTokenInput {
    /// The token.
    api_token_id: ID,
}

/// What `revokeApiToken` answers.
#[derive(SimpleObject)]
pub struct RevokeApiTokenPayload {
    /// Id of the token that is no more.
    revoked_api_token_id: Option<ID>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<ApiTokenId> for RevokeApiTokenPayload {
    fn done(id: ApiTokenId) -> Self {
        Self {
            revoked_api_token_id: Some(global_id(id)),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            revoked_api_token_id: None,
            user_errors,
        }
    }
}

/// Mutations of API tokens.
#[derive(Default)]
pub struct ApiTokenMutation;

#[Object]
impl ApiTokenMutation {
    /// Makes a credential for an app. Its secret is shown only in this answer.
    ///
    /// A token can do no more than whoever makes it, and a token that is made
    /// with a token ends no later than that one.
    ///
    /// Requires org:admin.
    async fn create_api_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new token.")] input: CreateApiTokenInput,
    ) -> Reply<CreateApiTokenPayload> {
        domain::api_token::create(ctx.app(), ctx.actor(), input.into())
            .await
            .into_payload()
    }

    /// Ends a credential at once: from now on its secret is refused.
    ///
    /// Requires org:admin.
    async fn revoke_api_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which token.")] input: RevokeApiTokenInput,
    ) -> Reply<RevokeApiTokenPayload> {
        domain::api_token::revoke(ctx.app(), ctx.actor(), row_id(&input.api_token_id))
            .await
            .into_payload()
    }
}
