//! Every mutation, asked as every caller.

use super::*;

/// The circumstances that the organization of a row is in.
pub fn circumstances(name: &str, case: &str) -> &'static str {
    match case {
        _ if name == "linkSsoIdentity" => "with provider",
        _ if case.contains("closed") => "closed",
        _ if case.contains("no invites") => "no invites",
        _ => "",
    }
}

/// One organization for each gate and circumstance is enough for all who are
/// refused: they change nothing.
#[tokio::test]
async fn who_may_not_is_refused_and_changes_nothing() {
    let (app, book) = (start().await, Book::read());
    let cast = Cast::of(&app).await;
    let mut scenes = BTreeMap::new();
    for circumstance in ["", "closed", "no invites", "with provider"] {
        scenes.insert(circumstance, Scene::of_each_gate(&app, &cast, circumstance).await);
    }
    let mut wrong = Vec::new();
    for (row, name) in book.entries("Mutations") {
        let mut asked = Vec::new();
        for (caller, cell) in refused(row) {
            let scene = &scenes[circumstances(name, &row.case)][&Gate::of(&caller)];
            let input = ask::mutation(&app, &cast, scene, name, &row.case, &caller).await;
            asked.push((caller, cell, input));
        }
        let before = app.db_snapshot().await;
        for (caller, cell, input) in asked {
            let answer = ask::answer(cast.client(&caller), name, input).await;
            wrong.extend(row.differs(&book, name, &caller, cell, &answer));
        }
        if app.db_snapshot().await != before {
            wrong.push(format!("{name} ({}): something was changed", row.case));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Whoever is refused, and how; of a gate, plain members are told, too.
fn refused(row: &Row) -> Vec<(String, &str)> {
    let mut callers = Vec::new();
    for (caller, cell) in row.callers() {
        if GATES.contains(&cell) {
            callers.push((format!("plain {caller}"), cell));
        }
        if !CHANGES.contains(&cell) && cell != "-" {
            callers.push((caller.to_owned(), cell));
        }
    }
    callers
}

#[tokio::test]
async fn who_may_does_it() {
    let (app, book) = (start().await, Book::read());
    let cast = Cast::of(&app).await;
    let mut wrong = Vec::new();
    for (row, name) in book.entries("Mutations") {
        for (caller, cell) in row.callers().filter(|(_, cell)| CHANGES.contains(cell)) {
            let scene = Scene::make(&app, &cast, Gate::of(caller), circumstances(name, &row.case)).await;
            let input = ask::mutation(&app, &cast, &scene, name, &row.case, caller).await;
            let answer = ask::answer(cast.client(caller), name, input).await;
            wrong.extend(row.differs(&book, name, caller, cell, &answer));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
