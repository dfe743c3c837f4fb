//! A believable group of companies for an empty database, so that a newcomer
//! has something to look at. All but the secrets of invites is the same every
//! time, counted back from now.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use entity::{
    access_request, audit_log_entry, auth_identity, auth_provider,
    ids::{MemberId, TeamId, UserId},
    invite_delivery,
    member::{self, InviteStatus},
    organization, organization_option, team, team_member, user,
};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ActiveValue::Set, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait,
    sea_query::OnConflict,
};
use serde_json::{Value, json};

use crate::{
    app::App,
    db::{self, Write},
    domain::audit::{self, Event, email_of},
    error::Result,
    outbox::{self, Change},
    roles::{MEMBER, TeamRole},
};

/// Rows in a statement: SQLite binds at most 32,766 values.
const CHUNK: usize = 500;

/// An organization to be.
struct Company {
    slug: &'static str,
    name: &'static str,
    domain: &'static str,
    founded_days_ago: i64,
    flags: i64,
    /// Everybody who joined; the first founded it.
    size: usize,
    /// Roles in the order of joining; all others are members.
    ranks: &'static [(&'static str, usize)],
    /// People of the other companies: as how many-th they joined, and who.
    guests: &'static [(usize, usize)],
    /// Open invites, expired ones, requests to invite, requests to join.
    pending: [usize; 4],
    /// Number of the first person who has not joined.
    strangers: usize,
    teams: &'static str,
    has_sso: bool,
    /// Options that were saved once: API name, key, value.
    options: &'static [(&'static str, &'static str, &'static str)],
}

const COMPANIES: [Company; 3] = [
    Company {
        slug: "acme",
        name: "Acme",
        domain: "example.com",
        founded_days_ago: 730,
        flags: organization::flag::ALLOW_JOINLEAVE,
        size: 280,
        ranks: &[
            ("owner", 1),
            ("manager", 1),
            (MEMBER, 1),
            ("owner", 2),
            ("manager", 9),
            ("admin", 5),
        ],
        guests: &[],
        pending: [14, 6, 5, 4],
        strangers: 400,
        teams: "Customer Support,Data,Design,Finance,Legal,Marketing,Mobile,Payments,People,Platform,Sales,Security",
        has_sso: false,
        options: &[
            ("dataScrubber", "sentry:require_scrub_data", "true"),
            (
                "sensitiveFields",
                "sentry:sensitive_fields",
                r#"["iban","passport_number"]"#,
            ),
            ("apdexThreshold", "sentry:apdex_threshold", "400"),
        ],
    },
    Company {
        slug: "globex",
        name: "Globex Logistics",
        domain: "example.org",
        founded_days_ago: 500,
        // Membership is closed: people ask to be let into teams.
        flags: organization::flag::ENHANCED_PRIVACY,
        size: 72,
        ranks: &[("owner", 2), ("manager", 4), ("admin", 2)],
        guests: &[(20, 0), (24, 30), (30, 31)],
        pending: [5, 3, 2, 0],
        strangers: 440,
        teams: "Airfreight,Brokerage,Dispatch,Fleet,Pricing,Quality,Road,Sea,Warehouse",
        has_sso: true,
        options: &[],
    },
    Company {
        slug: "initech",
        name: "Initech",
        domain: "example.com",
        founded_days_ago: 200,
        flags: organization::flag::ALLOW_JOINLEAVE | organization::flag::EARLY_ADOPTER,
        size: 22,
        ranks: &[("owner", 1), ("manager", 2)],
        guests: &[(1, 0)],
        pending: [2, 1, 1, 1],
        strangers: 460,
        teams: "Backend,Compliance,Editor,Frontend,Integrations,Operations,Release,Research",
        has_sso: false,
        options: &[],
    },
];

/// Given names, family names and how they are put together; where letters are
/// not Latin, with a spelling for addresses.
#[rustfmt::skip]
const NAMES: [(&str, &str, &str); 14] = [
    ("Grace James Chloe Oliver Naomi Samuel Zoe", "Okafor Mensah Carter Bennett Hughes Walsh", "g f"),
    ("Jürgen Lena Matthias Ute Anselm Käthe Jan", "Müller Weiß Schröder König Fischer Becker", "g f"),
    ("Hélène François Inès Loïc Margaux Rémi Noémie", "Lefèvre Dubois Moreau Garçon Beaulieu Fontaine", "g f"),
    ("Íñigo João Lucía Mateus Begoña Tomás Conceição", "Núñez Araújo Ibáñez Gonçalves Peña Muñoz", "g f"),
    ("Søren Åsa Jógvan Ingrid Øyvind Saga Aino", "Sørensen Lindqvist Strand Virtanen Ødegård Bjørklund", "g f"),
    ("Łukasz Zuzanna Jiří Ayşe Božena Emre Dilşad", "Nowak Dvořák Yılmaz Kučera Öztürk Żuk", "g f"),
    ("Ольга=olga Дмитро=dmytro Світлана=svitlana Богдан=bohdan Наталія=nataliia Тарас=taras Ірина=iryna",
     "Коваленко=kovalenko Шевченко=shevchenko Мельник=melnyk Бондаренко=bondarenko Ткаченко=tkachenko Петренко=petrenko", "g f"),
    ("ნინო=nino გიორგი=giorgi თამარ=tamar ლუკა=luka ანა=ana დავით=davit ეკა=eka",
     "ბერიძე=beridze კაპანაძე=kapanadze გელაშვილი=gelashvili ლომიძე=lomidze ჩხეიძე=chkheidze მაისურაძე=maisuradze", "g f"),
    ("ليلى=layla عمر=omar فاطمة=fatima يوسف=yusuf مريم=maryam خالد=khalid هدى=huda",
     "حداد=haddad منصور=mansour نصر=nasr خوري=khoury شاهين=shahin قاسم=qasim", "g f"),
    ("נועה=noa איתי=itai שירה=shira עומר=omer יעל=yael דניאל=daniel מיכל=michal",
     "כהן=cohen לוי=levi מזרחי=mizrahi פרץ=peretz ביטון=biton אדלר=adler", "g f"),
    ("अनन्या=ananya अर्जुन=arjun प्रिया=priya रोहन=rohan मीरा=meera विक्रम=vikram कविता=kavita",
     "शर्मा=sharma पटेल=patel जोशी=joshi मेहता=mehta राव=rao देसाई=desai", "g f"),
    ("伟=wei 秀英=xiuying 子涵=zihan 浩然=haoran 静=jing 明哲=mingzhe 雨桐=yutong", "王=wang 李=li 陈=chen 刘=liu 赵=zhao 黄=huang", "fg"),
    ("さくら=sakura 健太=kenta 美咲=misaki 翔=sho 陽菜=hina 大輔=daisuke 結衣=yui",
     "佐藤=sato 鈴木=suzuki 高橋=takahashi 田中=tanaka 渡辺=watanabe 伊藤=ito", "f g"),
    ("민준=minjun 서연=seoyeon 지훈=jihun 하은=haeun 도윤=doyun 수빈=subin 예린=yerin", "김=kim 이=lee 박=park 최=choi 정=jung 강=kang", "fg"),
];

/// Subject and name of a person; no two are the same.
fn identity(person: usize) -> (String, String) {
    if let Some((subject, name)) = [
        ("ann", "Ann Bergström"),
        ("bob", "Bob Oyelaran"),
        ("cara", "Cara Rossi"),
    ]
    .get(person)
    {
        return ((*subject).into(), (*name).into());
    }
    let (given, family, order) = NAMES[person % NAMES.len()];
    // Seven given and six family names: all pairs come before one comes again.
    let pick = |names: &'static str| {
        let names: Vec<_> = names.split(' ').collect();
        let name = names[person / NAMES.len() % names.len()];
        name.split_once('=')
            .map_or_else(|| (name, slug::slugify(name)), |(name, latin)| (name, latin.into()))
    };
    let ((given, latin_given), (family, latin_family)) = (pick(given), pick(family));
    (
        format!("{latin_given}.{latin_family}"),
        order.replace('g', given).replace('f', family),
    )
}

/// Fills an empty database with three organizations, their teams, members,
/// invites and requests. Of several nodes that start at once, one does it.
///
/// Returns whether it did: a database that knows an organization or a person
/// is left as it is.
///
/// # Errors
/// When the database fails. Nothing is filled in then.
pub async fn fill(app: &App, now: DateTime<Utc>) -> Result<bool> {
    let tx = db::begin_write(&app.db).await?;
    if organization::Entity::find().count(&*tx).await? > 0 || user::Entity::find().count(&*tx).await? > 0 {
        return Ok(false);
    }
    let mut organizations = Vec::new();
    for company in &COMPANIES {
        // Another node that is filling holds this slug until it is done.
        let Some(organization) = found(&tx, company, now).await? else {
            return Ok(false);
        };
        organizations.push(organization);
    }

    let (mut people, mut joined) = (Vec::new(), Vec::new());
    for company in &COMPANIES {
        let first = people.len();
        let mut seats: Vec<usize> = (first..first + company.size - company.guests.len()).collect();
        company
            .guests
            .iter()
            .for_each(|(seat, person)| seats.insert(*seat, *person));
        for (seat, person) in seats.iter().enumerate().filter(|(_, person)| **person >= first) {
            people.push(human(app, company, *person, joined_at(company, seat, now)));
        }
        joined.push(seats);
    }
    let people = insert(&tx, people).await?;
    for ((company, organization), seats) in COMPANIES.iter().zip(organizations).zip(joined) {
        let people = seats.iter().map(|person| &people[*person]).collect();
        Scene {
            app,
            tx: &tx,
            now,
            company,
            organization,
            people,
        }
        .fill()
        .await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Inserts rows; they come back in the same order.
async fn insert<A, M>(tx: &Write, rows: Vec<A>) -> Result<Vec<M>>
where
    A: ActiveModelTrait + ActiveModelBehavior + Send,
    A::Entity: EntityTrait<Model = M, ActiveModel = A>,
    M: IntoActiveModel<A>,
{
    let mut inserted = Vec::with_capacity(rows.len());
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk: Vec<_> = rows.by_ref().take(CHUNK).collect();
        inserted.extend(A::Entity::insert_many(chunk).exec_with_returning(&**tx).await?);
    }
    Ok(inserted)
}

/// `None` if the organization is there already.
async fn found(tx: &Write, company: &Company, now: DateTime<Utc>) -> Result<Option<organization::Model>> {
    let row = organization::ActiveModel {
        name: Set(company.name.into()),
        slug: Set(company.slug.into()),
        status: Set(organization::OrganizationStatus::Active),
        date_added: Set(joined_at(company, 0, now)),
        default_role: Set(MEMBER.into()),
        is_test: Set(false),
        flags: Set(company.flags),
        ..Default::default()
    };
    let free = OnConflict::column(organization::Column::Slug).do_nothing().to_owned();
    match organization::Entity::insert(row)
        .on_conflict(free)
        .exec_with_returning(&**tx)
        .await
    {
        Err(DbErr::RecordNotInserted | DbErr::RecordNotFound(_)) => Ok(None),
        result => Ok(Some(result?)),
    }
}

/// When the `seat`-th member joined: evenly, from the first day until today.
fn joined_at(company: &Company, seat: usize, now: DateTime<Utc>) -> DateTime<Utc> {
    let share = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    let age = TimeDelta::days(company.founded_days_ago) * share(company.size - seat) / share(company.size);
    (now - age).trunc_subsecs(0)
}

fn human(app: &App, company: &Company, person: usize, first_seen: DateTime<Utc>) -> user::ActiveModel {
    let (subject, name) = identity(person);
    // Somebody without an address, and some who spell theirs in capitals.
    let email = (person % 131 != 100).then(|| match person % 29 {
        5 => format!("{}@{}", subject.to_uppercase(), company.domain),
        _ => format!("{subject}@{}", company.domain),
    });
    user::ActiveModel {
        issuer: Set(app.config.auth.issuer.clone()),
        subject: Set(subject),
        name: Set(name),
        email_key: Set(email.as_deref().map(str::to_lowercase)),
        is_email_verified: Set(email.is_some() && person % 23 != 7),
        email: Set(email),
        has_two_factor: Set(person % 3 != 1),
        avatar_url: Set(None),
        is_active: Set(person % 120 != 119),
        date_added: Set(first_seen),
        ..Default::default()
    }
}

/// One organization and what it is filled from.
struct Scene<'a> {
    app: &'a App,
    tx: &'a Write,
    now: DateTime<Utc>,
    company: &'static Company,
    organization: organization::Model,
    /// Everybody who joined, in that order.
    people: Vec<&'a user::Model>,
}

/// Members of an organization and the teams of each.
type Places = Vec<(member::Model, Vec<team::Model>)>;

impl Scene<'_> {
    async fn fill(&self) -> Result<()> {
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
                .map(move |team| self.membership(row, team.id, number % 8 == 0 && team.id == teams[0].id))
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
        self.company.has_sso && seat % 2 == 0
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
            let role = if is_invite && number % 5 == 0 {
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
                ..self.row(at)
            };
            (at, row)
        })
    }

    /// One to three teams for each, in the order of their slugs.
    fn seat(&self, number: usize, row: member::Model, teams: &[team::Model]) -> (member::Model, Vec<team::Model>) {
        let more = [
            (number % 3 == 0).then_some(number * 5 + 2),
            (number % 10 == 0).then_some(number * 7 + 4),
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
        let rows = members.zip(0..).filter_map(|((row, own), day)| {
            let team = teams.iter().find(|team| own.iter().all(|own| own.id != team.id))?;
            Some(access_request::ActiveModel {
                team_id: Set(team.id),
                member_id: Set(row.id),
                requester_id: Set((day % 3 == 1).then(|| self.people[0].id)),
                date_added: Set(self.now - TimeDelta::days(6 - day)),
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
            let data = json!({ "id": entity::ids::RowId::global(team.id), "slug": team.slug, "name": team.name, "status": team.status as i32 });
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
        let (at, line) = self.line(at, actor, event, MemberId::into(row.id), data);
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
