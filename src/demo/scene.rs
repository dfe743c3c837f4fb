//! One organization of the demo with everything in it.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use entity::{
    access_request, audit_log_entry, auth_identity, auth_provider,
    ids::{RowId, TeamId, UserId},
    invite_delivery,
    member::{self, InviteStatus},
    organization, organization_option, team, team_member, user,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use serde_json::{Value, json};

use super::{Company, insert, joined_at, people::identity};
use crate::{
    app::App,
    db::Write,
    domain::audit::{self, Event, email_of},
    error::Result,
    outbox::{self, Change},
    roles::{MEMBER, TeamRole},
};

/// One organization and what it is filled from.
pub(super) struct Scene<'a> {
    pub(super) app: &'a App,
    pub(super) tx: &'a Write,
    pub(super) now: DateTime<Utc>,
    pub(super) company: &'static Company,
    pub(super) organization: organization::Model,
    /// Everybody who joined, in that order.
    pub(super) people: Vec<&'a user::Model>,
}

/// Members of an organization and the teams of each.
type Places = Vec<(member::Model, Vec<team::Model>)>;

impl Scene<'_> {
    pub(super) async fn fill(&self) -> Result<()> {
        let teams = self
            .company
            .teams
            .split(',')
            .zip(0..)
            .map(|(name, number)| team::ActiveModel {
                organization_id: Set(self.organization.id),
                slug: Set(slug::slugify(name)),
                name: Set(name.into()),
                status: Set(team::TeamStatus::Active),
                idp_provisioned: Set(false),
                date_added: Set(self.organization.date_added + TimeDelta::days(number)),
                ..Default::default()
            });
        let teams = insert(self.tx, teams.collect()).await?;
        let mut rows: Vec<_> = self.joined().chain(self.invited()).collect();
        rows.sort_by_key(|(at, _)| *at);
        let rows: Vec<member::Model> = insert(self.tx, rows.into_iter().map(|(_, row)| row).collect()).await?;

        let places: Places = rows
            .into_iter()
            .enumerate()
            .map(|(number, row)| self.seat(number, row, &teams))
            .collect();
        let memberships = places.iter().enumerate().flat_map(|(number, (row, teams))| {
            teams
                .iter()
                .map(move |team| self.membership(row, team.id, number.is_multiple_of(8) && team.id == teams[0].id))
        });
        let memberships: Vec<team_member::Model> = insert(self.tx, memberships.collect()).await?;

        let id = self.organization.id;
        let changes = std::iter::once(Change::organization(id))
            .chain(teams.iter().map(|team| Change::team(id, team.id)))
            .chain(places.iter().map(|(row, _)| Change::member(id, row.id)))
            .chain(memberships.iter().map(|row| Change::team_member(id, row.id)));
        outbox::record(self.tx, changes).await?;
        self.deliveries(&places).await?;
        self.access_requests(&places, &teams).await?;
        self.single_sign_on(&places).await?;
        self.options().await?;
        self.history(&places, &teams).await
    }

    fn joined(&self) -> impl Iterator<Item = (DateTime<Utc>, member::ActiveModel)> {
        let ranks = self
            .company
            .ranks
            .iter()
            .flat_map(|(role, count)| std::iter::repeat_n(*role, *count));
        self.people
            .iter()
            .zip(ranks.chain(std::iter::repeat(MEMBER)))
            .enumerate()
            .map(|(seat, (person, role))| {
                let at = joined_at(self.company, seat, self.now);
                // The founder asked in all who became more than members.
                let inviter = self.people[if seat < 20 { 0 } else { seat % 15 }];
                let row = member::ActiveModel {
                    user_id: Set(Some(person.id)),
                    role: Set(role.into()),
                    flags: Set(if self.is_linked(seat) {
                        member::flag::SSO_LINKED
                    } else {
                        0
                    }),
                    inviter_id: Set((seat > 0).then_some(inviter.id)),
                    invite_status: Set(InviteStatus::Approved),
                    user_is_active: Set(person.is_active),
                    user_email: Set(person.verified_email().map(str::to_owned)),
                    sort_name: Set(person.display_name().to_lowercase()),
                    user_has_two_factor: Set(person.has_two_factor),
                    ..self.row(at)
                };
                (at, row)
            })
    }

    fn row(&self, at: DateTime<Utc>) -> member::ActiveModel {
        member::ActiveModel {
            organization_id: Set(self.organization.id),
            email: Set(None),
            email_key: Set(None),
            flags: Set(0),
            invite_nonce: Set(None),
            token_expires_at: Set(None),
            date_added: Set(at),
            has_global_access: Set(true),
            ..Default::default()
        }
    }

    fn is_linked(&self, seat: usize) -> bool {
        self.company.has_sso && seat.is_multiple_of(2)
    }

    fn invited(&self) -> impl Iterator<Item = (DateTime<Utc>, member::ActiveModel)> {
        let lifetime = TimeDelta::from_std(self.app.config.invites.lifetime).unwrap_or(TimeDelta::days(30));
        let young = Ord::min(lifetime, TimeDelta::days(30)) / 16;
        let [open, expired, wanted, asking] = self.company.pending;
        let step = TimeDelta::days(2);
        let rows = (1..).take(open).map(move |k| (InviteStatus::Approved, young * k));
        let rows = rows.chain(
            (1..)
                .take(expired)
                .map(move |k| (InviteStatus::Approved, lifetime + step * k)),
        );
        let rows = rows.chain(
            (1..)
                .take(wanted)
                .map(move |k| (InviteStatus::RequestedToBeInvited, step * k)),
        );
        let rows = rows.chain(
            (1..)
                .take(asking)
                .map(move |k| (InviteStatus::RequestedToJoin, step * k)),
        );
        rows.enumerate().map(move |(number, (status, age))| {
            let at = (self.now - age).trunc_subsecs(0);
            let email = format!(
                "{}@{}",
                identity(self.company.strangers + number).0,
                self.company.domain
            );
            let is_invite = status == InviteStatus::Approved;
            let role = if is_invite && number.is_multiple_of(5) {
                "manager"
            } else {
                MEMBER
            };
            let inviter = self.people[if role == MEMBER { number % 15 } else { 0 }];
            let row = member::ActiveModel {
                user_id: Set(None),
                email_key: Set(Some(email.to_lowercase())),
                sort_name: Set(email.to_lowercase()),
                email: Set(Some(email)),
                role: Set(role.into()),
                invite_nonce: Set(is_invite.then(|| rand::random::<[u8; 16]>().to_vec())),
                token_expires_at: Set(is_invite.then(|| at + lifetime)),
                inviter_id: Set((status != InviteStatus::RequestedToJoin).then_some(inviter.id)),
                invite_status: Set(status),
                user_is_active: Set(true),
                user_email: Set(None),
                user_has_two_factor: Set(false),
                ..self.row(at)
            };
            (at, row)
        })
    }

    /// One to three teams for each, in the order of their slugs.
    fn seat(&self, number: usize, row: member::Model, teams: &[team::Model]) -> (member::Model, Vec<team::Model>) {
        let more = [
            (number.is_multiple_of(3)).then_some(number * 5 + 2),
            (number.is_multiple_of(10)).then_some(number * 7 + 4),
        ];
        let mut chosen: Vec<_> = std::iter::once(number)
            .chain(more.into_iter().flatten())
            .map(|n| n % teams.len())
            .collect();
        chosen.sort_unstable();
        chosen.dedup();
        if !self.app.roles.stored(&row.role).is_team_roles_allowed {
            chosen.clear();
        }
        (row, chosen.into_iter().map(|n| teams[n].clone()).collect())
    }

    /// `leads`: a team admin, unless the org role says so anyway (§11.2).
    fn membership(&self, row: &member::Model, team: TeamId, leads: bool) -> team_member::ActiveModel {
        let minimum = self.app.roles.stored(&row.role).minimum_team_role;
        let is_stored = leads && !row.is_pending() && self.app.config.features.team_roles && TeamRole::Admin > minimum;
        team_member::ActiveModel {
            team_id: Set(team),
            member_id: Set(row.id),
            is_active: Set(true),
            role: Set(is_stored.then(|| TeamRole::Admin.id().into())),
            ..Default::default()
        }
    }

    /// Most invites were mailed; a few addresses do not exist.
    async fn deliveries(&self, places: &Places) -> Result<()> {
        let invites = places
            .iter()
            .map(|(row, _)| row)
            .filter(|row| row.is_invite())
            .enumerate();
        let rows = invites.filter(|(number, _)| number % 6 != 5).map(|(number, row)| {
            let is_sent = number % 6 != 2;
            invite_delivery::ActiveModel {
                job_id: Set(None),
                member_id: Set(row.id),
                status: Set(if is_sent {
                    invite_delivery::DeliveryStatus::Sent
                } else {
                    invite_delivery::DeliveryStatus::Failed
                }),
                attempts: Set(1),
                last_sent_at: Set(is_sent.then_some(row.date_added)),
                last_error: Set((!is_sent).then(|| "The mail server does not know the address.".into())),
            }
        });
        insert(self.tx, rows.collect()).await.map(|_| ())
    }

    /// Where membership is closed, some members wait to be let into a team.
    async fn access_requests(&self, places: &Places, teams: &[team::Model]) -> Result<()> {
        if self.organization.has(organization::flag::ALLOW_JOINLEAVE) {
            return Ok(());
        }
        let members = places
            .iter()
            .filter(|(row, _)| row.user_id.is_some() && row.role == MEMBER)
            .step_by(11);
        let rows = members.zip(0..6).filter_map(|((row, own), day)| {
            let mut others = teams.iter().filter(|team| own.iter().all(|own| own.id != team.id));
            let team = others.nth(usize::try_from(day).ok()?)?;
            Some(access_request::ActiveModel {
                team_id: Set(team.id),
                member_id: Set(row.id),
                requester_id: Set((day % 3 == 1).then(|| self.people[0].id)),
                date_added: Set(self.now - TimeDelta::days(6 - day)),
                organization_id: Set(self.organization.id),
                ..Default::default()
            })
        });
        insert(self.tx, rows.collect()).await.map(|_| ())
    }

    async fn single_sign_on(&self, places: &Places) -> Result<()> {
        if !self.company.has_sso {
            return Ok(());
        }
        let date_added = Set(self.organization.date_added + TimeDelta::days(1));
        let provider = auth_provider::ActiveModel {
            organization_id: Set(self.organization.id),
            provider: Set("google".into()),
            name: Set("Google".into()),
            allow_unlinked: Set(true),
            scim_enabled: Set(false),
            date_added,
            ..Default::default()
        };
        let provider = provider.insert(&**self.tx).await?;
        let linked = places.iter().filter(|(row, _)| row.has(member::flag::SSO_LINKED));
        let rows = linked
            .filter_map(|(row, _)| row.user_id.zip(Some(row.date_added)))
            .map(|(user, at)| auth_identity::ActiveModel {
                auth_provider_id: Set(provider.id),
                user_id: Set(user),
                date_added: Set(at),
                ..Default::default()
            });
        insert(self.tx, rows.collect()).await.map(|_| ())
    }

    async fn options(&self) -> Result<()> {
        let rows = self
            .company
            .options
            .iter()
            .map(|(_, key, value)| organization_option::ActiveModel {
                organization_id: Set(self.organization.id),
                key: Set((*key).into()),
                value: Set(serde_json::from_str(value).ok()),
                ..Default::default()
            });
        insert(self.tx, rows.collect()).await.map(|_| ())
    }

    /// What the audit log would know of all this.
    async fn history(&self, places: &Places, teams: &[team::Model]) -> Result<()> {
        let founder = Some(self.people[0]);
        let person = |id: Option<UserId>| self.people.iter().copied().find(|person| Some(person.id) == id);
        let data = audit::organization_data(&self.organization);
        let mut lines = vec![self.line(
            self.organization.date_added,
            founder,
            Event::OrgAdd,
            self.organization.id.0,
            data,
        )];
        lines.extend(teams.iter().map(|team| {
            let data =
                json!({ "id": team.id.global(), "slug": team.slug, "name": team.name, "status": team.status as i32 });
            self.line(team.date_added, founder, Event::TeamAdd, team.id.0, data)
        }));
        if !self.company.options.is_empty() {
            let data: Value = self
                .company
                .options
                .iter()
                .map(|(name, _, value)| ((*name).to_owned(), json!(format!("to {value}"))))
                .collect();
            lines.push(self.line(
                self.now - TimeDelta::days(40),
                founder,
                Event::OrgEdit,
                self.organization.id.0,
                data,
            ));
        }
        for (row, teams) in places.iter().skip(1) {
            let user = person(row.user_id);
            let (actor, event) = match row.invite_status {
                InviteStatus::Approved if row.is_pending() => (person(row.inviter_id), Event::MemberInvite),
                InviteStatus::Approved => (user, Event::MemberAccept),
                _ => (person(row.inviter_id), Event::InviteRequestAdd),
            };
            let data = match row.invite_status {
                InviteStatus::RequestedToJoin => json!({ "email": row.email }),
                _ => audit::member_data(row, email_of(row, user), teams),
            };
            lines.push(self.member_line(row.date_added, actor, event, row, data.clone()));
            if !row.is_pending() && row.role != MEMBER {
                let promoted = (self.now - (self.now - row.date_added) / 2).trunc_subsecs(0);
                lines.push(self.member_line(promoted, founder, Event::MemberEdit, row, data));
            }
        }
        lines.sort_by_key(|(at, _)| *at);
        insert(self.tx, lines.into_iter().map(|(_, line)| line).collect())
            .await
            .map(|_| ())
    }

    fn member_line(
        &self,
        at: DateTime<Utc>,
        actor: Option<&user::Model>,
        event: Event,
        row: &member::Model,
        data: Value,
    ) -> Line {
        let (at, line) = self.line(at, actor, event, row.id.0, data);
        (
            at,
            audit_log_entry::ActiveModel {
                target_user_id: Set(row.user_id),
                ..line
            },
        )
    }

    fn line(&self, at: DateTime<Utc>, actor: Option<&user::Model>, event: Event, target: i64, data: Value) -> Line {
        let label = actor.map(user::Model::display_name).unwrap_or_default();
        let line = audit_log_entry::ActiveModel {
            organization_id: Set(self.organization.id),
            actor_id: Set(actor.map(|actor| actor.id)),
            actor_key_id: Set(None),
            actor_label: Set(label.chars().take(64).collect()),
            target_object_id: Set(Some(target)),
            target_user_id: Set(None),
            event: Set(event as i32),
            // An address that is reserved for examples.
            ip: Set(Some(format!("203.0.113.{}", 1 + target % 250))),
            data: Set(data),
            datetime: Set(at),
            ..Default::default()
        };
        (at, line)
    }
}

/// A line of the audit log and when it was written.
type Line = (DateTime<Utc>, audit_log_entry::ActiveModel);
