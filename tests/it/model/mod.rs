//! Random sequences of every mutation that membership knows, against a model of
//! the rules: the server's answer to each step, the state after it, the audit log
//! and the outbox are what the model says.
//!
//! `PROPTEST_CASES` raises the number of runs. A run that fails is shrunk, printed
//! as a list of steps, and kept in `regressions.txt` to be run first from then on.

mod draw;
mod invariants;
mod permissions;
mod player;
mod rules;
mod state;
mod step;

use std::{
    collections::BTreeSet,
    fmt::Debug,
    panic::AssertUnwindSafe,
    sync::atomic::{AtomicUsize, Ordering},
};

use futures_util::FutureExt;
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, FileFailurePersistence, TestError, TestRunner},
};
use serde_json::json;

use self::{
    draw::Cast,
    player::{Player, owned},
    state::World,
    step::Step,
};
use crate::support::TestApp;

/// Runs of a test run, unless `PROPTEST_CASES` says otherwise.
const CASES: u32 = 24;
/// Most steps of a run.
const STEPS: usize = 240;

/// How long a run that fails is made smaller.
const SHRINKING_MS: u32 = 60_000;

/// Mutations that are no step, and why.
const LEFT_OUT: [(&str, &str); 9] = [
    (
        "createOrganization",
        "makes another organization, and changes none; every run begins with it",
    ),
    (
        "createApiToken",
        "makes a credential, no member; apps with tokens of all kinds are among the callers",
    ),
    ("revokeApiToken", "ends a credential"),
    ("createWebhook", "tells others of members, and changes none"),
    ("updateWebhook", "changes what others are told"),
    ("deleteWebhook", "ends what others are told"),
    ("rotateWebhookSecret", "changes how others are told"),
    ("redeliverWebhook", "tells others again"),
    ("saveViewerAvatar", "changes how a person looks, and no member"),
];

#[test]
fn the_server_does_what_the_rules_say() {
    run_cases(
        CASES,
        "tests/it/model/regressions.txt",
        vec(draw::step(), 1..=STEPS),
        play,
    );
}

/// Plays random runs on one server, each in an organization of its own. What
/// went wrong comes after the story that led there, which says more than the
/// steps as they were drawn.
fn run_cases<T: Debug>(
    cases: u32,
    kept_in: &'static str,
    steps: impl Strategy<Value = Vec<T>>,
    play: impl AsyncFn(&TestApp, usize, &Cast, &[T], &mut String) -> Result<(), String>,
) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let app = runtime.block_on(TestApp::start_with(|config| config.rate_limits.enabled = false));
    let runs = AtomicUsize::new(0);
    let mut config = Config {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(kept_in))),
        max_shrink_time: SHRINKING_MS,
        ..Config::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    let outcome = TestRunner::new(config).run(&(draw::cast(), steps), |(cast, steps)| {
        let run = runs.fetch_add(1, Ordering::Relaxed);
        let mut story = String::new();
        // On the heap: unoptimised, it is large for the stack of a test.
        let played = AssertUnwindSafe(Box::pin(play(&app, run, &cast, &steps, &mut story))).catch_unwind();
        let wrong = match runtime.block_on(played) {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(wrong)) => wrong,
            Err(panic) => panic.downcast::<String>().map_or("it panicked".into(), |why| *why),
        };
        Err(TestCaseError::fail(format!("{wrong}\n\n{story}")))
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(why, _)) => panic!("{why}"),
        Err(error) => panic!("{error}"),
    }
}

/// Plays one run, and writes down what changes something. The first thing that
/// goes wrong ends it.
async fn play(app: &TestApp, run: usize, cast: &Cast, steps: &[Step], story: &mut String) -> Result<(), String> {
    let mut player = Player::start(app, run, cast).await;
    let mut world = player.look().await.world;
    *story += "In the beginning there are\n";
    for (key, row) in &world.members {
        *story += &format!("  @member {key}: {row:?}\n");
    }
    for step in steps {
        let request = step.act.request(&world);
        let what = request.map_or_else(
            || format!("{:?}", step.act),
            |(mutation, input)| format!("{mutation} {input}"),
        );
        let before = story.len();
        *story += &format!("{:?}: {what}\n", step.caller(&world));
        let answer = player.play(step, &world).await;
        let sight = player.look().await;
        check(&world, step, &answer, &sight)?;
        // What changed nothing led nowhere.
        if sight.world == world {
            story.truncate(before);
        }
        world = sight.world;
    }
    Ok(())
}

fn check(before: &World, step: &Step, answer: &player::Answer, sight: &player::Sight) -> Result<(), String> {
    let predicted = before.predict(step);
    same("the answer", &owned(&predicted.refused), &answer.refused)?;
    let results: Vec<_> = predicted.results.iter().map(owned).collect();
    same("the results", &results, &answer.results)?;
    same("whether a link is shown", &predicted.shows_link, &answer.shows_link)?;

    let (expected, found) = (&predicted.world, &sight.world);
    same("the organization", &expected.organization, &found.organization)?;
    same("the provider", &expected.provider, &found.provider)?;
    same("the identities", &expected.identities, &found.identities)?;
    same("who is inactive", &expected.inactive, &found.inactive)?;
    same("the members", &expected.members, &found.members)?;
    same("the teams", &expected.teams, &found.teams)?;
    same("who is in which team", &expected.places, &found.places)?;
    same("the requests for access", &expected.wishes, &found.wishes)?;
    same("anything else", expected, found)?;

    let sorted = |entries: &[rules::Entry]| {
        let mut lines: Vec<_> = entries.iter().map(|entry| format!("{entry:?}")).collect();
        lines.sort();
        lines
    };
    same("the audit log", &sorted(&predicted.audit), &sorted(&sight.audit))?;
    same("the outbox", &predicted.touched, &sight.touched)?;
    invariants::check(before, step, sight)
}

fn same<T: PartialEq + Debug>(what: &str, expected: &T, found: &T) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    Err(format!(
        "{what}: the rules say\n  {expected:#?}\nand it is\n  {found:#?}"
    ))
}

#[tokio::test]
async fn every_mutation_is_a_step_or_left_out_for_a_reason() {
    let app = TestApp::start().await;
    let reply = app
        .anonymous()
        .send("{ __schema { mutationType { fields { name } } } }", json!({}))
        .await
        .ok();
    let fields = reply.data("__schema.mutationType.fields").as_array().unwrap();
    let served: BTreeSet<_> = fields.iter().map(|field| field["name"].as_str().unwrap()).collect();

    let steps: BTreeSet<_> = step::MUTATIONS.into_iter().collect();
    let left_out: BTreeSet<_> = LEFT_OUT.into_iter().map(|(mutation, _)| mutation).collect();

    assert_eq!(&steps | &left_out, served);
    assert!(steps.is_disjoint(&left_out));
}
