//! API tokens: which scope, held alone, suffices for what.

use super::*;
use crate::read::walk::Schema;

/// Scopes that no role has (§3.3); the roles tell the others.
const NOT_OF_ROLES: [&str; 4] = ["org:ci", "openid", "profile", "email"];

/// Every scope there is.
async fn scopes(client: &Client) -> Vec<String> {
    let reply = client.send("{ roles { scopes } }", json!({})).await.ok();
    let roles = reply.data("roles").as_array().unwrap().iter();
    let scopes = roles.flat_map(|role| role["scopes"].as_array().unwrap());
    let mut scopes: BTreeSet<_> = scopes.map(|scope| scope.as_str().unwrap().to_owned()).collect();
    assert_eq!(scopes.len(), 20, "{scopes:?}");
    scopes.extend(NOT_OF_ROLES.map(str::to_owned));
    scopes.into_iter().collect()
}

/// A token of the organization for each scope.
async fn apps(app: &TestApp, scene: &Scene, scopes: &[String]) -> BTreeMap<String, Client> {
    let mut apps = BTreeMap::new();
    for scope in scopes {
        apps.insert(scope.clone(), scene.app(app, &[scope]).await);
    }
    apps
}

/// The mutation that a row of the table is about: itself, or one whose link is
/// meant.
fn mutation_of(name: &str) -> Option<String> {
    match name.split_once('.') {
        None => Some(name.to_owned()),
        Some((kind, _)) => fields::mutation_of(kind),
    }
}

/// Asks a mutation, or for its link.
async fn ask(client: &Client, name: &str, input: Value) -> String {
    match name.split_once('.') {
        None => ask::answer(client, name, input).await,
        Some((kind, _)) => fields::link(client, kind, input).await,
    }
}

/// Whether something was changed, even if its link does not show.
fn is_done(cell: &str) -> bool {
    CHANGES.contains(&cell) || cell == "null"
}

#[tokio::test]
async fn with_a_scope_that_does_not_suffice_a_mutation_changes_nothing() {
    let (app, book) = (start().await, Book::read());
    let (cast, scopes) = (Cast::of(&app).await, scopes(&app.anonymous()).await);
    let mut scenes = BTreeMap::new();
    for circumstance in ["", "closed", "no invites", "with provider"] {
        let scene = Scene::make(&app, &cast, Gate::Open, circumstance).await;
        let apps = apps(&app, &scene, &scopes).await;
        scenes.insert(circumstance, (scene, apps));
    }
    let mut wrong = Vec::new();
    for (row, name) in book.entries("API tokens") {
        let Some(mutation) = mutation_of(name) else { continue };
        let circumstance = mutations::circumstances(&mutation, &row.case);
        let (scene, apps) = &scenes[circumstance];
        let input = ask::mutation(&app, &cast, scene, &mutation, &row.case, "an app").await;
        let before = app.db_snapshot().await;
        for scope in scopes.iter().filter(|scope| !is_done(row.of_scope(scope))) {
            let answer = ask(&apps[scope], name, input.clone()).await;
            wrong.extend(row.differs(&book, name, scope, row.of_scope(scope), &answer));
        }
        if app.db_snapshot().await != before {
            wrong.push(format!("{name} ({}): something was changed", row.case));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn with_a_scope_that_suffices_a_mutation_is_done() {
    let (app, book) = (start().await, Book::read());
    let (cast, scopes) = (Cast::of(&app).await, scopes(&app.anonymous()).await);
    let mut wrong = Vec::new();
    for (row, name) in book.entries("API tokens") {
        let Some(mutation) = mutation_of(name) else { continue };
        for scope in &scopes {
            let cell = row.of_scope(scope);
            if !is_done(cell) {
                continue;
            }
            let circumstance = mutations::circumstances(&mutation, &row.case);
            let scene = Scene::make(&app, &cast, Gate::Open, circumstance).await;
            let input = ask::mutation(&app, &cast, &scene, &mutation, &row.case, "an app").await;
            let answer = ask(&scene.app(&app, &[scope]).await, name, input).await;
            wrong.extend(row.differs(&book, name, scope, cell, &answer));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn of_all_scopes_these_suffice_for_a_restricted_field() {
    let (app, book) = (start().await, Book::read());
    let (cast, schema) = (Cast::of(&app).await, Schema::of(&app.anonymous()).await);
    let scopes = scopes(&app.anonymous()).await;
    let mut wrong = Vec::new();
    for circumstance in ["with provider", "closed", "no invites"] {
        let scene = Scene::make(&app, &cast, Gate::Open, circumstance).await;
        let link = scene.link(&app, &cast).await;
        let apps = apps(&app, &scene, &scopes).await;
        for (row, name) in book.entries("API tokens") {
            if mutation_of(name).is_some() || fields::circumstances(&row.case) != circumstance {
                continue;
            }
            for (scope, client) in &apps {
                let cell = row.of_scope(scope);
                let caller = (scope.as_str(), client);
                let answer = fields::answer(&schema, &cast, &scene, (name, &row.case), caller, &link).await;
                wrong.extend(row.differs(&book, name, scope, cell, &answer));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
