//! What the schema promises a caller, the mutation keeps: every field that tells
//! what one may do is asked in random states, of random viewers and targets, and
//! then it is tried.

use std::collections::BTreeSet;

use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};

use super::{
    draw::{self, Cast},
    player::Player,
    run_cases,
    state::{Caller, Role, World},
    step::{Act, Pick, Step, Voice},
};
use crate::support::TestApp;

/// Runs, unless `PROPTEST_CASES` says otherwise.
const CASES: u32 = 16;
/// Most changes of a run, and the questions after each.
const CHANGES: usize = 60;
const QUESTIONS: usize = 4;

/// Every field that tells what one may do.
const FIELDS: [(&str, &str); 14] = [
    ("Invite", "viewerCanDecide"),
    ("Invite", "viewerCanResend"),
    ("Invite", "viewerCanRevoke"),
    ("Member", "assignableRoles"),
    ("Member", "isOnlyOwner"),
    ("Member", "viewerCanRemove"),
    ("Member", "viewerCanUpdateRoles"),
    ("Organization", "viewerCanCreateTeam"),
    ("Organization", "viewerCanDelete"),
    ("Organization", "viewerCanInvite"),
    ("Organization", "viewerCanSaveOptions"),
    ("Organization", "viewerInvitableRoles"),
    ("Team", "viewerCanJoin"),
    ("Team", "viewerCanUpdate"),
];

/// A field, whose it is, and who asks; with a role for lists of roles.
#[derive(Clone, Debug)]
struct Question {
    voice: Voice,
    field: (&'static str, &'static str),
    of: Pick,
    role: Role,
}

fn question() -> impl Strategy<Value = Question> {
    (draw::voice(), select(&FIELDS[..]), draw::pick(), select(&Role::ALL[..]))
        .prop_map(|(voice, field, of, role)| Question { voice, field, of, role })
}

/// Something was changed.
#[derive(PartialEq, Eq)]
struct Done;

impl Question {
    /// The object, as the player knows it. `None`: there is none.
    fn object(&self, world: &World) -> Option<String> {
        match self.field {
            ("Invite", "viewerCanDecide") => self.of.request(world).map(|key| format!("@invite {key}")),
            ("Invite", _) => self.of.invite(world).map(|key| format!("@invite {key}")),
            ("Member", _) => self.of.member(world).map(|key| format!("@member {key}")),
            ("Team", _) => self.of.team(world).map(|key| format!("@team {key}")),
            _ => Some("@organization".into()),
        }
    }

    /// What the field promises. `None`: the caller does not see the object.
    async fn promise(&self, player: &Player<'_>, world: &World, object: &str) -> Option<bool> {
        let (of, field) = self.field;
        let selection = if field.ends_with("Roles") && field != "viewerCanUpdateRoles" {
            "{ id }"
        } else {
            ""
        };
        let query = format!("query($id: ID!) {{ node(id: $id) {{ ... on {of} {{ {field} {selection} }} }} }}");
        let reply = player.ask(self.caller(world), &query, json!({ "id": object })).await;
        let value = &reply.body["data"]["node"][field];
        let is_listed = |roles: &Vec<Value>| roles.iter().any(|role| role["id"] == self.role.id());
        value.as_array().map(is_listed).or(value.as_bool())
    }

    fn caller(&self, world: &World) -> Caller {
        let step = Step {
            voice: self.voice,
            act: Act::LeaveOrganization,
        };
        step.caller(world)
    }

    /// What has to go well if the field promises it, and not otherwise.
    fn trial(&self, world: &World, object: &str) -> Option<(&'static str, Value)> {
        let here = |mut input: Value| {
            input["organizationId"] = json!("@organization");
            input
        };
        let email = format!("nobody{}.{}@example.com", world.members_ever, world.run);
        let own = match self.caller(world) {
            Caller::Person(person) => world.member_of(person),
            _ => None,
        };
        let (mutation, input) = match self.field.1 {
            "viewerCanDecide" => ("rejectInviteRequest", json!({ "inviteId": object })),
            "viewerCanResend" => (
                "resendInvite",
                json!({ "memberId": object.replace("invite", "member") }),
            ),
            "viewerCanRevoke" => ("revokeInvite", json!({ "inviteId": object })),
            "assignableRoles" => (
                "updateMemberRoles",
                json!({ "memberId": object, "orgRole": self.role.id() }),
            ),
            "isOnlyOwner" | "viewerCanRemove" => ("removeMember", json!({ "memberId": object })),
            "viewerCanUpdateRoles" => ("updateMemberRoles", json!({ "memberId": object })),
            "viewerCanCreateTeam" => ("createTeam", here(json!({ "name": "Team" }))),
            "viewerCanDelete" => ("deleteOrganization", here(json!({ "confirmSlug": "@slug" }))),
            "viewerCanInvite" => ("createInvite", here(json!({ "email": email }))),
            "viewerInvitableRoles" => (
                "createInvite",
                here(json!({ "email": email, "orgRole": self.role.id() })),
            ),
            // Whoever restores the organization saves something.
            "viewerCanSaveOptions" => (
                "saveOrgOptions",
                here(json!({ "cancelDeletion": world.organization.awaits_deletion })),
            ),
            // Who has no row here has nothing to try.
            "viewerCanJoin" => (
                "addTeamMember",
                json!({ "teamId": object, "memberId": format!("@member {}", own?) }),
            ),
            "viewerCanUpdate" => ("updateTeam", json!({ "teamId": object })),
            field => panic!("how is {field} tried?"),
        };
        Some((mutation, input))
    }

    /// Asks and tries. `None`: there was nothing to try, or it was refused.
    async fn check(&self, player: &Player<'_>, world: &World) -> Result<Option<Done>, String> {
        let Some(object) = self.object(world) else {
            return Ok(None);
        };
        let Some(promise) = self.promise(player, world, &object).await else {
            return Ok(None);
        };
        let caller = self.caller(world);
        let Some((mutation, input)) = self.trial(world, &object) else {
            return match promise {
                false => Ok(None),
                true => Err(format!("{caller:?} has no place here to be put anywhere")),
            };
        };
        let fields = if mutation == "addTeamMember" {
            "teamMembership { id }"
        } else {
            ""
        };
        let reply = player.mutate(caller, mutation, fields, input.clone()).await;
        let mut codes = reply.error_codes();
        if codes.is_empty() {
            codes = reply.codes(mutation);
        }
        let is_done = codes.is_empty();
        let is_kept = match self.field.1 {
            // Whoever else may not remove them hears of that first.
            "isOnlyOwner" => promise == (codes == ["LAST_OWNER"]) || (promise && !is_done),
            // A request was opened, and nobody joined.
            "viewerCanJoin" => promise == reply.body["data"][mutation]["teamMembership"].is_object(),
            // To name the role that somebody has changes nothing, and is refused to
            // nobody who may change something else.
            "assignableRoles" if self.has_role(world, &object) => is_done || !promise,
            _ => promise == is_done,
        };
        if is_kept {
            return Ok(is_done.then_some(Done));
        }
        let asked = format!("{}.{} ({})", self.field.0, self.field.1, self.role.id());
        Err(format!(
            "{asked} of {object} is {promise} for {caller:?}, and {mutation} {input} answers {codes:?}"
        ))
    }

    fn has_role(&self, world: &World, object: &str) -> bool {
        let key = object.rsplit(' ').next().and_then(|key| key.parse().ok());
        key.is_some_and(|key: usize| world.members[&key].role == self.role)
    }
}

#[test]
fn what_the_fields_promise_the_mutations_keep() {
    let change = (draw::step(), vec(question(), QUESTIONS));
    run_cases(
        CASES,
        "tests/it/model/permissions.txt",
        vec(change, 1..=CHANGES),
        ask_and_try,
    );
}

async fn ask_and_try(
    app: &TestApp,
    run: usize,
    cast: &Cast,
    steps: &[(Step, Vec<Question>)],
    story: &mut String,
) -> Result<(), String> {
    let mut player = Player::start(app, run, cast).await;
    let mut world = player.look().await.world;
    for (step, questions) in steps {
        let before = story.len();
        *story += &format!("{:?}: {:?}\n", step.caller(&world), step.act);
        player.play(step, &world).await;
        let after = player.look().await.world;
        if after == world {
            story.truncate(before);
        }
        world = after;
        for question in questions {
            let tried = question
                .check(&player, &world)
                .await
                .map_err(|wrong| format!("{wrong}\n{world:#?}"))?;
            if tried == Some(Done) {
                *story += &format!("{:?}: tried {:?}\n", question.caller(&world), question.field);
                if question.field.1 == "viewerCanDelete" {
                    player.db_restore().await;
                }
                world = player.look().await.world;
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn every_field_that_promises_something_is_tried() {
    let app = TestApp::start().await;
    let query = "{ __schema { types { name kind fields { name } } } }";
    let reply = app.anonymous().send(query, json!({})).await.ok();
    let promises = |name: &str| {
        name.starts_with("viewerCan") || ["viewerInvitableRoles", "assignableRoles", "isOnlyOwner"].contains(&name)
    };
    let mut served = BTreeSet::new();
    for one in reply.data("__schema.types").as_array().unwrap() {
        for field in one["fields"].as_array().into_iter().flatten() {
            let field = field["name"].as_str().unwrap();
            if promises(field) {
                served.insert((one["name"].as_str().unwrap(), field));
            }
        }
    }

    assert_eq!(FIELDS.into_iter().collect::<BTreeSet<_>>(), served);
}
