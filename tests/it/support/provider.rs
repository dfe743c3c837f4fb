//! An identity provider on this machine: it publishes keys, counts who asks for
//! them, and fails as it is told.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use jsonwebtoken::{Algorithm, EncodingKey, jwk::Jwk};
use serde_json::{Value, json};

/// What it does when it is asked for its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Tells them.
    Tell,
    /// Answers that it cannot.
    Fail,
    /// Never answers.
    Stall,
    /// Begins to answer and never ends.
    Trickle,
    /// Sends whoever asks elsewhere, where the keys are.
    Redirect,
    /// Answers with a page.
    Page,
    /// Answers with the keys and far more.
    Flood,
}

struct Scene {
    manner: Manner,
    keys: Vec<Value>,
    discovery: Value,
    /// Paths that were asked for.
    asked: Vec<String>,
    now: usize,
    most: usize,
}

/// The provider; the server ends with the test.
#[derive(Clone)]
pub struct Provider {
    address: SocketAddr,
    scene: Arc<Mutex<Scene>>,
}

/// One less is being answered once this is dropped, also when whoever asked left.
struct Turn(Arc<Mutex<Scene>>);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.lock().unwrap().now -= 1;
    }
}

async fn answer(State(scene): State<Arc<Mutex<Scene>>>, uri: Uri) -> Response {
    let _turn = Turn(scene.clone());
    let (manner, body) = {
        let mut scene = scene.lock().unwrap();
        scene.asked.push(uri.path().to_owned());
        scene.now += 1;
        scene.most = scene.most.max(scene.now);
        let body = if uri.path().contains("/.well-known/") {
            scene.discovery.clone()
        } else {
            json!({ "keys": scene.keys })
        };
        (scene.manner, body.to_string())
    };
    let is_elsewhere = uri.path() == "/elsewhere";
    let body = match manner {
        Manner::Redirect if !is_elsewhere => {
            return (StatusCode::FOUND, [(header::LOCATION, "/elsewhere")]).into_response();
        }
        Manner::Tell | Manner::Redirect => body,
        Manner::Fail => return (StatusCode::SERVICE_UNAVAILABLE, body).into_response(),
        Manner::Stall => std::future::pending().await,
        Manner::Trickle => {
            let first = futures_util::stream::iter([Ok::<_, std::io::Error>("{")]);
            let rest = futures_util::stream::pending();
            let body = axum::body::Body::from_stream(futures_util::StreamExt::chain(first, rest));
            return body.into_response();
        }
        Manner::Page => "<html>Sign in to the network first</html>".into(),
        Manner::Flood => format!("{}{body}", " ".repeat(300 * 1024)),
    };
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

impl Provider {
    /// A provider with these keys.
    pub async fn start(keys: Vec<Value>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let scene = Arc::new(Mutex::new(Scene {
            manner: Manner::Tell,
            keys,
            discovery: json!({
                "issuer": format!("http://{address}"),
                "jwks_uri": format!("http://{address}/keys"),
            }),
            asked: Vec::new(),
            now: 0,
            most: 0,
        }));
        let router = Router::new().fallback(answer).with_state(scene.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, scene }
    }

    /// Its name, and where it is.
    pub fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where its keys are.
    pub fn keys_url(&self) -> url::Url {
        format!("{}/keys", self.issuer()).parse().unwrap()
    }

    /// From now on it does this.
    pub fn behave(&self, manner: Manner) {
        self.scene.lock().unwrap().manner = manner;
    }

    /// From now on these are its keys.
    pub fn publish(&self, keys: Vec<Value>) {
        self.scene.lock().unwrap().keys = keys;
    }

    /// From now on it says this of itself.
    pub fn describe(&self, discovery: Value) {
        self.scene.lock().unwrap().discovery = discovery;
    }

    /// What it was asked for so far.
    pub fn asked(&self) -> Vec<String> {
        self.scene.lock().unwrap().asked.clone()
    }

    /// How often it was asked at a time, at most.
    pub fn asked_at_once(&self) -> usize {
        self.scene.lock().unwrap().most
    }
}

/// A key as a provider publishes it.
pub fn published(key: &EncodingKey, algorithm: Algorithm, id: Option<&str>) -> Value {
    let mut jwk = Jwk::from_encoding_key(key, algorithm).unwrap();
    jwk.common.key_id = id.map(str::to_owned);
    serde_json::to_value(jwk).unwrap()
}
