//! Nothing is missing from the tables, and nothing in them is no more.

use super::*;
use crate::read::walk::Schema;

/// Names below a heading, which are all different.
fn plain_fields(book: &Book) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    for row in book.table("Plain fields") {
        for field in row.case.split(' ') {
            assert!(
                fields.insert(format!("{}.{field}", row.names[0])),
                "{field} stands there twice"
            );
        }
    }
    fields
}

/// All names of a table.
fn names(book: &Book, heading: &str) -> BTreeSet<String> {
    book.entries(heading).map(|(_, name)| name.to_owned()).collect()
}

#[tokio::test]
async fn the_tables_have_every_mutation_and_every_field_of_the_served_schema() {
    let (app, book) = (start().await, Book::read());
    let schema = Schema::of(&app.anonymous()).await;
    let is_served = |name: &&str| !name.starts_with("__") && schema.named(name)["kind"] == "OBJECT";
    let (mut mutations, mut fields) = (BTreeSet::new(), BTreeSet::new());
    for kind in schema.names().filter(is_served) {
        for field in schema.fields(kind) {
            let name = field["name"].as_str().unwrap();
            match kind {
                "Mutation" => mutations.insert(name.to_owned()),
                _ => fields.insert(format!("{kind}.{name}")),
            };
        }
    }
    let (restricted, plain) = (names(&book, "Restricted fields"), plain_fields(&book));
    let told: BTreeSet<String> = restricted.union(&plain).cloned().collect();
    let both: Vec<_> = restricted.intersection(&plain).collect();
    assert!(both.is_empty(), "restricted and plain: {both:?}");
    assert_same(&names(&book, "Mutations"), &mutations);
    assert_same(&told, &fields);
    assert_same(
        &names(&book, "API tokens"),
        &restricted.union(&mutations).cloned().collect(),
    );
}

#[track_caller]
fn assert_same(told: &BTreeSet<String>, served: &BTreeSet<String>) {
    let missing: Vec<_> = served.difference(told).collect();
    let gone: Vec<_> = told.difference(served).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "missing: {missing:?}; no more: {gone:?}"
    );
}
