//! How steps are drawn: so that most of them can succeed, and all refusals come.

use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{select, subsequence},
};

use super::{
    state::{APPS, Caller, PEOPLE, ROOT, Role},
    step::{Act, Email, FLAGS, Options, Pick, Reinvite, Step, Voice},
};

/// How a run begins.
#[derive(Clone, Debug)]
pub struct Cast {
    /// Roles of everybody after Ann, who is the owner. The superuser has none.
    pub roles: Vec<Option<Role>>,
    /// Whether membership is open.
    pub is_open: bool,
}

pub fn cast() -> impl Strategy<Value = Cast> {
    let roles = vec(option::weighted(0.8, select(&Role::ALL[..])), ROOT - 1);
    (roles, proptest::bool::weighted(0.4)).prop_map(|(roles, is_open)| Cast { roles, is_open })
}

/// Steps as they may come.
pub fn step() -> impl Strategy<Value = Step> {
    (voice(), act()).prop_map(|(voice, act)| {
        let voice = match (voice, &act) {
            // Who is there already has no use for an invite.
            (Voice::Insider(pick), Act::AcceptInvite { .. }) if pick.0 % 8 != 0 => Voice::Outsider(pick),
            (Voice::Insider(pick), Act::SetMemberFlags { .. } | Act::SetUserActive { .. }) if pick.0 % 8 != 0 => {
                Voice::Other(Caller::Person(ROOT))
            }
            (voice, _) => voice,
        };
        Step { voice, act }
    })
}

pub fn voice() -> impl Strategy<Value = Voice> {
    prop_oneof![
        20 => pick().prop_map(Voice::Insider),
        1 => pick().prop_map(Voice::Outsider),
        5 => Just(Voice::Other(Caller::Person(ROOT))),
        2 => (0..APPS.len()).prop_map(|app| Voice::Other(Caller::App(app))),
        1 => Just(Voice::Other(Caller::Nobody)),
    ]
}

pub fn pick() -> impl Strategy<Value = Pick> {
    any::<u8>().prop_map(Pick)
}

fn email() -> impl Strategy<Value = Email> {
    prop_oneof![
        6 => (0..PEOPLE.len(), any::<bool>()).prop_map(|(person, is_loud)| Email::Known(person, is_loud)),
        6 => (0..5u8).prop_map(Email::Stranger),
        1 => Just(Email::Malformed),
        1 => Just(Email::Blocked),
    ]
}

fn role() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        5 => Just("member"),
        2 => Just("admin"),
        5 => Just("manager"),
        5 => Just("owner"),
        1 => Just("emperor"),
    ]
}

fn slug() -> impl Strategy<Value = &'static str> {
    select(&["red", "green", "blue"][..])
}

/// Mostly good ones.
fn slugs() -> impl Strategy<Value = Vec<&'static str>> {
    prop_oneof![
        8 => subsequence(vec!["red", "green"], 0..=2),
        1 => subsequence(vec!["red", "blue", "nowhere"], 1..=2),
        1 => Just(vec!["red", "red"]),
    ]
}

/// The same with team roles.
fn teams() -> impl Strategy<Value = Vec<(&'static str, Option<&'static str>)>> {
    let team = |slug| option::of(team_role()).prop_map(move |role| (slug, role));
    slugs().prop_flat_map(move |slugs| slugs.into_iter().map(team).collect::<Vec<_>>())
}

fn team_role() -> impl Strategy<Value = &'static str> {
    prop_oneof![5 => Just("contributor"), 8 => Just("admin"), 1 => Just("captain")]
}

fn flag_value() -> impl Strategy<Value = bool> {
    // Flags get in the way of everything else, so they do not last.
    prop_oneof![2 => Just(true), 3 => Just(false)]
}

fn options() -> impl Strategy<Value = Options> {
    let none = Options::default;
    prop_oneof![
        4 => flag_value().prop_map(move |is| Options { open_membership: Some(is), ..none() }),
        3 => any::<bool>().prop_map(move |is| Options { allow_member_invite: Some(is), ..none() }),
        2 => any::<bool>().prop_map(move |is| Options { allow_join_requests: Some(is), ..none() }),
        2 => flag_value().prop_map(move |is| Options { require_two_factor: Some(is), ..none() }),
        2 => flag_value().prop_map(move |is| Options { require_email_verification: Some(is), ..none() }),
        1 => any::<bool>().prop_map(move |is| Options { allow_superuser_access: Some(is), ..none() }),
        2 => role().prop_map(move |role| Options { default_role: Some(role), ..none() }),
        2 => (option::of(any::<bool>()), option::of(role()), option::of(flag_value()), option::of(flag_value())).prop_map(
            move |(open_membership, default_role, require_two_factor, require_email_verification)| Options {
                open_membership, default_role, require_two_factor, require_email_verification, ..none()
            }),
        4 => Just(Options { cancel_deletion: Some(true), ..none() }),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let terms = || (option::of(role()), slugs());
    let invites = prop_oneof![
        8 => pick().prop_map(|link| Act::AcceptInvite { link }),
        6 => (email(), terms()).prop_map(|(email, (role, teams))| Act::CreateInvite { email, role, teams }),
        2 => (vec(email(), 1..4), terms())
            .prop_map(|(emails, (role, teams))| Act::CreateInvites { emails, role, teams }),
        3 => (pick(), any::<bool>()).prop_map(|(row, regenerate)| Act::ResendInvite { row, regenerate }),
        2 => pick().prop_map(|row| Act::RevokeInvite { row }),
        4 => (email(), terms()).prop_map(|(email, (role, teams))| Act::RequestInvite { email, role, teams }),
        3 => email().prop_map(|email| Act::RequestToJoin { email }),
        6 => (pick(), option::of(role()), option::of(slugs()))
            .prop_map(|(row, role, teams)| Act::ApproveInviteRequest { row, role, teams }),
        2 => pick().prop_map(|row| Act::RejectInviteRequest { row }),
        1 => pick().prop_map(|row| Act::Expire { row }),
    ];
    let reinvite = || option::weighted(0.2, select(&[Reinvite::SameLink, Reinvite::NewLink][..]));
    let members = prop_oneof![
        10 => (pick(), option::of(role()), option::of(teams()), reinvite())
            .prop_map(|(row, role, teams, reinvite)| Act::UpdateMemberRoles { row, role, teams, reinvite }),
        2 => pick().prop_map(|row| Act::RemoveMember { row }),
        1 => Just(Act::LeaveOrganization),
        2 => pick().prop_map(|row| Act::TransferOwnership { row }),
        2 => select(&[Some("google"), Some("google"), Some("okta"), None][..]).prop_map(|idp| Act::LinkSsoIdentity { idp }),
        4 => (pick(), 0..FLAGS.len(), flag_value())
            .prop_map(|(row, flag, is_set)| Act::SetMemberFlags { row, flag, is_set }),
        2 => (0..PEOPLE.len(), prop_oneof![1 => Just(false), 3 => Just(true)])
            .prop_map(|(person, is_active)| Act::SetUserActive { person, is_active }),
    ];
    let organization = prop_oneof![
        8 => options().prop_map(Act::SaveOrgOptions),
        // Mostly gone again, as it shuts people out.
        3 => (select(&[None, None, Some("google"), Some("google"), Some("okta")][..]), any::<bool>(), any::<bool>())
            .prop_map(|(provider, allow_unlinked, scim)| Act::SetAuthProvider { provider, allow_unlinked, scim }),
        1 => option::weighted(0.4, Just(())).prop_map(|is| Act::DeleteOrganization { is_confirmed: is.is_some() }),
    ];
    let rooms = prop_oneof![
        4 => slug().prop_map(|slug| Act::CreateTeam { slug }),
        2 => (pick(), option::of(slug()), option::of(flag_value()))
            .prop_map(|(team, slug, is_idp_provisioned)| Act::UpdateTeam { team, slug, is_idp_provisioned }),
        1 => pick().prop_map(|team| Act::DeleteTeam { team }),
        6 => (pick(), pick()).prop_map(|(team, row)| Act::AddTeamMember { team, row }),
        3 => pick().prop_map(|place| Act::RemoveTeamMember { place }),
        6 => (pick(), team_role()).prop_map(|(place, role)| Act::UpdateTeamMemberRole { place, role }),
        5 => (pick(), any::<bool>())
            .prop_map(|(wish, is_approved)| Act::DecideTeamAccessRequest { wish, is_approved }),
    ];
    // Boxed, as all of them together are large for the stack of a test.
    prop_oneof![6 => invites.boxed(), 5 => members.boxed(), 3 => organization.boxed(), 5 => rooms.boxed()].boxed()
}
