//! What callers may do: the gates of spec §5, scopes, and the [`Access`] proof.

use std::sync::Arc;

use entity::{FromColumns, auth_provider, ids::OrganizationId, member, organization};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryResult, QuerySelect, QueryTrait,
    RelationTrait,
    sea_query::{Expr, ExprTrait, IntoCondition},
};

use crate::{
    auth::{Actor, Person, Who},
    db::{self, Db, ForUpdate, Write},
    error::{Code, Error, Result},
    roles::{OrgRole, Roles, Scope, ScopeSet},
};

/// Which gates an operation passes through. Those of §5 that every operation
/// passes are not listed.
#[derive(Clone, Copy, Debug)]
pub struct Gates {
    /// Gate 4: single sign-on.
    sso: bool,
    /// Gate 5: the plan's member limit.
    over_limit: Limit,
    /// Whether an organization that awaits its deletion is open to the few who
    /// still see it.
    pending_deletion: bool,
}

/// To whom gate 5 is closed: nobody whom the limit has disabled passes, except
/// where it says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Limit {
    /// To all of them.
    Closed,
    /// To all of them, but not at their own row; see [`Gates::at`].
    OwnRow,
    /// To none.
    Open,
}

impl Gates {
    /// Looking at an organization.
    pub const READ: Self = Self {
        sso: true,
        over_limit: Limit::Closed,
        pending_deletion: true,
    };
    /// Changing something.
    pub const CHANGE: Self = Self {
        sso: true,
        over_limit: Limit::Closed,
        pending_deletion: false,
    };
    /// Removing a member: one over the limit can still leave.
    pub const REMOVE: Self = Self {
        sso: true,
        over_limit: Limit::OwnRow,
        pending_deletion: false,
    };
    /// Leaving: whom nothing else lets in, can still go.
    pub const LEAVE: Self = Self {
        sso: false,
        over_limit: Limit::Open,
        pending_deletion: false,
    };
    /// Reading one member: one over the limit still sees the own membership.
    pub const READ_MEMBER: Self = Self {
        sso: true,
        over_limit: Limit::OwnRow,
        pending_deletion: true,
    };
    /// Single sign-on itself: setting it up, and linking an identity.
    pub const SSO: Self = Self {
        sso: false,
        over_limit: Limit::Closed,
        pending_deletion: false,
    };
    /// Looking at what single sign-on is, after it was set up: whoever did that is
    /// not linked yet.
    pub const READ_SSO: Self = Self {
        sso: false,
        over_limit: Limit::Closed,
        pending_deletion: true,
    };
    /// Restoring an organization, or asking once more for its deletion.
    pub const RESTORE: Self = Self {
        sso: true,
        over_limit: Limit::Closed,
        pending_deletion: true,
    };

    /// The same for an operation on one row: the caller's own, or another.
    pub fn at(self, is_own: bool) -> Self {
        let over_limit = match self.over_limit {
            Limit::OwnRow if is_own => Limit::Open,
            limit => limit,
        };
        Self { over_limit, ..self }
    }
}

/// Where an actor stands with an organization, before any gate.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The organization.
    pub organization: organization::Model,
    /// The actor's joined member row.
    pub membership: Option<member::Model>,
    /// The organization's single sign-on.
    pub provider: Option<auth_provider::Model>,
}

impl Standing {
    /// Where `actor` stands with the organizations that match, in one
    /// statement.
    pub async fn find(
        db: &impl ConnectionTrait,
        actor: &Actor,
        matching: impl IntoCondition,
    ) -> Result<Vec<Self>, sea_orm::DbErr> {
        // No row has user 0, so whoever is not a person has no membership.
        let user = actor.user_id().unwrap_or_default();
        let found = organization::Entity::find()
            .join(
                JoinType::LeftJoin,
                organization::Relation::Member.def().on_condition(move |_, members| {
                    Expr::col((members, member::Column::UserId)).eq(user).into_condition()
                }),
            )
            .select_also(member::Entity)
            .find_also(organization::Entity, auth_provider::Entity)
            .filter(Condition::all().add(matching.into_condition()));
        let standing = |row: &QueryResult| {
            let (membership, provider) = (
                organization::Model::COUNT,
                organization::Model::COUNT + member::Model::COUNT,
            );
            Ok(Self {
                organization: organization::Model::from_columns(row, 0)?,
                membership: member::Model::from_columns_optional(row, membership)?,
                provider: auth_provider::Model::from_columns_optional(row, provider)?,
            })
        };
        let rows = db.query_all(&found.into_query()).await?;
        rows.iter().map(standing).collect()
    }

    /// The same for one organization.
    pub async fn find_one(db: &impl ConnectionTrait, actor: &Actor, id: OrganizationId) -> Result<Option<Self>> {
        Ok(Self::find(db, actor, organization::Column::Id.eq(id)).await?.pop())
    }
}

/// Proof that an actor may act in an organization. Only [`Access::enter`] makes
/// one, after the gates.
#[derive(Clone, Debug)]
pub struct Access {
    standing: Arc<Standing>,
    actor: Arc<Actor>,
    role: Option<Arc<OrgRole>>,
    scopes: ScopeSet,
    is_superuser: bool,
}

impl Access {
    /// Passes the gates of §5, in their order.
    ///
    /// # Errors
    /// `ORGANIZATION_NOT_FOUND` to whoever is no member (unknown, foreign and
    /// deleted are one), `TWO_FACTOR_REQUIRED`, `SSO_REQUIRED`,
    /// `MEMBER_DISABLED_OVER_LIMIT`; `UNAUTHENTICATED` to anonymous callers.
    pub fn enter(standing: Option<Arc<Standing>>, actor: &Arc<Actor>, roles: &Roles, gates: Gates) -> Result<Self> {
        actor.require_known()?;
        let access = Self::admit(standing, actor, roles).ok_or_else(|| Error::from(Code::OrganizationNotFound))?;
        match access.standing.organization.status {
            organization::OrganizationStatus::Active => {}
            organization::OrganizationStatus::PendingDeletion
                if gates.pending_deletion && access.scopes.contains(Scope::OrgAdmin) => {}
            _ => return Err(Code::OrganizationNotFound.into()),
        }
        access.pass(gates)?;
        Ok(access)
    }

    /// [`Access::enter`] for an organization that is looked up by its id, which
    /// stands in the input field `organizationId`.
    pub async fn enter_organization(
        db: &impl ConnectionTrait,
        actor: &Arc<Actor>,
        roles: &Roles,
        id: OrganizationId,
        gates: Gates,
    ) -> Result<Self> {
        actor.require_known()?;
        let missing = Code::OrganizationNotFound;
        let standing = Standing::find_one(db, actor, id).await?.map(Arc::new);
        Self::enter(standing, actor, roles, gates)
            .map_err(|error| error.replace(missing, missing.at(["organizationId"])))
    }

    /// [`Access::enter_organization`] with the organization locked until the
    /// transaction ends: changes to it take turns, and what was checked stays
    /// true.
    ///
    /// # Errors
    /// The same; `LOCK_TIMEOUT`.
    pub async fn enter_locked(
        db: &Db,
        actor: &Arc<Actor>,
        roles: &Roles,
        id: OrganizationId,
        gates: Gates,
    ) -> Result<(Write, Self)> {
        // Strangers are turned away before anything is locked.
        Self::enter_organization(db, actor, roles, id, gates).await?;
        let tx = db::begin_write(db).await?;
        organization::Entity::find_by_id(id).for_update().one(&*tx).await?;
        // Again: the actor may have lost the role while waiting.
        let access = Self::enter_organization(&*tx, actor, roles, id, gates).await?;
        Ok((tx, access))
    }

    /// Gate 1 without the organization's state: is there a way in at all?
    fn admit(standing: Option<Arc<Standing>>, actor: &Arc<Actor>, roles: &Roles) -> Option<Self> {
        let standing = standing?;
        let role = standing
            .membership
            .as_ref()
            .map(|membership| roles.stored(&membership.role).clone());
        let (scopes, is_superuser) = match &actor.who {
            Who::Anonymous => return None,
            Who::App(token) if token.token.organization_id == standing.organization.id => (token.scopes, false),
            Who::App(_) => return None,
            Who::Person(person) => {
                let is_shut = standing.organization.has(organization::flag::PREVENT_SUPERUSER_ACCESS);
                // A member there may do what members may, and no more.
                let is_superuser = person.is_superuser && !is_shut;
                let scopes = match &role {
                    _ if is_superuser => ScopeSet::all(),
                    Some(role) => role.scopes,
                    None => return None,
                };
                (person.narrow(scopes), is_superuser)
            }
        };
        Some(Self {
            standing,
            actor: actor.clone(),
            role,
            scopes,
            is_superuser,
        })
    }

    /// Gates 3 to 5. Superusers and apps have nothing to enrol or link.
    fn pass(&self, gates: Gates) -> Result<()> {
        let Some(person) = self.actor.person().filter(|_| !self.is_superuser) else {
            return Ok(());
        };
        if self.standing.organization.has(organization::flag::REQUIRE_2FA) && !person.has_two_factor {
            return Err(Code::TwoFactorRequired.into());
        }
        let Some(membership) = &self.standing.membership else {
            return Ok(());
        };
        let is_linked = membership.has(member::flag::SSO_LINKED) && !membership.has(member::flag::SSO_INVALID);
        let is_required = self
            .standing
            .provider
            .as_ref()
            .is_some_and(|provider| !provider.allow_unlinked);
        if gates.sso && is_required && !is_linked {
            return Err(Code::SsoRequired.into());
        }
        if gates.over_limit != Limit::Open && membership.has(member::flag::MEMBER_LIMIT_RESTRICTED) {
            return Err(Code::MemberDisabledOverLimit.into());
        }
        Ok(())
    }

    /// The organization, if the actor holds one of `scopes` there: by role,
    /// narrowed by the credential.
    ///
    /// # Errors
    /// `FORBIDDEN`.
    pub fn require(&self, scopes: &[Scope]) -> Result<OrganizationId> {
        if self.scopes.contains_any(scopes) {
            Ok(self.standing.organization.id)
        } else {
            Err(Code::Forbidden.into())
        }
    }

    /// Whether the actor holds `scope` here.
    pub fn has(&self, scope: Scope) -> bool {
        self.scopes.contains(scope)
    }

    /// What the actor holds here, before the organization's options withdraw
    /// anything (§3.3 a, b).
    pub fn scopes(&self) -> ScopeSet {
        self.scopes
    }

    /// The organization.
    pub fn organization(&self) -> &organization::Model {
        &self.standing.organization
    }

    /// The organization's single sign-on.
    pub fn provider(&self) -> Option<&auth_provider::Model> {
        self.standing.provider.as_ref()
    }

    /// The actor's own member row.
    pub fn membership(&self) -> Option<&member::Model> {
        self.standing.membership.as_ref()
    }

    /// The actor's org role.
    pub fn role(&self) -> Option<&OrgRole> {
        self.role.as_deref()
    }

    /// Whether the actor is a superuser here.
    pub fn is_superuser(&self) -> bool {
        self.is_superuser
    }

    /// Whoever acts.
    pub fn actor(&self) -> &Arc<Actor> {
        &self.actor
    }

    /// The person who acts, if it is one.
    pub fn person(&self) -> Option<&Person> {
        self.actor.person()
    }

    /// Whether `role` is not above the actor's own; superusers stand above all,
    /// apps have no role and so manage none.
    pub fn outranks(&self, role: &OrgRole) -> bool {
        self.is_superuser || self.role.as_ref().is_some_and(|own| role.priority <= own.priority)
    }

    /// Whether the actor may give and take `role` (§11 step 2). Also the token of
    /// a superuser can be narrowed.
    pub fn may_assign(&self, role: &OrgRole) -> bool {
        self.has(Scope::MemberAdmin) && self.outranks(role)
    }

    /// Whether members without member:admin may invite here (§8.1).
    pub fn members_may_invite(&self, is_feature_on: bool) -> bool {
        is_feature_on
            && !self
                .standing
                .organization
                .has(organization::flag::DISABLE_MEMBER_INVITE)
    }
}
