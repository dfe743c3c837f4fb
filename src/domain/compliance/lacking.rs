//! Who lacks what an organization requires, who of them would lose the place,
//! and which owner would not.

use entity::{
    ids::{MemberId, OrganizationId},
    member::{self, InviteStatus},
    organization::Requirement,
    user,
};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, ConnectionTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
    sea_query::{Alias, Expr, ExprTrait, Func, IntoIden, Query},
};

use crate::{domain::text::EMAIL_MAX, error::Result, roles::OWNER};

/// Whether a person meets it.
pub fn is_met_by(requirement: Requirement, person: &user::Model) -> bool {
    match requirement {
        Requirement::TwoFactor => person.has_two_factor,
        Requirement::VerifiedEmail => person.verified_email().is_some(),
    }
}

/// Whether a person does not, for the database. `person` is a name of the table
/// `user`.
fn is_unmet(requirement: Requirement, person: impl IntoIden) -> Expr {
    let person = person.into_iden();
    let column = |column: user::Column| Expr::col((person.clone(), column));
    match requirement {
        Requirement::TwoFactor => column(user::Column::HasTwoFactor).eq(false),
        Requirement::VerifiedEmail => column(user::Column::IsEmailVerified)
            .eq(false)
            .or(column(user::Column::EmailKey).is_null()),
    }
}

/// Members, joined by active people, who do not meet the requirement. (Whoever
/// may not sign in gets no invite by which another account of theirs could.)
pub(super) fn lacking(organization: OrganizationId, requirement: Requirement) -> Select<member::Entity> {
    member::Entity::within(organization)
        .inner_join(user::Entity)
        .filter(member::Entity::shown())
        .filter(is_unmet(requirement, user::Entity))
}

/// Whether a member's person has an address at which the place can be held: one
/// that fits, for which there is no invite. Of members who share one it is held
/// for the first. Requests for it give way.
pub(super) fn has_free_address(organization: OrganizationId, requirement: Requirement) -> Expr {
    let (other, person) = (Alias::new("other"), Alias::new("person"));
    let of_other = |column: member::Column| Expr::col((other.clone(), column));
    let address = (user::Entity, user::Column::EmailKey);

    let invite = Query::select()
        .expr(Expr::value(1))
        .from_as(member::Entity, other.clone())
        .and_where(of_other(member::Column::OrganizationId).eq(organization))
        .and_where(of_other(member::Column::EmailKey).equals(address))
        .and_where(of_other(member::Column::InviteStatus).eq(InviteStatus::Approved.to_value()))
        .take();
    // One inside the other, and no join: SQLite would begin it with all earlier
    // members, and that for each member.
    let earlier = Query::select()
        .expr(Expr::value(1))
        .from_as(member::Entity, other.clone())
        .and_where(of_other(member::Column::OrganizationId).eq(organization))
        .and_where(of_other(member::Column::UserId).equals((person.clone(), user::Column::Id)))
        .and_where(of_other(member::Column::UserIsActive).eq(true))
        .and_where(of_other(member::Column::Id).lt(Expr::col((member::Entity, member::Column::Id))))
        .take();
    let sharing = Query::select()
        .expr(Expr::value(1))
        .from_as(user::Entity, person.clone())
        .and_where(Expr::col((person.clone(), user::Column::EmailKey)).equals(address))
        .and_where(is_unmet(requirement, person))
        .and_where(Expr::exists(earlier))
        .take();
    let length = Func::char_length(Expr::col((user::Entity, user::Column::Email)));
    // Also where there is no address, and so no length.
    Expr::col(address)
        .is_not_null()
        .and(Expr::expr(length).lte(EMAIL_MAX as i32))
        .and(Expr::exists(invite).not())
        .and(Expr::exists(sharing).not())
}

/// Owners who have joined and may sign in.
pub(super) fn active_owners(organization: OrganizationId) -> Select<member::Entity> {
    member::Entity::within(organization)
        .filter(member::Column::Role.eq(OWNER))
        .filter(member::Column::UserId.is_not_null())
        .filter(member::Entity::shown())
}

pub(super) async fn is_active_owner(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    member: MemberId,
) -> Result<bool> {
    let owner = active_owners(organization).filter(member::Column::Id.eq(member));
    Ok(owner.one(db).await?.is_some())
}

/// The one of `owners` who stays whatever happens (§28): the first who meets the
/// requirement, else the first.
pub(super) async fn keeper_among(
    db: &impl ConnectionTrait,
    owners: Select<member::Entity>,
    requirement: Requirement,
) -> Result<Option<(MemberId, user::Model)>> {
    let found = owners
        .find_also_related(user::Entity)
        .order_by_asc(is_unmet(requirement, user::Entity))
        .order_by_asc(member::Column::Id)
        .limit(1)
        .one(db)
        .await?;
    Ok(found.and_then(|(row, person)| Some((row.id, person?))))
}

/// Members whom a requirement would make pending.
#[derive(Clone, Debug)]
pub struct Affected {
    /// How many.
    pub count: u64,
    /// The first of them.
    pub first: Vec<member::Model>,
}

/// Rows in [`Affected::first`].
const SHOWN: u64 = 100;

/// Whom saving `requirements` as true would make pending now, whether they are
/// required already or not: what [`super::enforce`] does, foretold.
pub async fn affected(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    requirements: &[Requirement],
) -> Result<Affected> {
    // One after the other, as they are enforced: owners who are gone by then
    // keep nobody.
    let mut owners = active_owners(organization);
    // Addresses at which places of those who are gone by then are held.
    let mut held = Condition::any();
    let mut leaving = Condition::any();
    for requirement in requirements {
        let keeper = keeper_among(db, owners.clone(), *requirement).await?;
        let now = lacking(organization, *requirement)
            .filter(has_free_address(organization, *requirement))
            .filter(member::Column::Id.ne(keeper.map(|(keeper, _)| keeper).unwrap_or_default()));
        let now = if held.is_empty() {
            now
        } else {
            now.filter(held.clone().not())
        };
        let ids = now.clone().select_only().column(member::Column::Id).into_query();
        let addresses = now.select_only().column(user::Column::EmailKey).into_query();
        owners = owners.filter(member::Column::Id.not_in_subquery(ids.clone()));
        held = held.add(user::Column::EmailKey.in_subquery(addresses));
        leaving = leaving.add(member::Column::Id.in_subquery(ids));
    }
    if leaving.is_empty() {
        return Ok(Affected {
            count: 0,
            first: Vec::new(),
        });
    }
    let members = member::Entity::within(organization).filter(leaving);
    Ok(Affected {
        count: members.clone().count(db).await?,
        first: members.order_by_asc(member::Column::Id).limit(SHOWN).all(db).await?,
    })
}
