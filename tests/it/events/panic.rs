//! A fault of ours that nobody has thought of: it ends one operation, and
//! nothing else.

use std::{net::SocketAddr, sync::Arc};

use async_graphql::{
    ServerResult, Value as GraphqlValue,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextResolve, ResolveInfo},
};
use axum::{Router, routing::get};
use roster::{
    auth::Verifier,
    graphql::{
        self, Executors, RosterSchema,
        documents::Documents,
        http::{Endpoint, RequestId},
        multipart::Room,
        query::Query,
    },
};
use serde_json::json;

use super::{EVENTS, after, event, start};
use crate::support::{Client, TestApp};

/// What a panic says, which nobody may be told.
const SECRET: &str = "the mine goes off";

/// Panics where certain fields are resolved.
struct Mine;

impl ExtensionFactory for Mine {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for Mine {
    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<GraphqlValue>> {
        let is_mined = ["roles", "occurredAt", "leaveOrganization"].contains(&info.name);
        assert!(!is_mined, "{SECRET}");
        next.run(ctx, info).await
    }
}

/// A door to the service that is mined; its address.
async fn open_mined(app: &TestApp) -> String {
    let service = app.db_service_with(|config| config.rate_limits.enabled = false).await;
    let verifier = Arc::new(Verifier::new(&service.config).unwrap());
    let endpoint = Endpoint {
        uploads: Room::new(0),
        documents: Arc::new(Documents::open(&service.config).unwrap()),
        schema: RosterSchema::Plain(Arc::new(Executors::new(
            || graphql::builder(Query::default()).extension(Mine),
            service.config.mode,
        ))),
        live: (
            roster::live::Live::new(service.clone()),
            roster::live::Live::new(verifier.clone()),
        ),
        verifier,
        connections: Arc::default(),
        app: service,
    };
    let handle = get(graphql::http::handle).post(graphql::http::handle);
    let routes = Router::new().route("/graphql", handle).with_state(endpoint);
    let routes = routes.layer(axum::Extension(RequestId("the request".into())));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let service = routes.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    url
}

const HARMLESS: &str = "{ viewer { user { name } } }";

#[tokio::test]
async fn over_a_socket_it_ends_one_operation_and_no_other() {
    let app = start().await;
    let (acme, ann) = app.organization("Acme").await;
    let first = app.db_tell_change(&acme).await;
    let second = app.db_tell_change(&acme).await;
    let mined: Client = ann.at_url(&open_mined(&app).await);
    let mut socket = mined.socket().await;
    let quiet = EVENTS.replace("occurredAt", "");
    socket.subscribe("quiet", &quiet, after(&acme, &first)).await;
    assert_eq!(event(&socket.next("quiet").await)["id"], second);

    let leave = "mutation($id: ID!) { leaveOrganization(input: { organizationId: $id }) { __typename } }";
    for (query, variables) in [
        ("{ roles { id } }", json!({})),
        (leave, json!({ "id": acme.id })),
        (EVENTS, after(&acme, &first)),
    ] {
        socket.subscribe("1", query, variables).await;
        let message = socket.hear().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("1")));
        let extensions = &message["payload"][0]["extensions"];
        assert_eq!(extensions["code"], "INTERNAL", "{query}: {message}");
        assert_eq!(extensions["requestId"], "the request");
        assert!(!message.to_string().contains(SECRET), "{message}");

        // Under the same id, too.
        socket.subscribe("1", HARMLESS, json!({})).await;
        assert_eq!(socket.next("1").await["data"]["viewer"]["user"]["name"], "Ann");
        assert_eq!(socket.hear().await, json!({ "id": "1", "type": "complete" }));
    }
    let third = app.db_tell_change(&acme).await;
    assert_eq!(event(&socket.next("quiet").await)["id"], third);
}

#[tokio::test]
async fn an_event_stream_ends_and_says_so() {
    let app = start().await;
    let (acme, ann) = app.organization("Acme").await;
    let first = app.db_tell_change(&acme).await;
    app.db_tell_change(&acme).await;
    let mined = ann.at_url(&open_mined(&app).await);
    let mut stream = mined.listen(EVENTS, after(&acme, &first)).await;
    assert_eq!(stream.error().await, ["INTERNAL"]);
}
