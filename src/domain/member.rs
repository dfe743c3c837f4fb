//! Members (spec §11, §12, §14): who is in an organization, and changing what
//! they may do.

use std::{collections::HashMap, sync::Arc};

use entity::{
    ids::{MemberId, OrganizationId, TeamId, UserId},
    member, organization, team, team_member, user,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel,
    JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait, RelationTrait, Select, sea_query::Expr,
};

use super::{
    audit::{self, Entry, Event, email_of},
    invite,
    organization::visible_to_member,
    search,
    team::{TeamAssignment, resolve},
    text,
};
use crate::{
    access::{Access, Gates},
    app::App,
    auth::Actor,
    db::{self, ForUpdate, Write, any_of},
    error::{Code, Error, Refusals, Result},
    outbox::{self, Change},
    queue::{self, Work},
    roles::{OWNER, OrgRole, Scope, TeamRole},
};

/// Which members are wanted; all conditions hold together.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Search language of §14.1.
    pub query: Option<String>,
    /// Org role ids.
    pub roles: Option<Vec<String>>,
    /// Slugs of teams, of which the member is in one.
    pub team_slugs: Option<Vec<String>>,
    /// Whether nobody has taken the place yet.
    pub is_pending: Option<bool>,
    /// Whether a sign-on identity is linked.
    pub is_sso_linked: Option<bool>,
    /// Whether the person has a second factor.
    pub has_two_factor: Option<bool>,
}

/// Which member is meant.
#[derive(Clone, Debug)]
pub enum By {
    /// The row.
    Id(MemberId),
    /// The person's row.
    User(UserId),
    /// The row of an invited or verified address.
    Email(String),
}

/// Scopes of which one lets its holder look at members (§4).
const READ: &[Scope] = &[Scope::MemberRead, Scope::MemberWrite, Scope::MemberAdmin];

/// Own memberships, in organizations that are still there for the person.
pub fn memberships_of(app: &App, actor: &Actor) -> Select<member::Entity> {
    let visible = actor
        .person()
        .map_or_else(Condition::any, |person| visible_to_member(app, person));
    member::Entity::find()
        .join(JoinType::InnerJoin, member::Relation::Organization.def())
        // No row has user 0, so whoever is not a person has no membership.
        .filter(member::Column::UserId.eq(actor.user_id().unwrap_or_default()))
        .filter(visible)
}

/// Members of the organization that match.
///
/// # Errors
/// `FORBIDDEN` without a scope to read members, or when filtering by second
/// factor without member:admin; `VALIDATION_FAILED` for lists that are too long.
pub fn list(app: &App, access: &Access, filter: Filter) -> Result<Select<member::Entity>> {
    let organization = access.require(READ)?;
    let backend = app.db.get_database_backend();
    let sees_two_factor = access.has(Scope::MemberAdmin);
    let mut query = member::Entity::within(organization).filter(member::Entity::shown());
    if let Some(text) = &filter.query {
        query = query.filter(search::condition(&app.roles, text, sees_two_factor)?);
    }
    if let Some(roles) = filter.roles {
        text::bounded(&app.config, roles.len(), "roles")?;
        let known = roles.into_iter().filter(|role| app.roles.find(role).is_some());
        query = query.filter(member::Column::Role.is_in(known));
    }
    if let Some(slugs) = filter.team_slugs {
        text::bounded(&app.config, slugs.len(), "teamSlugs")?;
        let teams = team::Entity::within(organization)
            .select_only()
            .column(team::Column::Id)
            .filter(any_of(
                backend,
                team::Column::Slug,
                slugs.into_iter().filter(|slug| text::is_storable(slug)),
            ));
        let members = team_member::Entity::find()
            .select_only()
            .column(team_member::Column::MemberId)
            .filter(team_member::Column::IsActive.eq(true))
            .filter(team_member::Column::TeamId.in_subquery(teams.into_query()));
        query = query.filter(member::Column::Id.in_subquery(members.into_query()));
    }
    if let Some(is_pending) = filter.is_pending {
        query = query.filter(search::is_pending(is_pending));
    }
    if let Some(is_linked) = filter.is_sso_linked {
        query = query.filter(search::is_sso_linked(is_linked));
    }
    if let Some(has) = filter.has_two_factor {
        access.require(&[Scope::MemberAdmin])?;
        query = query.filter(search::has_two_factor(has));
    }
    Ok(query)
}

/// The member that is meant, if the organization has it and shows it.
pub async fn find(app: &App, access: &Access, by: By) -> Result<Option<member::Model>> {
    let organization = access.require(READ)?;
    let meant = match by {
        By::Id(id) => Condition::all().add(member::Column::Id.eq(id)),
        By::User(user) => Condition::all().add(member::Column::UserId.eq(user)),
        By::Email(email) if !text::is_storable(&email) => return Ok(None),
        By::Email(email) => {
            let email = email.trim().to_lowercase();
            Condition::any()
                .add(member::Column::EmailKey.eq(&email))
                .add(member::Column::UserEmail.eq(&email))
        }
    };
    let query = member::Entity::within(organization)
        .filter(member::Entity::shown())
        .filter(meant);
    Ok(query.order_by_asc(member::Column::Id).one(&*app.db).await?)
}

/// Whether the organization would be without an active owner if `row` were none
/// (§12). `owners` are two of its active owners, or as many as it has.
pub fn is_last_owner(row: &member::Model, owners: &[MemberId]) -> bool {
    row.role == OWNER && owners.iter().all(|owner| *owner == row.id)
}

/// Two active owners of an organization, or as many as it has.
async fn active_owners(db: &impl ConnectionTrait, organization: OrganizationId) -> Result<Vec<MemberId>> {
    let owners = member::Entity::within(organization)
        .select_only()
        .column(member::Column::Id)
        .filter(member::Column::Role.eq(OWNER))
        .filter(member::Column::UserId.is_not_null())
        .filter(member::Entity::shown())
        .limit(2)
        .into_tuple::<MemberId>()
        .all(db)
        .await?;
    Ok(owners)
}

fn is_actor(access: &Access, row: &member::Model) -> bool {
    row.user_id.is_some() && row.user_id == access.actor().user_id()
}

/// Roles that [`update_roles`] would accept for `row` now. Retired roles are
/// never offered, not even the one the member has.
pub fn assignable_roles(
    app: &App,
    access: &Access,
    row: &member::Model,
    is_last_owner: bool,
    has_teams: bool,
) -> Vec<Arc<OrgRole>> {
    if !access.has(Scope::MemberAdmin)
        || row.has(member::flag::PARTNERSHIP_RESTRICTED)
        || row.invite_status != member::InviteStatus::Approved
    {
        return Vec::new();
    }
    let offered = app.roles.all().iter().filter(|role| {
        access.may_assign(role)
            && !role.is_retired
            && (role.is_team_roles_allowed || !has_teams)
            && (role.id == row.role || check_role_change(app, access, row, role, is_last_owner).is_ok())
    });
    offered.cloned().collect()
}

/// Whether the actor may change this member's teams or role at all.
pub fn may_update_roles(access: &Access, row: &member::Model) -> bool {
    access.has(Scope::MemberAdmin)
        && !row.has(member::flag::PARTNERSHIP_RESTRICTED)
        && row.invite_status == member::InviteStatus::Approved
}

/// §11 step 11: may the role change to `role`, which differs from the row's?
fn check_role_change(
    app: &App,
    access: &Access,
    row: &member::Model,
    role: &OrgRole,
    is_last_owner: bool,
) -> Result<()> {
    let refusal = if row.has(member::flag::IDP_ROLE_RESTRICTED) {
        Some(Code::IdpRoleRestricted.into())
    } else if !access.may_assign(role) {
        Some(Code::RoleNotAllowed.at(["orgRole"]))
    } else if !access.may_assign(app.roles.stored(&row.role)) {
        Some(Code::TargetOutranksActor.into())
    } else if is_actor(access, row) {
        Some(Code::CannotChangeOwnRole.into())
    } else if app.config.features.team_roles && role.is_retired {
        Some(Code::RoleRetired.at(["orgRole"]))
    } else if is_last_owner && role.id != OWNER {
        Some(Code::LastOwner.into())
    } else {
        None
    };
    refusal.map_or(Ok(()), |refusal| Err(refusal.into()))
}

/// §12: may the actor remove `row`, or leave?
///
/// # Errors
/// The refusals of §12 in their order.
pub fn check_removal(app: &App, access: &Access, row: &member::Model, is_last_owner: bool) -> Result<()> {
    access.require(&[Scope::MemberRead, Scope::MemberWrite, Scope::MemberAdmin])?;
    let is_own = is_actor(access, row);
    if !access.is_superuser() && !is_own {
        let is_person = access.person().is_some();
        if is_person && access.membership().is_none() {
            return Err(Code::TargetOutranksActor.into());
        }
        if !access.has(Scope::MemberAdmin) {
            let may_invite =
                access.has(Scope::MemberInvite) && access.members_may_invite(app.config.features.member_invites);
            if !(is_person && may_invite && row.is_pending()) {
                return Err(Code::InsufficientScope.into());
            }
            if row.inviter_id.is_none() || row.inviter_id != access.actor().user_id() {
                return Err(Code::NotYourInvite.into());
            }
            return Ok(());
        }
        let role = app.roles.stored(&row.role);
        // An app has no role: with member:admin it stands where managers do (§28).
        let outranks = if is_person {
            access.outranks(role)
        } else {
            role.id != OWNER
        };
        if !outranks {
            return Err(Code::TargetOutranksActor.into());
        }
    }
    if is_last_owner {
        return Err(Code::LastOwner.into());
    }
    if row.has(member::flag::IDP_PROVISIONED) {
        return Err(Code::IdpProvisioned.into());
    }
    if row.has(member::flag::PARTNERSHIP_RESTRICTED) {
        return Err(Code::PartnershipRestricted.into());
    }
    Ok(())
}

/// What a resend sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resend {
    /// The invite of a pending row.
    Invite,
    /// The request to link single sign-on.
    SsoLink,
}

/// §10 steps 3 and 5–7, but for rate limits: may the actor send again, and what?
///
/// # Errors
/// The refusals of §10 in their order.
pub fn check_reinvite(app: &App, access: &Access, row: &member::Model, regenerate: bool) -> Result<Resend> {
    access.require(&[Scope::MemberInvite, Scope::MemberWrite, Scope::MemberAdmin])?;
    check_plain_member(app, access, row)?;
    if row.has(member::flag::PARTNERSHIP_RESTRICTED) {
        return Err(Code::PartnershipRestricted.into());
    }
    check_resend(access, row, regenerate)
}

/// §10 step 3 for a bare reinvite: without member:admin, people send only their
/// own invites again, where members may invite; an app with member:write sends
/// any (§28).
fn check_plain_member(app: &App, access: &Access, row: &member::Model) -> Result<()> {
    if access.has(Scope::MemberAdmin) {
        return Ok(());
    }
    let is_app = access.actor().app().is_some() && access.has(Scope::MemberWrite);
    let may_send = is_app || access.members_may_invite(app.config.features.member_invites);
    if !row.is_pending() || !may_send {
        return Err(Code::Forbidden.into());
    }
    if !is_app && (row.inviter_id.is_none() || row.inviter_id != access.actor().user_id()) {
        return Err(Code::NotYourInvite.into());
    }
    Ok(())
}

/// §10 steps 5.2, 5.3, 6 and 7.
fn check_resend(access: &Access, row: &member::Model, regenerate: bool) -> Result<Resend> {
    if row.is_pending() {
        if regenerate && !access.has(Scope::MemberAdmin) {
            return Err(Code::InsufficientScope.at(["regenerate"]).into());
        }
        // A row without a token has nothing to send until it gets one.
        if !regenerate && (row.is_expired(access.actor().now) || row.invite_nonce.is_none()) {
            return Err(Code::InviteExpired.into());
        }
        return Ok(Resend::Invite);
    }
    if access.provider().is_some() && !row.has(member::flag::SSO_LINKED) {
        return Ok(Resend::SsoLink);
    }
    Err(Code::NotInvitable.into())
}

/// What to change of a member. What is `None` stays.
#[derive(Clone, Debug)]
pub struct RolesUpdate {
    /// Which member.
    pub member: MemberId,
    /// Id of the new org role.
    pub org_role: Option<String>,
    /// The whole new set of teams.
    pub team_roles: Option<Vec<TeamAssignment>>,
    /// Send the invite, or the request to link single sign-on, again.
    pub reinvite: bool,
    /// With `reinvite`: end the old link.
    pub regenerate: bool,
}

/// A member after a change.
#[derive(Clone, Debug)]
pub struct Updated {
    /// The row.
    pub member: member::Model,
    /// Memberships whose team role the new org role made redundant.
    pub cleared: Vec<team_member::Model>,
    /// With `reinvite`: the link, for whom §8.4 shows it to.
    pub accept_url: Option<String>,
}

/// Changes the org role and the teams of a member, or sends the invite again
/// (spec §11, §10). All checks come first, in the order of the section; then all
/// effects in one transaction. Two changes to one member take turns, and the
/// later one wins whole.
///
/// # Errors
/// The refusals of §10 and §11; `LOCK_TIMEOUT`. Nothing is changed then, except
/// that an attempt to resend counts against the rate limit.
pub async fn update_roles(app: &App, actor: &Arc<Actor>, update: RolesUpdate) -> Result<Updated> {
    actor.require_known()?;
    // Strangers are turned away before anything is locked.
    let organization = member::Entity::find_by_id(update.member)
        .select_only()
        .column(member::Column::OrganizationId)
        .into_tuple::<OrganizationId>()
        .one(&*app.db)
        .await?
        .ok_or_else(missing)?;
    enter(&*app.db, app, actor, organization).await?;

    let tx = db::begin_write(&app.db).await?;
    if update.org_role.is_some() {
        // “At least one owner” is a rule across rows: two owners who demote
        // each other must take turns.
        organization::Entity::find_by_id(organization)
            .for_update()
            .one(&*tx)
            .await?;
    }
    let row = member::Entity::within(organization)
        .filter(member::Column::Id.eq(update.member))
        .for_update()
        .one(&*tx)
        .await?;
    // Again, now that nobody else can change it: the actor may have lost the
    // role while waiting.
    let access = enter(&*tx, app, actor, organization).await?;
    access.require(&[Scope::MemberInvite, Scope::MemberWrite, Scope::MemberAdmin])?;
    let row = row
        .filter(|row| row.invite_status == member::InviteStatus::Approved)
        .ok_or_else(missing)?;

    let plan = match check_update(&tx, app, &access, &row, &update).await? {
        Ok(plan) => plan,
        Err((refusal, is_counted)) => {
            if is_counted {
                tx.commit().await?;
            }
            return Err(refusal);
        }
    };
    let updated = apply_update(&tx, app, &access, row, plan).await?;
    tx.commit().await?;
    Ok(updated)
}

fn missing() -> Error {
    Code::MemberNotFound.at(["memberId"]).into()
}

/// To whoever is no member, the member does not exist either.
async fn enter(
    db: &impl ConnectionTrait,
    app: &App,
    actor: &Arc<Actor>,
    organization: OrganizationId,
) -> Result<Access> {
    Access::enter_organization(db, actor, &app.roles, organization, Gates::MEMBER)
        .await
        .map_err(|error| {
            if error.is(Code::OrganizationNotFound) {
                missing()
            } else {
                error
            }
        })
}

/// What passed all checks and is to be done.
struct Plan {
    resend: Option<(Resend, bool)>,
    role: Option<Arc<OrgRole>>,
    teams: Option<Vec<(team::Model, Option<TeamRole>)>>,
    current: Vec<(team_member::Model, team::Model)>,
    is_edit: bool,
}

/// Whether a refusal comes after an attempt was counted that must stay counted.
type Checked = Result<Plan, (Error, bool)>;

/// Steps 2 to 11 of §11 without their effects.
async fn check_update(
    tx: &Write,
    app: &App,
    access: &Access,
    row: &member::Model,
    update: &RolesUpdate,
) -> Result<Checked> {
    let refuse = |error: Error| Ok(Err((error, false)));
    let is_bare_reinvite = update.reinvite && update.org_role.is_none() && update.team_roles.is_none();

    // 2: roles are given by people.
    let changes_role = update.org_role.as_ref().is_some_and(|role| *role != row.role);
    // 6, before 3: a plain member learns nothing from validation.
    if !access.has(Scope::MemberAdmin) {
        if update.reinvite && !is_bare_reinvite {
            return refuse(Code::ReinviteWithChanges.into());
        }
        if !update.reinvite {
            return refuse(Code::Forbidden.into());
        }
        if let Err(refusal) = check_plain_member(app, access, row) {
            return refuse(refusal);
        }
    }
    if changes_role && access.person().is_none() {
        return refuse(Code::UserTokenRequired.at(["orgRole"]).into());
    }

    // 3: collected.
    let mut refusals = Refusals::default();
    let role = update.org_role.as_ref().and_then(|id| match app.roles.find(id) {
        None => refusals.note(Err(Code::InvalidRole.at(["orgRole"]))),
        // A person names only roles that they could give; an app got here only
        // with the role that the member has.
        Some(role) if access.person().is_some() && !access.may_assign(role) => {
            refusals.note(Err(Code::RoleNotAllowed.at(["orgRole"])))
        }
        Some(role) => Some(role.clone()),
    });
    let teams = match &update.team_roles {
        None => None,
        Some(assignments) => match resolve(&**tx, app, row.organization_id, "teamRoles", assignments).await? {
            Ok(teams) => Some(teams),
            Err(bad) => {
                bad.into_iter().for_each(|refusal| refusals.push(refusal));
                None
            }
        },
    };
    if let Err(refusal) = refusals.check() {
        return refuse(refusal);
    }

    // §28: while membership is closed, apps assign teams only with a scope for it.
    let is_closed = !access.organization().has(organization::flag::ALLOW_JOINLEAVE);
    let is_free = access.person().is_some() || access.has(Scope::TeamWrite) || access.has(Scope::OrgWrite);
    if is_closed && !is_free && teams.as_ref().is_some_and(|teams| !teams.is_empty()) {
        return refuse(Code::TeamNotJoined.into());
    }

    // 5
    if row.has(member::flag::PARTNERSHIP_RESTRICTED) {
        return refuse(Code::PartnershipRestricted.into());
    }

    // 7: from here on an attempt to send an invite has been counted.
    let mut is_counted = false;
    let mut resend = None;
    if update.reinvite {
        if row.is_pending() {
            is_counted = true;
            let email = row.email_key.as_deref().unwrap_or_default();
            if let Err(refusal) = invite::count_attempt(tx, app, access, email).await {
                return Ok(Err((refusal, true)));
            }
        }
        match check_resend(access, row, update.regenerate) {
            Ok(kind) => resend = Some((kind, update.regenerate && kind == Resend::Invite)),
            Err(refusal) => return Ok(Err((refusal, is_counted))),
        }
    }
    let refuse = |error: Error| Ok(Err((error, is_counted)));

    // 8
    let current = current_teams(&**tx, row.id).await?;
    let resulting = role.as_ref().unwrap_or_else(|| app.roles.stored(&row.role));
    if !resulting.is_team_roles_allowed {
        match &teams {
            Some(wanted) if !wanted.is_empty() => return refuse(Code::TeamRolesNotAllowed.at(["teamRoles"]).into()),
            None if !current.is_empty() && !is_bare_reinvite => {
                let path = role.as_ref().map(|_| "orgRole");
                return refuse(Code::TeamRolesNotAllowed.at(path).into());
            }
            _ => {}
        }
    }

    // 11
    let role = role.filter(|role| role.id != row.role);
    if let Some(role) = &role {
        let is_last = row.role == OWNER && is_last_owner(row, &active_owners(&**tx, row.organization_id).await?);
        if let Err(refusal) = check_role_change(app, access, row, role, is_last) {
            return refuse(refusal);
        }
    }
    Ok(Ok(Plan {
        resend,
        role,
        teams,
        current,
        is_edit: !is_bare_reinvite,
    }))
}

/// The member's memberships in active teams, by slug.
async fn current_teams(db: &impl ConnectionTrait, member: MemberId) -> Result<Vec<(team_member::Model, team::Model)>> {
    let rows = team_member::Entity::find()
        .find_also_related(team::Entity)
        .filter(team_member::Column::MemberId.eq(member))
        .filter(team::Column::Status.eq(team::TeamStatus::Active))
        .order_by_asc(team::Column::Slug)
        .all(db)
        .await?;
    Ok(rows.into_iter().filter_map(|(row, team)| Some((row, team?))).collect())
}

/// The effects of §10 and of steps 9, 12 and 14 of §11, in that order.
async fn apply_update(tx: &Write, app: &App, access: &Access, row: member::Model, plan: Plan) -> Result<Updated> {
    let organization = row.organization_id;
    let person = match row.user_id {
        Some(id) => user::Entity::find_by_id(id).one(&**tx).await?,
        None => None,
    };
    let email = email_of(&row, person.as_ref()).map(str::to_owned);
    let mut changes = Vec::new();
    let mut entries = Vec::new();

    let mut row = row;
    if let Some((kind, regenerate)) = plan.resend {
        if regenerate {
            row = invite::regenerate(tx, app, row, access.actor().now).await?;
            changes.push(Change::member(organization, row.id));
        }
        match kind {
            Resend::Invite => invite::send(tx, app, &row, None, access.actor().now).await?,
            Resend::SsoLink => {
                let actor = access
                    .person()
                    .map(|person| person.user.display_name().to_owned())
                    .unwrap_or_default();
                queue::enqueue(tx, &Work::SendSsoLink { member: row.id, actor }, access.actor().now).await?;
            }
        }
        let teams: Vec<_> = plan.current.iter().map(|(_, team)| team.clone()).collect();
        entries.push(Entry::member(
            Event::MemberReinvite,
            &row,
            audit::member_data(&row, email.as_deref(), &teams),
        ));
    }

    let role = plan
        .role
        .as_ref()
        .unwrap_or_else(|| app.roles.stored(&row.role))
        .clone();
    let mut cleared = Vec::new();
    let teams_after = match plan.teams {
        Some(wanted) => {
            let saved = save_teams(tx, app, &row, &role, wanted, &plan.current).await?;
            changes.extend(saved.changed.iter().map(|id| Change::team_member(organization, *id)));
            let entry = |event| {
                let (row, email) = (&row, email.as_deref());
                move |team: &team::Model| Entry::team_membership(event, row, email, &team.slug)
            };
            entries.extend(saved.added.iter().map(entry(Event::MemberJoinTeam)));
            entries.extend(saved.removed.iter().map(entry(Event::MemberLeaveTeam)));
            saved.teams
        }
        None => {
            if plan.role.is_some() {
                cleared = clear_redundant(tx, &role, &plan.current).await?;
                changes.extend(
                    cleared
                        .iter()
                        .map(|membership| Change::team_member(organization, membership.id)),
                );
            }
            plan.current.into_iter().map(|(_, team)| team).collect()
        }
    };
    if plan.role.is_some() {
        let mut change = row.into_active_model();
        change.role = Set(role.id.clone());
        row = change.update(&**tx).await?;
        changes.push(Change::member(organization, row.id));
        if !cleared.is_empty() {
            metrics::counter!(
                "team_roles_update_to_minimum_total",
                "target_org_role" => role.id.clone(),
                "count" => cleared.len().to_string()
            )
            .increment(1);
        }
    }

    if plan.is_edit {
        let data = audit::member_data(&row, email.as_deref(), &teams_after);
        entries.push(Entry::member(Event::MemberEdit, &row, data));
    }
    outbox::record(tx, changes).await?;
    audit::record(tx, access.actor(), organization, entries).await?;
    let accept_url = match plan.resend {
        Some((Resend::Invite, _)) => invite::accept_url_for(app, access, &row, None),
        _ => None,
    };
    Ok(Updated {
        member: row,
        cleared,
        accept_url,
    })
}

/// What became of a member's teams.
struct SavedTeams {
    /// Memberships that came, went or have another role.
    changed: Vec<entity::ids::TeamMemberId>,
    added: Vec<team::Model>,
    removed: Vec<team::Model>,
    /// All teams after the change, by slug.
    teams: Vec<team::Model>,
}

/// §11.1 as a difference: what stays the same keeps its row.
async fn save_teams(
    tx: &Write,
    app: &App,
    row: &member::Model,
    role: &OrgRole,
    wanted: Vec<(team::Model, Option<TeamRole>)>,
    current: &[(team_member::Model, team::Model)],
) -> Result<SavedTeams> {
    // No stored role is ever redundant, and without the feature none is stored.
    let stored = |given: Option<TeamRole>| {
        given
            .filter(|given| app.config.features.team_roles && *given > role.minimum_team_role)
            .map(|given| given.id().to_owned())
    };
    let by_team: HashMap<TeamId, &team_member::Model> = current.iter().map(|(row, _)| (row.team_id, row)).collect();
    let removed: Vec<_> = current
        .iter()
        .filter(|(row, _)| !wanted.iter().any(|(team, _)| team.id == row.team_id))
        .collect();
    let mut changed = Vec::new();

    if !removed.is_empty() {
        let ids: Vec<_> = removed.iter().map(|(row, _)| row.id).collect();
        changed.extend(ids.iter().copied());
        team_member::Entity::delete_many()
            .filter(any_of(
                tx.get_database_backend(),
                team_member::Column::Id,
                ids.iter().map(|id| id.0),
            ))
            .exec(&**tx)
            .await?;
    }

    let mut fresh = Vec::new();
    let mut rewritten: HashMap<Option<String>, Vec<i64>> = HashMap::new();
    for (team, given) in &wanted {
        let stored = stored(*given);
        match by_team.get(&team.id) {
            Some(known) if known.role == stored && known.is_active => {}
            Some(known) => rewritten.entry(stored).or_default().push(known.id.0),
            None => fresh.push(team_member::ActiveModel {
                team_id: Set(team.id),
                member_id: Set(row.id),
                is_active: Set(true),
                role: Set(stored),
                ..Default::default()
            }),
        }
    }
    // At most one statement for each role that is stored anew.
    for (stored, ids) in rewritten {
        changed.extend(ids.iter().map(|id| entity::ids::TeamMemberId(*id)));
        team_member::Entity::update_many()
            .col_expr(team_member::Column::Role, Expr::value(stored))
            .col_expr(team_member::Column::IsActive, Expr::value(true))
            .filter(any_of(tx.get_database_backend(), team_member::Column::Id, ids))
            .exec(&**tx)
            .await?;
    }
    if !fresh.is_empty() {
        let inserted = team_member::Entity::insert_many(fresh)
            .exec_with_returning(&**tx)
            .await?;
        changed.extend(inserted.into_iter().map(|row| row.id));
    }

    let added = wanted
        .iter()
        .filter(|(team, _)| by_team.get(&team.id).is_none_or(|row| !row.is_active));
    let added = added.map(|(team, _)| team.clone()).collect();
    let removed = removed.into_iter().map(|(_, team)| team.clone()).collect();
    let mut teams: Vec<_> = wanted.into_iter().map(|(team, _)| team).collect();
    teams.sort_by(|one, other| one.slug.cmp(&other.slug));
    Ok(SavedTeams {
        changed,
        added,
        removed,
        teams,
    })
}

/// §11.2: team roles that the new org role gives anyway would be invisible, and
/// surprise when it is lowered later.
async fn clear_redundant(
    tx: &Write,
    role: &OrgRole,
    current: &[(team_member::Model, team::Model)],
) -> Result<Vec<team_member::Model>> {
    let is_redundant = |stored: &String| {
        stored
            .parse::<TeamRole>()
            .is_ok_and(|stored| stored <= role.minimum_team_role)
    };
    let mut redundant: Vec<_> = current
        .iter()
        .filter(|(row, _)| row.role.as_ref().is_some_and(is_redundant))
        .map(|(row, _)| row.clone())
        .collect();
    if redundant.is_empty() {
        return Ok(redundant);
    }
    team_member::Entity::update_many()
        .col_expr(team_member::Column::Role, Expr::value(None::<String>))
        .filter(any_of(
            tx.get_database_backend(),
            team_member::Column::Id,
            redundant.iter().map(|row| row.id.0),
        ))
        .exec(&**tx)
        .await?;
    redundant.iter_mut().for_each(|row| row.role = None);
    Ok(redundant)
}
