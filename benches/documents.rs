//! What it saves that documents are remembered: `cargo bench --bench documents`
//! prints how long a request takes from its text to its first field, with a
//! document that was never seen and with one that is known.

#![allow(clippy::unwrap_used, reason = "a measurement that cannot be made has failed")]

use std::time::{Duration, Instant};

use async_graphql::{Request, Variables, value};
use roster::{
    config::{Config, Mode},
    graphql::{
        RosterSchema,
        documents::{Documents, Source},
    },
};

const ROUNDS: u32 = 500;

/// A page as a console asks for it. Everything is skipped, so that nothing runs.
const PAGE: &str = "query Page($slug: String!, $first: Int, $after: String, $skip: Boolean!) {
    viewer @skip(if: $skip) { user { id name email isEmailVerified hasTwoFactor avatarUrl } isSuperuser }
    organization(slug: $slug) @skip(if: $skip) { ...Head members(first: $first, after: $after) { ...Members } } }
fragment Head on Organization { id name slug createdAt viewerMembership { id role { id name } }
    teams(first: 20) { nodes { id slug name } } }
fragment Members on MemberConnection { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    nodes { id name email createdAt isPending hasTwoFactor role { id name } user { id name avatarUrl }
        teamMemberships { team { id slug name } role { id name } effectiveRole { id name } } } }";

const SMALL: &str = "query($skip: Boolean!) { viewer @skip(if: $skip) { user { name } } }";

async fn once(schema: &RosterSchema, documents: &Documents, text: String) -> Duration {
    let begun = Instant::now();
    let found = documents.find(Source::Text(text), None, usize::MAX).unwrap();
    let variables = value!({ "slug": "acme", "first": 25, "skip": true });
    let mut request = Request::new("").variables(Variables::from_value(variables));
    request.set_parsed_query(found.document.syntax.clone());
    let response = schema.execute(request.data(found)).await;
    let took = begun.elapsed();
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    took
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let schema = RosterSchema::new(&Config {
        mode: Mode::Production,
        ..Config::default()
    });
    for (name, document) in [("small", SMALL), ("page", PAGE)] {
        let documents = Documents::open(&Config::default()).unwrap();
        let (mut new, mut known) = (Duration::ZERO, Duration::ZERO);
        for round in 0..ROUNDS {
            new += once(&schema, &documents, format!("{document} # {round}")).await;
            known += once(&schema, &documents, format!("{document} # {round}")).await;
        }
        let each = |whole: Duration| whole.as_secs_f64() * 1e6 / f64::from(ROUNDS);
        println!(
            "{name}, {} bytes: new {:.0} µs, known {:.0} µs",
            document.len(),
            each(new),
            each(known)
        );
    }
}
