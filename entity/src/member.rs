//! Table `member`: a person's place in an organization, or an address's that
//! has been asked in (spec §2.3).

use sea_orm::{Condition, entity::prelude::*, sea_query::Expr};

use crate::ids::{MemberId, OrganizationId, UserId};

/// How a pending row came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i32", db_type = "Integer")]
pub enum InviteStatus {
    /// Joined, or invited.
    #[sea_orm(num_value = 0)]
    Approved,
    /// A member asked that this address be invited.
    #[sea_orm(num_value = 1)]
    RequestedToBeInvited,
    /// The address asked to join.
    #[sea_orm(num_value = 2)]
    RequestedToJoin,
}

/// A row of `member`. Either `user_id` or `email` is set.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "member")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key)]
    pub id: MemberId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The person; null while pending.
    pub user_id: Option<UserId>,
    /// The invited address as given; null once joined.
    pub email: Option<String>,
    /// The invited address in lower case; unique within the organization.
    pub email_key: Option<String>,
    /// Org role id.
    pub role: String,
    /// Bit field; the bits are in [`flag`].
    pub flags: i64,
    /// What the invite token is derived from (§2.3.1); null when there is none.
    pub invite_nonce: Option<Vec<u8>>,
    /// When the token ends; null = never.
    pub token_expires_at: Option<DateTimeUtc>,
    /// When the row was made, UTC.
    pub date_added: DateTimeUtc,
    /// Legacy, only reported in audit data.
    pub has_global_access: bool,
    /// Who invited; null when that person is gone or nobody did.
    pub inviter_id: Option<UserId>,
    /// How the row came to be.
    pub invite_status: InviteStatus,
    /// Replica of the person's `is_active`; true while pending.
    pub user_is_active: bool,
    /// Replica of the person's verified address, lower case.
    pub user_email: Option<String>,
    /// Lower-case name to order by: the person's, else the address.
    pub sort_name: String,
    /// Replica of the person's `has_two_factor`; without meaning while pending.
    pub user_has_two_factor: bool,
    /// The organization's row.
    #[sea_orm(belongs_to, from = "organization_id", to = "id")]
    pub organization: BelongsTo<super::organization::Entity>,
    /// The person's row.
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user: BelongsTo<Option<super::user::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::from_columns!(
    id,
    organization_id,
    user_id,
    email,
    email_key,
    role,
    flags,
    invite_nonce,
    token_expires_at,
    date_added,
    has_global_access,
    inviter_id,
    invite_status,
    user_is_active,
    user_email,
    sort_name,
    user_has_two_factor,
);

impl Entity {
    /// Every row of one organization.
    pub fn within(organization: OrganizationId) -> Select<Self> {
        Self::find().filter(Column::OrganizationId.eq(organization))
    }

    /// The address by which a row is known, in lower case: the person's verified
    /// one, else the invited one, else nothing. Exactly the expression of an
    /// index.
    pub fn known_address() -> Expr {
        Expr::cust(r#"coalesce("member"."user_email", "member"."email_key", '')"#)
    }

    /// Pending rows by status, then by address, as one text. Exactly the
    /// expression of an index.
    pub fn status_and_address() -> Expr {
        Expr::cust(r#"CAST("member"."invite_status" AS text) || "member"."email_key""#)
    }

    /// Places that nobody has taken: exactly those have an address. Exactly the
    /// condition of two indexes.
    pub fn pending() -> Expr {
        Column::EmailKey.is_not_null()
    }

    /// The name of the [`Cohort`] that a row is in. Exactly the expression of
    /// several indexes.
    pub fn cohort() -> Expr {
        Expr::cust(
            r#"("member"."role" || CAST(("member"."flags" & 1) + CASE WHEN "member"."user_id" IS NULL THEN 2 WHEN "member"."user_has_two_factor" THEN 4 ELSE 0 END AS text))"#,
        )
    }

    /// What makes a row a member that is shown: joined by an active person, or
    /// an invite that is open. Requests are not members (§14.1). Exactly the
    /// condition of several indexes, which must not depend on a parameter.
    pub fn shown() -> Condition {
        Condition::all()
            .add(Expr::cust(r#""member"."invite_status" = 0"#))
            .add(Expr::cust(r#""member"."user_is_active""#))
    }
}

impl Model {
    /// Nobody has taken this place yet.
    pub fn is_pending(&self) -> bool {
        self.user_id.is_none()
    }

    /// A pending row that carries a token.
    pub fn is_invite(&self) -> bool {
        self.is_pending() && self.invite_status == InviteStatus::Approved
    }

    /// Whether the invite has run out; exactly now counts as run out.
    pub fn is_expired(&self, now: DateTimeUtc) -> bool {
        self.token_expires_at.is_some_and(|end| end <= now)
    }

    /// Whether the flag is set.
    pub fn has(&self, flag: i64) -> bool {
        self.flags & flag != 0
    }
}

/// Members that are alike for every filter on what members are, so that an
/// index has each order of a cohort. An organization has a handful of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cohort {
    /// As the database has it.
    pub name: String,
    /// Org role id.
    pub role: String,
    /// Whether a sign-on identity is linked.
    pub is_sso_linked: bool,
    /// Whether nobody has taken the places yet.
    pub is_pending: bool,
    /// Whether the people have a second factor.
    pub has_two_factor: bool,
}

impl Cohort {
    /// Reads the name of a cohort: the role, and a digit.
    pub fn parse(name: String) -> Option<Self> {
        let (role, digit) = name.split_at_checked(name.len().checked_sub(1)?)?;
        let bits: u8 = digit.parse().ok()?;
        Some(Self {
            role: role.to_owned(),
            is_sso_linked: bits & 1 != 0,
            is_pending: bits & 2 != 0,
            has_two_factor: bits & 4 != 0,
            name,
        })
    }
}

/// Stored flags in bit order (§2.4). Order is storage: never reorder.
pub mod flag {
    /// An SSO identity is linked.
    pub const SSO_LINKED: i64 = 1;
    /// The linked identity stopped being valid.
    pub const SSO_INVALID: i64 = 1 << 1;
    /// Disabled: the plan's member limit is exceeded.
    pub const MEMBER_LIMIT_RESTRICTED: i64 = 1 << 2;
    /// Created by the identity provider.
    pub const IDP_PROVISIONED: i64 = 1 << 3;
    /// The org role is managed by the identity provider.
    pub const IDP_ROLE_RESTRICTED: i64 = 1 << 4;
    /// Managed by a partner contract.
    pub const PARTNERSHIP_RESTRICTED: i64 = 1 << 5;
}
