//! Inviting an address (spec §8).

use std::sync::Arc;

use entity::{ids::OrganizationId, member, organization, team};
use sea_orm::ConnectionTrait;

use super::{
    TeamAssignment, count_attempt, delete,
    fields::{self, Address},
    invited,
    pending::{NewPending, join_teams},
    send,
    token::{accept_url_for, renew},
};
use crate::{
    access::{Access, Gates},
    app::App,
    auth::Actor,
    db::{self, Write},
    domain::{
        audit::{self, Entry},
        member::is_given_up,
        team::ids_of,
    },
    error::{Code, Refusals, Result},
    roles::{MEMBER, OrgRole, Scope},
};

/// Longest `referrer` of a link, in characters.
const REFERRER_MAX: usize = 200;

/// Whom to invite.
#[derive(Clone, Debug)]
pub struct NewInvite {
    /// Where to.
    pub organization: OrganizationId,
    /// The address.
    pub email: String,
    /// As what.
    pub terms: Terms,
}

/// As what somebody is invited, and how they learn of it.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// Org role id; `member` if absent.
    pub org_role: Option<String>,
    /// Slugs of teams.
    pub team_slugs: Option<Vec<String>>,
    /// Instead: teams with roles, of which only the teams count (§8.3).
    pub team_roles: Option<Vec<TeamAssignment>>,
    /// Whether to mail it.
    pub send: bool,
    /// Goes into the link.
    pub referrer: Option<String>,
}

impl Terms {
    fn role(&self) -> &str {
        self.org_role.as_deref().unwrap_or(MEMBER)
    }
}

/// An invite that was made.
#[derive(Clone, Debug)]
pub struct Created {
    /// The pending row.
    pub row: member::Model,
    /// The link, for whom §8.4 shows it to.
    pub accept_url: Option<String>,
}

/// §8.1 steps 1 and 2: may the actor invite at all?
///
/// # Errors
/// `FORBIDDEN`, `INVITES_DISABLED`.
pub fn may_create(app: &App, access: &Access) -> Result<OrganizationId> {
    let organization = match access.require(&[Scope::MemberWrite, Scope::MemberAdmin]) {
        Ok(organization) => organization,
        Err(refusal) if !access.members_may_invite(app.config.features.member_invites) => return Err(refusal),
        Err(_) => access.require(&[Scope::MemberInvite])?,
    };
    if app.config.features.invite_members {
        Ok(organization)
    } else {
        Err(Code::InvitesDisabled.into())
    }
}

/// §8.2: whether the actor may invite with this role. An app without a member
/// row may with the lowest.
fn may_invite_as(access: &Access, role: &OrgRole) -> bool {
    match access.person() {
        Some(_) => access.outranks(role),
        None => role.id == MEMBER,
    }
}

/// Roles that [`create`] would accept from the actor now.
pub fn invitable_roles(app: &App, access: &Access) -> Vec<Arc<OrgRole>> {
    if may_create(app, access).is_err() {
        return Vec::new();
    }
    app.roles
        .all()
        .iter()
        .filter(|role| may_invite_as(access, role) && !is_given_up(app, role))
        .cloned()
        .collect()
}

/// Invites an address (spec §8).
///
/// # Errors
/// The refusals of §8.1 in their order; those of the fields together. Nothing is
/// changed then, except that the attempt counts against the rate limit.
pub async fn create(app: &App, actor: &Arc<Actor>, new: NewInvite) -> Result<Created> {
    let access = enter(app, actor, new.organization, &new.terms).await?;
    let tx = db::begin_write(&app.db).await?;
    let checked = async {
        let mut refusals = Refusals::default();
        let address = refusals.note(Address::look_up(&tx, app, new.organization, &new.email).await?);
        let offer = Offer::check(&*tx, app, &access, &new.terms, &mut refusals).await?;
        let (address, offer) = refusals.finish(address.zip(offer))?;
        count_attempt(&tx, app, &access, &address.key).await?;
        offer.check_teams(&*tx, &access).await?;
        Ok((address, offer))
    }
    .await;
    let (tx, (address, offer)) = tx.unless_refused(checked).await?;
    offer.make(tx, app, &access, address).await
}

/// §8.1 steps 1 to 3.
pub(super) async fn enter(
    app: &App,
    actor: &Arc<Actor>,
    organization: OrganizationId,
    terms: &Terms,
) -> Result<Access> {
    actor.require_known()?;
    let access = Access::enter_organization(&app.db, actor, &app.roles, organization, Gates::CHANGE).await?;
    may_create(app, &access)?;
    if access.person().is_none() && terms.role() != MEMBER {
        return Err(Code::IntegrationTokenRoleRestricted.at(["orgRole"]).into());
    }
    Ok(access)
}

/// Terms that were checked.
pub(super) struct Offer<'a> {
    role: Arc<OrgRole>,
    teams: Vec<team::Model>,
    terms: &'a Terms,
}

impl<'a> Offer<'a> {
    /// §8.1 steps 4c to 4g. `None` if anything was refused.
    pub(super) async fn check(
        db: &impl ConnectionTrait,
        app: &App,
        access: &Access,
        terms: &'a Terms,
        refusals: &mut Refusals,
    ) -> Result<Option<Self>> {
        let organization = access.organization().id;
        let role = refusals.note(fields::role(app, terms.role(), |role| may_invite_as(access, role)));
        let teams = match (&terms.team_slugs, &terms.team_roles) {
            (Some(_), Some(_)) => Ok(Err(vec![
                Code::ValidationFailed
                    .at(["teamRoles"])
                    .saying("Give either teamSlugs or teamRoles, not both."),
            ])),
            (Some(slugs), None) => fields::plain_teams(db, app, organization, slugs).await,
            (None, Some(roles)) => fields::teams(db, app, organization, "teamRoles", roles).await,
            (None, None) => Ok(Ok(Vec::new())),
        };
        let teams = refusals.note_all(teams?);
        if terms
            .referrer
            .as_ref()
            .is_some_and(|text| text.chars().count() > REFERRER_MAX || text.chars().any(char::is_control))
        {
            refusals.push(Code::ValidationFailed.at(["referrer"]));
        }
        Ok(role.zip(teams).map(|(role, teams)| Self { role, teams, terms }))
    }

    /// §8.1 steps 6 and 7.
    pub(super) async fn check_teams(&self, db: &impl ConnectionTrait, access: &Access) -> Result<()> {
        let is_closed = !access.organization().has(organization::flag::ALLOW_JOINLEAVE);
        let is_free = match access.person() {
            Some(_) => access.has(Scope::MemberAdmin),
            None => access.has(Scope::TeamWrite) || access.has(Scope::OrgWrite),
        };
        if is_closed && !is_free && !self.teams.is_empty() {
            let own = match access.membership() {
                Some(membership) => ids_of(db, membership.id).await?,
                None => Default::default(),
            };
            if self.teams.iter().any(|team| !own.contains(&team.id)) {
                return Err(Code::TeamNotJoined.into());
            }
        }
        if !self.teams.is_empty() && !self.role.is_team_roles_allowed {
            return Err(Code::TeamRolesNotAllowed.into());
        }
        Ok(())
    }

    /// The effects of §8.3.
    pub(super) async fn make(&self, tx: Write, app: &App, access: &Access, address: Address) -> Result<Created> {
        let (organization, actor) = (access.organization().id, access.actor());
        let row = match self.insert(&tx, app, access, &address).await? {
            Some(row) => row,
            None => {
                // The address got a row in this moment: an invite, which is a
                // refusal, or a request, which this invite answers.
                let address = Address::look_up(&tx, app, organization, &address.email).await??;
                let row = self.insert(&tx, app, access, &address).await?;
                row.ok_or_else(|| Code::AlreadyInvited.at(["email"]))?
            }
        };
        join_teams(&tx, &row, &self.teams).await?;
        if self.terms.send {
            send(&tx, app, &row, self.terms.referrer.clone(), actor.now).await?;
        }
        let data = audit::member_data(&row, row.email.as_deref(), &self.teams);
        let entry = Entry::member(invited(app), &row, data);
        audit::record(&tx, actor, organization, [entry]).await?;
        tx.commit().await?;
        Ok(Created {
            accept_url: accept_url_for(app, access, &row, self.terms.referrer.as_deref()),
            row,
        })
    }

    /// Makes the row in place of open requests for the address.
    async fn insert(&self, tx: &Write, app: &App, access: &Access, address: &Address) -> Result<Option<member::Model>> {
        delete(tx, &address.requests).await?;
        let actor = access.actor();
        let new = NewPending {
            organization: access.organization().id,
            email: &address.email,
            key: &address.key,
            role: &self.role.id,
            status: member::InviteStatus::Approved,
            inviter: actor.user_id(),
            token: Some(renew(app, actor.now)),
            now: actor.now,
        };
        new.insert(tx).await
    }
}
