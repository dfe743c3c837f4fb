//! Members: people and addresses in an organization.

mod flags;
mod mutation;
mod transfer;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Lookahead, Object, OneofObject, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{member, user};
use sea_orm::{
    ColumnTrait,
    sea_query::{CaseStatement, Expr},
};

pub use self::{flags::FlagsMutation, mutation::MemberMutation, transfer::TransferMutation};
use super::{
    context::ContextExt,
    error::{Fault, Reply, nullable},
    id::{global_id, row_id},
    invite::{self, Invite},
    organization::Organization,
    page::{self, Key, Order},
    role::OrgRole,
    team::TeamMembership,
    user::{UNKNOWN, User},
};
use crate::{
    access::Gates,
    domain::{self, audit::email_of, member::Sorting},
    error::{Code, Result},
    roles::Roles,
};

/// Whether the operation asks of a member for what the row of the person has.
pub fn asks_person(member: &Lookahead<'_>) -> bool {
    ["user", "email", "name", "hasTwoFactor"]
        .iter()
        .any(|field| member.field(field).exists())
}

/// A person's or an address's place in an organization.
#[derive(Clone)]
pub struct Member(Arc<member::Model>);

impl From<Arc<member::Model>> for Member {
    fn from(row: Arc<member::Model>) -> Self {
        Self(row)
    }
}

impl Member {
    /// A member row that the caller may see.
    pub fn new(row: member::Model) -> Self {
        Self(Arc::new(row))
    }

    /// Lets the lookups of this request know members that were read with a page,
    /// and what the operation asks for of each of them.
    pub async fn remember<'a>(ctx: &Context<'_>, members: impl Iterator<Item = &'a Self>) {
        let (loaders, rows) = (
            ctx.loaders(),
            members.map(|member| member.0.clone()).collect::<Vec<_>>(),
        );
        loaders
            .members
            .prime(rows.iter().map(|row| (row.id, Ok(Some(row.clone())))));
        let entries = page::entries(&ctx.look_ahead());
        let users = async {
            if entries.iter().any(asks_person) {
                loaders.users.expect(rows.iter().filter_map(|row| row.user_id)).await;
            }
        };
        let teams = async {
            if entries.iter().any(|member| member.field("teamMemberships").exists()) {
                loaders.teams_of_member.expect(rows.iter().map(|row| row.id)).await;
            }
        };
        futures_util::join!(users, teams);
    }

    async fn user_row(&self, ctx: &Context<'_>) -> Result<Option<Arc<user::Model>>> {
        let Some(id) = self.0.user_id else { return Ok(None) };
        Ok(ctx.loaders().users.load(id).await?)
    }

    fn is_own(&self, ctx: &Context<'_>) -> bool {
        ctx.actor().is(self.0.user_id)
    }

    /// Whether the caller may see who has this place. Members are reached on many
    /// ways, some of which ask for less: whoever may only look at teams sees that
    /// a place is taken, and what it may do there.
    async fn is_open(&self, ctx: &Context<'_>) -> Result<bool> {
        let is_known = self.is_own(ctx) || invite::is_addressed_to(&self.0, ctx.actor());
        Ok(is_known || ctx.sees_members(self.0.organization_id).await?)
    }

    /// Refuses what has no other answer for those who may not see it.
    async fn require_open(&self, ctx: &Context<'_>) -> Result<()> {
        let is_open = self.is_open(ctx).await?;
        is_open.then_some(()).ok_or_else(|| Code::Forbidden.into())
    }
}

/// A place in an organization: joined by a person, or pending, held open for an
/// address by an invite. Callers without member:read see the place and what it
/// may do, but not who has it.
#[Object]
impl Member {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id(self.0.id)
    }

    /// The organization.
    async fn organization(&self, ctx: &Context<'_>) -> Reply<Organization> {
        Ok(Organization::shown(ctx, self.0.organization_id).await?)
    }

    /// The person. Null while pending, and for callers without member:read.
    ///
    /// Requires member:read, except for oneself.
    async fn user(&self, ctx: &Context<'_>) -> Option<Reply<User>> {
        let user = async {
            if !self.is_open(ctx).await? {
                return Ok(None);
            }
            let user = self.user_row(ctx).await?;
            Ok::<_, Fault>(user.map(|user| User::fellow(user, self.0.organization_id)))
        };
        nullable(user.await)
    }

    /// The person's primary address, or the invited address while pending. Null
    /// for a person without one, and for callers without member:read.
    ///
    /// Requires member:read, except for oneself.
    async fn email(&self, ctx: &Context<'_>) -> Option<Reply<String>> {
        let email = async {
            if !self.is_open(ctx).await? {
                return Ok(None);
            }
            let user = self.user_row(ctx).await?;
            Ok::<_, Fault>(email_of(&self.0, user.as_deref()).map(str::to_owned))
        };
        nullable(email.await)
    }

    /// The name to show: the person's name, else the address. “Unknown” for
    /// callers without member:read.
    ///
    /// Requires member:read, except for oneself.
    async fn name(&self, ctx: &Context<'_>) -> Reply<String> {
        if !self.is_open(ctx).await? {
            return Ok(UNKNOWN.into());
        }
        Ok(match self.user_row(ctx).await? {
            Some(user) => user.display_name().to_owned(),
            None => self.0.email.clone().unwrap_or_default(),
        })
    }

    /// The role in the organization.
    async fn role(&self, ctx: &Context<'_>) -> OrgRole {
        OrgRole(ctx.app().roles.stored(&self.0.role).clone())
    }

    /// Whether nobody has taken this place yet.
    ///
    /// Requires member:read, except for oneself.
    async fn is_pending(&self, ctx: &Context<'_>) -> Reply<bool> {
        self.require_open(ctx).await?;
        Ok(self.0.is_pending())
    }

    /// The invite, while pending. Null for callers without member:read.
    ///
    /// Requires member:read, except for oneself.
    async fn invite(&self, ctx: &Context<'_>) -> Option<Reply<Invite>> {
        let is_open = self.is_open(ctx).await;
        nullable(is_open.map(|is_open| (is_open && self.0.is_invite()).then(|| Invite::new(self.0.as_ref().clone()))))
    }

    /// What is special about this membership.
    ///
    /// Requires member:read, except for oneself.
    async fn flags(&self, ctx: &Context<'_>) -> Reply<MemberFlags> {
        self.require_open(ctx).await?;
        Ok(MemberFlags {
            sso_linked: self.0.has(member::flag::SSO_LINKED),
            sso_invalid: self.0.has(member::flag::SSO_INVALID),
            member_limit_restricted: self.0.has(member::flag::MEMBER_LIMIT_RESTRICTED),
            idp_provisioned: self.0.has(member::flag::IDP_PROVISIONED),
            idp_role_restricted: self.0.has(member::flag::IDP_ROLE_RESTRICTED),
            partnership_restricted: self.0.has(member::flag::PARTNERSHIP_RESTRICTED),
        })
    }

    /// The member's places in active teams, by the slug of the team.
    async fn team_memberships(&self, ctx: &Context<'_>) -> Reply<Vec<TeamMembership>> {
        let rows = ctx.loaders().teams_of_member.load(self.0.id).await?;
        Ok(rows.iter().cloned().map(Into::into).collect())
    }

    /// When the member joined or was invited.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.date_added
    }

    /// Whether the person signs in with a second factor. Null while pending and
    /// for callers without member:admin.
    ///
    /// Requires member:admin, except for oneself.
    async fn has_two_factor(&self, ctx: &Context<'_>) -> Option<Reply<bool>> {
        let answer = async {
            let Some(user) = self.user_row(ctx).await? else {
                return Ok(None);
            };
            let is_open = User::fellow(user.clone(), self.0.organization_id)
                .is_open(ctx, true)
                .await?;
            Ok::<_, Fault>(is_open.then_some(user.has_two_factor))
        };
        nullable(answer.await)
    }

    /// Whether the organization would be without an active owner if this member
    /// left.
    async fn is_only_owner(&self, ctx: &Context<'_>) -> Reply<bool> {
        if self.0.role != crate::roles::OWNER || self.0.is_pending() {
            return Ok(false);
        }
        let owners = ctx.loaders().active_owners.load(self.0.organization_id).await?;
        Ok(owners.iter().all(|owner| *owner == self.0.id))
    }

    /// What the role lets the member do here, after what the organization's
    /// options withdraw.
    async fn scopes(&self, ctx: &Context<'_>) -> Reply<Vec<String>> {
        let settings = ctx.loaders().settings.load(self.0.organization_id).await?;
        let scopes = ctx.app().roles.stored(&self.0.role).scopes;
        Ok(settings
            .map_or(scopes, |settings| settings.withdrawals().apply(scopes))
            .names())
    }

    /// Roles that `updateMemberRoles` would accept from you for this member now.
    async fn assignable_roles(&self, ctx: &Context<'_>) -> Reply<Vec<OrgRole>> {
        let Some(access) = ctx.admitted(self.0.organization_id, Gates::CHANGE).await? else {
            return Ok(Vec::new());
        };
        let owners = ctx.loaders().active_owners.load(self.0.organization_id).await?;
        let is_last_owner = domain::member::is_last_owner(&self.0, &owners);
        let teams = match ctx.app().roles.all().iter().all(|role| role.is_team_roles_allowed) {
            // Only a role without teams makes them matter.
            true => 0,
            false => ctx.loaders().teams_of_member.load(self.0.id).await?.len(),
        };
        let roles = domain::member::assignable_roles(ctx.app(), &access, &self.0, is_last_owner, teams > 0);
        Ok(roles.into_iter().map(OrgRole).collect())
    }

    /// Whether this is you.
    async fn is_viewer(&self, ctx: &Context<'_>) -> bool {
        self.is_own(ctx)
    }

    /// Whether you may change this member's teams or roles.
    async fn viewer_can_update_roles(&self, ctx: &Context<'_>) -> Reply<bool> {
        let access = ctx.admitted(self.0.organization_id, Gates::CHANGE).await?;
        Ok(access.is_some_and(|access| domain::member::may_update_roles(&access, &self.0)))
    }

    /// Whether `removeMember` would let you; of yourself, too. Who has yet to link
    /// single sign-on can leave by `leaveOrganization` all the same.
    async fn viewer_can_remove(&self, ctx: &Context<'_>) -> Reply<bool> {
        let gates = Gates::REMOVE.at(self.is_own(ctx));
        let Some(access) = ctx.admitted(self.0.organization_id, gates).await? else {
            return Ok(false);
        };
        let owners = ctx.loaders().active_owners.load(self.0.organization_id).await?;
        let is_last_owner = domain::member::is_last_owner(&self.0, &owners);
        Ok(domain::member::check_removal(ctx.app(), &access, &self.0, is_last_owner).is_ok())
    }
}

/// What is special about a membership. Set by identity providers, billing and
/// operators, not by members.
#[derive(SimpleObject)]
pub struct MemberFlags {
    /// The person has linked an identity of the organization's sign-on provider.
    sso_linked: bool,
    /// The linked identity stopped being valid; the person must sign in through
    /// the provider again.
    sso_invalid: bool,
    /// Disabled because the organization is over its member limit. The person
    /// can only look at this membership and leave.
    member_limit_restricted: bool,
    /// Created by the identity provider, and cannot be removed here.
    idp_provisioned: bool,
    /// The role is managed by the identity provider, and cannot be changed here.
    idp_role_restricted: bool,
    /// Managed by a partner, and can be neither changed nor removed.
    partnership_restricted: bool,
}

/// Which member is meant.
#[derive(OneofObject)]
pub enum MemberBy {
    /// By the member's global id.
    Id(ID),
    /// By the global id of the person.
    UserId(ID),
    /// By address: the invited one, or a verified one of the person. In any case.
    Email(String),
}

impl From<MemberBy> for domain::member::By {
    fn from(by: MemberBy) -> Self {
        match by {
            MemberBy::Id(id) => Self::Id(row_id(&id)),
            MemberBy::UserId(id) => Self::User(row_id(&id)),
            MemberBy::Email(email) => Self::Email(email),
        }
    }
}

/// Which members are wanted; all conditions hold together.
#[derive(Default, InputObject)]
pub struct MemberFilter {
    /// Words to look for in names and addresses, and tokens: `email:`, `id:`,
    /// `user.id:`, `scope:`, `role:`, `isInvited:`, `ssoLinked:`, `has2fa:`. An
    /// unknown token finds nothing. Example: `role:manager isInvited:true jane`.
    query: Option<String>,
    /// Ids of org roles.
    roles: Option<Vec<String>>,
    /// Slugs of teams, of which the member is in one.
    team_slugs: Option<Vec<String>>,
    /// Whether nobody has taken the place yet.
    is_pending: Option<bool>,
    /// Whether a sign-on identity is linked.
    is_sso_linked: Option<bool>,
    /// Whether the person signs in with a second factor.
    ///
    /// Requires member:admin.
    has_two_factor: Option<bool>,
}

impl From<MemberFilter> for domain::member::Filter {
    fn from(filter: MemberFilter) -> Self {
        Self {
            query: filter.query,
            roles: filter.roles,
            team_slugs: filter.team_slugs,
            is_pending: filter.is_pending,
            is_sso_linked: filter.is_sso_linked,
            has_two_factor: filter.has_two_factor,
        }
    }
}

/// How members are ordered. Members that are equal in it keep the order in
/// which they came.
#[derive(InputObject)]
pub struct MemberOrder {
    /// By what.
    field: MemberOrderField,
    /// Which way.
    direction: OrderDirection,
}

/// What members are ordered by.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum MemberOrderField {
    /// When they joined or were invited.
    CreatedAt,
    /// Their address, letter case aside; those without a verified one come first.
    Email,
    /// Their name, letter case aside.
    Name,
    /// The rank of their role.
    Role,
}

/// Which way a list runs.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum OrderDirection {
    /// From the smallest to the largest.
    Asc,
    /// From the largest to the smallest.
    Desc,
}

/// The order in which members came.
pub fn by_id() -> Order<member::Model> {
    Order::by_id("member", member::Column::Id.into_expr(), |row: &member::Model| row.id.0)
}

impl MemberOrder {
    /// What matters for how the list is read.
    pub fn sorting(&self) -> Sorting {
        match self.field {
            MemberOrderField::Role => Sorting::ByRole,
            _ => Sorting::ByKey,
        }
    }

    /// The order as a keyset.
    pub fn keyset(&self, roles: &Roles) -> Order<member::Model> {
        let order = match self.field {
            MemberOrderField::CreatedAt => by_id().keyed(
                "created",
                member::Column::DateAdded.into_expr(),
                Key::Time(0),
                |row: &member::Model| row.date_added.into(),
            ),
            MemberOrderField::Email => by_id().keyed(
                "email",
                member::Entity::known_address(),
                Key::Text(String::new()),
                |row: &member::Model| {
                    Key::Text(
                        row.user_email
                            .clone()
                            .or_else(|| row.email_key.clone())
                            .unwrap_or_default(),
                    )
                },
            ),
            MemberOrderField::Name => by_id().keyed(
                "name",
                member::Column::SortName.into_expr(),
                Key::Text(String::new()),
                |row: &member::Model| Key::Text(row.sort_name.clone()),
            ),
            MemberOrderField::Role => {
                let mut rank = CaseStatement::new();
                for role in roles.all() {
                    rank = rank.case(
                        member::Column::Role.eq(role.id.as_str()),
                        Expr::val(i64::from(role.priority)),
                    );
                }
                let lowest = i64::from(roles.all()[0].priority);
                let ranks: Vec<_> = roles
                    .all()
                    .iter()
                    .map(|role| (role.id.clone(), i64::from(role.priority)))
                    .collect();
                by_id().keyed(
                    "role",
                    rank.finally(Expr::val(lowest)).into(),
                    Key::Number(0),
                    move |row: &member::Model| {
                        Key::Number(
                            ranks
                                .iter()
                                .find(|(id, _)| *id == row.role)
                                .map_or(lowest, |(_, priority)| *priority),
                        )
                    },
                )
            }
        };
        order.descending(self.direction == OrderDirection::Desc)
    }
}
