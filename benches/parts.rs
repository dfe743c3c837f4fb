//! What the parts of a request take, each on its own and without a database:
//! `cargo bench --bench parts`.

#![allow(clippy::unwrap_used, reason = "a measurement that cannot be made has failed")]

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, EmptyMutation, EmptySubscription, Object, Request, Schema, Variables, value};
use dataloader::{BatchFn, cached::Loader};
use divan::{Bencher, black_box};
use entity::{
    ids::{MemberId, OrganizationId},
    member,
};
use futures_util::FutureExt;
use roster::{
    access::{Access, Gates, Standing},
    app::App,
    auth::{Actor, Person, Who},
    clock,
    config::{Config, Mode},
    db::counting_statements,
    demo,
    graphql::{
        ContextExt, RequestScope, RosterSchema,
        documents::{Documents, Source},
        error::Reply,
        lookup::Lookup,
        member::{Member, by_id},
        multipart::Files,
        page::{Page, Total, Window, page},
    },
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::runtime::Runtime;

fn main() {
    divan::main();
}

/// As many as a page of the reference workload has.
const MEMBERS: u64 = 50;

const FIELDS: &str = "id role { id } user { name email avatarUrl } teamMemberships { team { slug name } role { id } }";

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// A service with demo data, and its first owner.
struct Service {
    runtime: Runtime,
    app: Arc<App>,
    ann: Arc<Actor>,
    standing: Arc<Standing>,
    members: Vec<member::Model>,
    _folder: tempfile::TempDir,
}

impl Service {
    fn start() -> Self {
        let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
        let config = Config {
            data_dir: folder.path().to_owned(),
            demo: Some(false),
            ..Config::default()
        };
        let (app, ann, standing, members) = runtime.block_on(async {
            let app = roster::prepare(config).await.unwrap();
            demo::fill(&app, clock::now()).await.unwrap();
            let owner = member::Entity::find()
                .filter(member::Column::Role.eq("owner"))
                .filter(member::Column::UserId.is_not_null())
                .order_by_asc(member::Column::Id);
            let owner = owner.one(&app.db).await.unwrap().unwrap();
            let user = entity::user::Entity::find_by_id(owner.user_id.unwrap());
            let person = Person {
                user: user.one(&app.db).await.unwrap().unwrap(),
                has_two_factor: true,
                is_superuser: false,
                limit: None,
                idp: None,
                signed_in_at: clock::now(),
            };
            let ann = Actor {
                who: Who::Person(Box::new(person)),
                ip: None,
                now: clock::now(),
                until: None,
            };
            let standing = Standing::find_one(&app.db, &ann, owner.organization_id).await.unwrap();
            let members = member::Entity::find()
                .filter(member::Column::OrganizationId.eq(owner.organization_id))
                .filter(member::Column::UserId.is_not_null())
                .order_by_asc(member::Column::Id)
                .limit(MEMBERS);
            let members = members.all(&app.db).await.unwrap();
            (app, Arc::new(ann), Arc::new(standing.unwrap()), members)
        });
        assert_eq!(members.len() as u64, MEMBERS);
        Self {
            runtime,
            app,
            ann,
            standing,
            members,
            _folder: folder,
        }
    }
}

/// From the text of a document to its first field: everything is skipped.
#[divan::bench(args = [true, false])]
fn parse_and_validate(bencher: Bencher<'_, '_>, is_known: bool) {
    let document = format!(
        "query W2($slug: String!, $after: String, $skip: Boolean!) {{ organization(slug: $slug) @skip(if: $skip) {{
         members(first: 50, after: $after) {{ nodes {{ {FIELDS} }} pageInfo {{ hasNextPage endCursor }} }} }} }}"
    );
    let config = Config {
        mode: Mode::Production,
        ..Config::default()
    };
    let (schema, documents) = (RosterSchema::new(&config), Documents::open(&config).unwrap());
    let variables = Variables::from_value(value!({ "slug": "acme", "skip": true }));
    let runtime = runtime();
    let mut number = 0;
    bencher.bench_local(|| {
        number += u64::from(!is_known);
        let source = Source::Text(format!("{document} # {number}"));
        let found = documents.find(source, None, usize::MAX).unwrap();
        let request = |document| {
            let mut request = Request::new("").variables(variables.clone()).data(found.clone());
            request.set_parsed_query(document);
            request
        };
        let response = runtime.block_on(async {
            let ready = schema.ready(&found, None, &variables).await.unwrap();
            schema.query(ready, request).await
        });
        assert!(response.errors.is_empty());
        response
    });
}

/// What is done with every request of a known document before it runs: its variables
/// are looked at, and one operation is made of it in which each field stands once.
#[divan::bench]
fn make_ready(bencher: Bencher<'_, '_>) {
    let document = format!(
        "query W2($slug: String!, $after: String) {{ organization(slug: $slug) {{
         members(first: 50, after: $after) {{ nodes {{ {FIELDS} }} pageInfo {{ hasNextPage endCursor }} }} }} }}"
    );
    let config = Config::default();
    let (schema, documents) = (RosterSchema::new(&config), Documents::open(&config).unwrap());
    let found = documents.find(Source::Text(document), None, usize::MAX).unwrap();
    let variables = Variables::from_value(value!({ "slug": "acme" }));
    let ready = || schema.ready(&found, None, &variables).now_or_never().unwrap().unwrap();
    ready();
    bencher.bench_local(ready);
}

/// Members that were read already.
struct InMemory(Vec<member::Model>);

#[Object]
impl InMemory {
    async fn members(&self, ctx: &Context<'_>) -> Reply<Page<Option<Member>>> {
        let window = Window::new(Some(MEMBERS as i32), None, None, None)?;
        let total = Total::TeamMemberships(Default::default());
        let page = page(self.0.clone(), &by_id(), &window, total, |row| Some(Member::new(row)));
        // As its resolver does with a page that was read.
        let _ = ctx.loaders();
        Ok(page)
    }
}

/// An answer of the reference workload W2, to bytes; `nodes` or `cursors` alone.
#[divan::bench(args = ["nodes", "cursors"])]
fn resolve(bencher: Bencher<'_, '_>, what: &str) {
    let service = Service::start();
    let schema = Schema::build(InMemory(service.members.clone()), EmptyMutation, EmptySubscription).finish();
    let query = match what {
        "nodes" => format!("{{ members {{ nodes {{ {FIELDS} }} pageInfo {{ hasNextPage endCursor }} }} }}"),
        _ => "{ members { edges { cursor } } }".to_owned(),
    };
    let scope = Arc::new(RequestScope::new(
        service.app.clone(),
        service.ann.clone(),
        Files::default(),
    ));
    let answer = || {
        let request = Request::new(&query).data(scope.clone());
        service.runtime.block_on(async {
            let response = schema.execute(request).await;
            assert!(response.errors.is_empty(), "{:?}", response.errors);
            serde_json::to_vec(&response).unwrap()
        })
    };
    // What the first one has loaded, the others find.
    answer();
    let counted = counting_statements(async { schema.execute(Request::new(&query).data(scope.clone())).await });
    assert_eq!(service.runtime.block_on(counted).1, 0);
    bencher.bench_local(answer);
}

/// Answers at once.
#[derive(Clone)]
struct Double;

impl BatchFn<MemberId, i64> for Double {
    async fn load(&mut self, keys: &[MemberId]) -> HashMap<MemberId, i64> {
        keys.iter().map(|key| (*key, key.0 * 2)).collect()
    }
}

/// A hundred fields that ask for one key each, of which one batch is made: by the
/// lookups of Roster, and by the crate that they are made of.
#[divan::bench(args = ["lookup", "dataloader"])]
fn batch(bencher: Bencher<'_, '_>, by: &str) {
    const KEYS: i64 = 100;
    let runtime = runtime();
    bencher.bench_local(|| {
        runtime.block_on(async {
            let keys = (0..KEYS).map(MemberId);
            let answers: Vec<i64> = match by {
                "lookup" => {
                    let lookup = Lookup::new(Double);
                    futures_util::future::join_all(keys.map(|key| lookup.load(key))).await
                }
                _ => {
                    let loader = Loader::new(Double);
                    futures_util::future::join_all(keys.map(|key| loader.load(key))).await
                }
            };
            assert_eq!(answers.iter().sum::<i64>(), KEYS * (KEYS - 1));
        });
    });
}

/// Reading a cursor.
#[divan::bench]
fn cursor() -> bool {
    // {"o":"member.name","k":{"t":"Ann"},"i":4711}
    let cursor = black_box("eyJvIjoibWVtYmVyLm5hbWUiLCJrIjp7InQiOiJBbm4ifSwiaSI6NDcxMX0");
    Window::new(Some(50), Some(cursor.to_owned()), None, None).is_ok()
}

/// What a caller may do in an organization, after the gates.
#[divan::bench]
fn access(bencher: Bencher<'_, '_>) {
    let service = Service::start();
    bencher.bench_local(|| {
        let standing = Some(service.standing.clone());
        let access = Access::enter(standing, &service.ann, &service.app.roles, Gates::READ).unwrap();
        assert_ne!(access.organization().id, OrganizationId::default());
    });
}
