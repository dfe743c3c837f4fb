//! Every way the service says no.

use std::{borrow::Cow, fmt, sync::Arc};

use strum::{EnumMessage, IntoStaticStr};

/// What went wrong, as clients see it (spec §25). The first line of each
/// variant is its meaning; the message is written for the person who reads it
/// and is always safe to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::EnumIter, EnumMessage, IntoStaticStr, async_graphql::Enum)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[graphql(name = "ErrorCode")]
pub enum Code {
    /// Sign-in is needed.
    #[strum(message = "Sign in first.")]
    Unauthenticated,
    /// The caller lacks the scopes, or is a plain member outside their narrow rights.
    #[strum(message = "You are not allowed to do this.")]
    Forbidden,
    /// The operation was reached but needs member:admin.
    #[strum(message = "This needs the scope member:admin.")]
    InsufficientScope,
    /// Org roles are changed by people, not by app tokens.
    #[strum(message = "An org role can only be changed by a person who is a member.")]
    UserTokenRequired,
    /// A fresh sign-in is needed.
    #[strum(message = "Sign in again to confirm this.")]
    SudoRequired,
    /// No such organization, or none that the caller can see.
    #[strum(message = "There is no such organization.")]
    OrganizationNotFound,
    /// No such member, or none that the caller can see.
    #[strum(message = "There is no such member.")]
    MemberNotFound,
    /// No such team in this organization.
    #[strum(message = "There is no such team.")]
    TeamNotFound,
    /// The member is not in the team.
    #[strum(message = "The member is not in this team.")]
    TeamMembershipNotFound,
    /// No such open request.
    #[strum(message = "There is no such request.")]
    InviteRequestNotFound,
    /// No such access request.
    #[strum(message = "There is no such request.")]
    AccessRequestNotFound,
    /// The organization requires two-factor authentication and the caller has none.
    #[strum(message = "This organization requires two-factor authentication. Enrol first.")]
    TwoFactorRequired,
    /// The organization requires a verified email address.
    #[strum(message = "This organization requires a verified email address. Verify yours first.")]
    EmailVerificationRequired,
    /// The caller must link or renew their single sign-on identity.
    #[strum(message = "This organization requires single sign-on. Sign in through its provider first.")]
    SsoRequired,
    /// The member is disabled because the organization has too many.
    #[strum(message = "Your membership is disabled because the organization is over its member limit.")]
    MemberDisabledOverLimit,
    /// The invite link is not valid.
    #[strum(message = "This invite link is not valid.")]
    InviteInvalid,
    /// No such invite in an organization of the caller.
    #[strum(message = "There is no such invite.")]
    InviteNotFound,
    /// The invite has run out.
    #[strum(message = "This invite has expired. Ask for a new one.")]
    InviteExpired,
    /// The person or address is a member already.
    #[strum(message = "Already a member of this organization.")]
    AlreadyMember,
    /// The address has an open invite already.
    #[strum(message = "This address has been invited already.")]
    AlreadyInvited,
    /// An open request for this address exists.
    #[strum(message = "There is an open request for this address already.")]
    InviteRequestExists,
    /// Inviting is switched off.
    #[strum(message = "Inviting members is switched off.")]
    InvitesDisabled,
    /// The organization takes no requests to join.
    #[strum(message = "This organization does not take requests to join.")]
    JoinRequestsDisabled,
    /// People join through the organization's sign-on provider.
    #[strum(message = "People join this organization through its sign-on provider.")]
    SsoJoinRequired,
    /// An app token may invite the role member only.
    #[strum(message = "An app token can only invite with the role member.")]
    IntegrationTokenRoleRestricted,
    /// Not an address, too long, or of a blocked domain.
    #[strum(message = "This is not an email address that can be used.")]
    InvalidEmail,
    /// No such org role.
    #[strum(message = "There is no such role.")]
    InvalidRole,
    /// The role is above the caller's own.
    #[strum(message = "You cannot give this role.")]
    RoleNotAllowed,
    /// A retired role is not given any more.
    #[strum(message = "This role is retired and cannot be given.")]
    RoleRetired,
    /// The target's role is above the caller's, or the caller is no member.
    #[strum(message = "This member's role is above yours.")]
    TargetOutranksActor,
    /// Nobody changes their own role.
    #[strum(message = "You cannot change your own role.")]
    CannotChangeOwnRole,
    /// An organization keeps an active owner.
    #[strum(message = "This is the last owner. Give the role to somebody else first.")]
    LastOwner,
    /// The member was created by the identity provider.
    #[strum(message = "This member is managed by the identity provider.")]
    IdpProvisioned,
    /// The member's role is managed by the identity provider.
    #[strum(message = "This member's role is managed by the identity provider.")]
    IdpRoleRestricted,
    /// The team is managed by the identity provider.
    #[strum(message = "This team is managed by the identity provider.")]
    IdpTeam,
    /// The member is managed by a partner contract.
    #[strum(message = "This member is managed by a partner and cannot be changed.")]
    PartnershipRestricted,
    /// Unknown or inactive team, or one named twice.
    #[strum(message = "There is no such team, or it is named twice.")]
    InvalidTeam,
    /// A team id in a filter is malformed.
    #[strum(message = "This is not the id of a team.")]
    InvalidTeamId,
    /// No such team role.
    #[strum(message = "There is no such team role.")]
    InvalidTeamRole,
    /// This org role cannot be in teams.
    #[strum(message = "Members with this role cannot be in teams.")]
    TeamRolesNotAllowed,
    /// A plain member assigns a team they are not in while membership is closed.
    #[strum(message = "You can only assign teams that you are in.")]
    TeamNotJoined,
    /// The caller may not edit this team membership.
    #[strum(message = "You cannot change this team membership.")]
    InsufficientTeamRole,
    /// The invite was sent by someone else.
    #[strum(message = "This invite was sent by someone else.")]
    NotYourInvite,
    /// A resend is mixed with changes.
    #[strum(message = "Resend the invite without other changes.")]
    ReinviteWithChanges,
    /// A full member, to whom nothing can be sent.
    #[strum(message = "This member has joined already; there is nothing to send.")]
    NotInvitable,
    /// Too often; see retryAfter.
    #[strum(message = "Too many attempts. Try again later.")]
    RateLimited,
    /// Another change to the same thing took too long.
    #[strum(message = "Somebody else is changing this. Try again.")]
    LockTimeout,
    /// A field has a value that cannot be used.
    #[strum(message = "This value cannot be used.")]
    ValidationFailed,
    /// Not a slug.
    #[strum(
        message = "A slug has 3 to 50 lower-case letters, digits and dashes, begins with a letter or digit, does not end with a dash and is not only digits."
    )]
    SlugInvalid,
    /// The slug is reserved.
    #[strum(message = "This slug is reserved.")]
    SlugReserved,
    /// The slug is in use.
    #[strum(message = "This slug is taken.")]
    SlugTaken,
    /// The option can only be set where it was set before.
    #[strum(message = "This option cannot be configured here.")]
    OptionNotConfigurable,
    /// The deployment has this feature switched off.
    #[strum(message = "This feature is switched off.")]
    FeatureDisabled,
    /// The integration that this needs is missing.
    #[strum(message = "The integration that this needs is not set up.")]
    IntegrationMissing,
    /// The deployment has declared no such option.
    #[strum(message = "There is no such option.")]
    OptionUnknown,
    /// An option that the deployment has declared cannot have this value.
    #[strum(message = "The option cannot have this value.")]
    OptionInvalid,
    /// A trusted relay is malformed.
    #[strum(message = "This is not a valid trusted relay.")]
    RelayInvalid,
    /// Two trusted relays have the same key.
    #[strum(message = "Two relays have the same public key.")]
    RelayDuplicateKey,
    /// The caller must have two-factor authentication to require it.
    #[strum(
        serialize = "ACTOR_NEEDS_2FA",
        message = "Enrol in two-factor authentication yourself before requiring it."
    )]
    #[graphql(name = "ACTOR_NEEDS_2FA")]
    ActorNeeds2fa,
    /// Two-factor authentication cannot be required beside single sign-on.
    #[strum(message = "Two-factor authentication cannot be required while single sign-on is set up.")]
    SsoEnabled,
    /// The caller must have a verified address to require it.
    #[strum(message = "Verify your own email address before requiring it.")]
    ActorNeedsVerifiedEmail,
    /// Organizations have no avatar of this type.
    #[strum(message = "Organizations have no avatar of this type.")]
    AvatarTypeInvalid,
    /// An uploaded avatar needs a picture.
    #[strum(message = "Give a picture.")]
    AvatarRequired,
    /// The picture cannot be read.
    #[strum(message = "This picture cannot be read.")]
    AvatarInvalidImage,
    /// The picture is no GIF, JPEG or PNG.
    #[strum(message = "Give a GIF, JPEG or PNG.")]
    AvatarInvalidFormat,
    /// The picture is not square or has a size outside 256 to 1024 pixels.
    #[strum(message = "The picture must be square, 256 to 1024 pixels wide.")]
    AvatarInvalidDimensions,
    /// The picture has more than 5,000,000 bytes.
    #[strum(message = "The picture has more than 5,000,000 bytes.")]
    AvatarTooLarge,
    /// The event is not known, or not any more: it was too long ago. Read anew
    /// what you show, and subscribe without `after`.
    #[strum(message = "This event is not known any more. Read anew, and subscribe without after.")]
    EventNotFound,
    /// The default organization cannot be deleted.
    #[strum(message = "The default organization cannot be deleted.")]
    DefaultOrganization,
    /// The service has no room at the moment, or its database is away. Nothing was
    /// changed; see retryAfter.
    #[strum(message = "The service cannot answer at the moment. Try again soon.")]
    Unavailable,
    /// Our fault; the request id finds the cause in the log.
    #[strum(message = "Something went wrong on our side.")]
    Internal,
}

impl Code {
    /// The code as it is spelled in the API.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether this is told as a top-level error even by a mutation, because
    /// no input of the mutation is to blame.
    pub fn is_fault(self) -> bool {
        matches!(self, Self::Unauthenticated | Self::Unavailable | Self::Internal)
    }

    /// This refusal with the input field that is to blame.
    pub fn at<S: ToString>(self, path: impl IntoIterator<Item = S>) -> Refusal {
        Refusal {
            path: path.into_iter().map(|step| step.to_string()).collect(),
            ..self.into()
        }
    }
}

/// Why a request is refused as a whole, as `extensions.code` has it: what it asks
/// for is never begun, except where a variant says so. Not part of the schema;
/// `docs/gateway.md` has the table for clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::EnumIter, IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum RequestCode {
    /// Not a GraphQL request, or values that do not have the declared types.
    BadUserInput,
    /// The document does not parse.
    GraphqlParseFailed,
    /// The document does not fit the schema, or does not say what to run.
    GraphqlValidationFailed,
    /// The body is larger than `limits.body_bytes_max`, or with files
    /// `limits.upload_bytes_max`.
    RequestTooLarge,
    /// The variables are larger than `limits.variables_bytes_max`.
    VariablesTooLarge,
    /// The document has more tokens than `limits.tokens_max`.
    TooManyTokens,
    /// Fields are nested deeper than `limits.depth_max`, or the text is nested so
    /// deep that it is not parsed.
    QueryTooDeep,
    /// More aliases than `limits.aliases_max`.
    TooManyAliases,
    /// More fields at the root than `limits.root_fields_max`.
    TooManyRootFields,
    /// More directives than `limits.directives_max`.
    TooManyDirectives,
    /// More fields than `limits.selections_max`, more pages than
    /// `limits.pages_max`, or a higher cost than `limits.complexity_max`.
    QueryTooComplex,
    /// The schema cannot be asked for here.
    IntrospectionDisabled,
    /// A list of operations, where `graphql.batch_max` is 0.
    BatchingDisabled,
    /// A list of more operations than `graphql.batch_max`.
    BatchTooLarge,
    /// No document is known by this hash or id; send the document itself.
    PersistedQueryNotFound,
    /// There are no automatic persisted queries here.
    PersistedQueryNotSupported,
    /// Only the documents of the manifest are run.
    DocumentNotTrusted,
    /// Too often, or too much at once; `retryAfter` has the seconds after which to
    /// try again, if that is known.
    RateLimited,
    /// Nobody can count requests at the moment, and none are let in uncounted.
    RateLimitUnavailable,
    /// It took longer than `limits.request_timeout`. A mutation was taken back.
    Timeout,
    /// More subscriptions or connections than a caller may have.
    TooManySubscriptions,
    /// The client does not read what it is sent. Ends a subscription.
    SlowConsumer,
    /// The keys of whoever issued the token cannot be had at the moment.
    IssuerUnavailable,
}

impl RequestCode {
    /// The code as it is spelled in answers.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// One thing that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What went wrong.
    pub code: Code,
    /// In words; safe to show.
    pub message: Cow<'static, str>,
    /// Which field of the input is to blame, from the outside in, without the
    /// word `input`; empty when none is.
    pub path: Vec<String>,
    /// Seconds after which trying again makes sense.
    pub retry_after: Option<u32>,
}

impl Refusal {
    /// The same with a message of its own, which must be safe to show.
    pub fn saying(self, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            message: message.into(),
            ..self
        }
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self {
            code,
            message: code.get_message().unwrap_or_default().into(),
            path: Vec::new(),
            retry_after: None,
        }
    }
}

/// Why something was not done.
#[derive(Clone, thiserror::Error)]
pub enum Error {
    /// The rules say no, for one reason or, where a section collects them, for
    /// several. Nothing was changed, except where §7 and §24.3 say so.
    #[error("refused: {}", .0.iter().map(|refusal| refusal.code.name()).collect::<Vec<_>>().join(", "))]
    Refused(Vec<Refusal>),
    /// Our fault. The cause is logged once, at the door; clients see neither.
    #[error("internal error")]
    Internal(#[source] Arc<dyn std::error::Error + Send + Sync>),
}

/// When to try again what was `UNAVAILABLE`. By then a crowd has gone; a database
/// that restarts takes longer, and says so again.
pub const UNAVAILABLE_SECONDS: u32 = 2;

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusals) => formatter.debug_tuple("Refused").field(refusals).finish(),
            Self::Internal(cause) => write!(formatter, "Internal({})", shown(&**cause)),
        }
    }
}

/// A cause as the log has it. Of a database's error that is more than it says to
/// people; what we have said ourselves needs no quotes, which would keep it from
/// being reported.
pub fn shown(cause: &(dyn std::error::Error + Send + Sync + 'static)) -> String {
    if cause.is::<sea_orm::DbErr>() {
        format!("{cause:?}")
    } else {
        cause.to_string()
    }
}

/// What domain functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A fault of ours.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(Arc::from(cause.into()))
    }

    /// Too often; `seconds` until it makes sense to try again.
    pub fn rate_limited(seconds: u32) -> Self {
        Self::Refused(vec![Refusal {
            retry_after: Some(seconds),
            ..Code::RateLimited.into()
        }])
    }

    /// The database is away or has no room; it makes sense to try again soon.
    pub fn unavailable() -> Self {
        Self::Refused(vec![Refusal {
            retry_after: Some(UNAVAILABLE_SECONDS),
            ..Code::Unavailable.into()
        }])
    }

    /// The same refusals, for which the field at `path` alone is to blame.
    #[must_use]
    pub fn blaming<S: ToString>(self, path: impl IntoIterator<Item = S>) -> Self {
        let Self::Refused(mut refusals) = self else { return self };
        let path: Vec<_> = path.into_iter().map(|step| step.to_string()).collect();
        for refusal in &mut refusals {
            refusal.path.clone_from(&path);
        }
        Self::Refused(refusals)
    }

    /// The code of the first refusal, or `Internal`.
    pub fn code(&self) -> Code {
        match self {
            Self::Refused(refusals) => refusals.first().map_or(Code::Internal, |refusal| refusal.code),
            Self::Internal(_) => Code::Internal,
        }
    }

    /// Whether the same may well succeed a moment later: nobody has refused it.
    pub fn is_passing(&self) -> bool {
        matches!(self.code(), Code::Internal | Code::LockTimeout | Code::Unavailable)
    }

    /// Logs that something could not be done because of this. A database that is
    /// away has told so itself, and is no fault of ours.
    pub fn log(&self, what: &'static str) {
        if self.is(Code::Unavailable) {
            tracing::warn!(cause = ?self, "{what}");
        } else {
            tracing::error!(cause = ?self, "{what}");
        }
    }

    /// Whether this error is the given refusal.
    pub fn is(&self, code: Code) -> bool {
        self.code() == code
    }

    /// `refusal` instead of this error, if it is `code`.
    #[must_use]
    pub fn replace(self, code: Code, refusal: Refusal) -> Self {
        if self.is(code) { refusal.into() } else { self }
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Self::Refused(vec![code.into()])
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(vec![refusal])
    }
}

/// Gathers the refusals of checks that a section wants reported together.
#[derive(Debug, Default)]
pub struct Refusals(Vec<Refusal>);

impl Refusals {
    /// Keeps the value, or notes why there is none.
    pub fn note<T>(&mut self, result: Result<T, Refusal>) -> Option<T> {
        result.map_err(|refusal| self.0.push(refusal)).ok()
    }

    /// The same where there can be several reasons.
    pub fn note_all<T>(&mut self, result: Result<T, Vec<Refusal>>) -> Option<T> {
        result.map_err(|refusals| self.0.extend(refusals)).ok()
    }

    /// Notes a refusal.
    pub fn push(&mut self, refusal: Refusal) {
        self.0.push(refusal);
    }

    /// The same for what may also fail by a fault of ours, which is passed on.
    ///
    /// # Errors
    /// A fault of ours.
    pub fn gather<T>(&mut self, result: Result<T>) -> Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(Error::Refused(refusals)) => {
                self.0.extend(refusals);
                Ok(None)
            }
            Err(fault) => Err(fault),
        }
    }

    /// Nothing was refused so far, or all that was.
    pub fn check(self) -> Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::Refused(self.0))
        }
    }

    /// What the checks yielded, which is there if nothing was refused.
    pub fn finish<T>(self, checked: Option<T>) -> Result<T> {
        self.check()?;
        checked.ok_or_else(|| Error::internal("a refusal was lost"))
    }
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator;

    use super::*;

    #[test]
    fn clients_can_read_of_every_code() {
        let manual = include_str!("../docs/gateway.md");
        for code in RequestCode::iter() {
            let name = code.name();
            assert!(manual.contains(&format!("`{name}`")), "docs/gateway.md lacks {name}");
        }
    }

    #[test]
    fn every_code_has_a_message_and_one_spelling() {
        for code in Code::iter() {
            assert!(
                code.get_message().is_some_and(|message| !message.is_empty()),
                "{code:?}"
            );
            assert_eq!(
                async_graphql::resolver_utils::enum_value(code),
                async_graphql::Value::Enum(async_graphql::Name::new(code.name()))
            );
        }
    }
}
