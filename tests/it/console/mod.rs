//! The console as browsers get it: its files, its settings, tokens for
//! developers, and the addresses that lead to it.

mod addresses;
mod files;
mod mint;
mod settings;

use reqwest::{Method, RequestBuilder, Response, header::HeaderMap};
use roster::config::{Config, Mode, Oidc};

use crate::support::TestApp;

/// A request that nothing is set on, whose answer is taken as it comes.
fn request(app: &TestApp, method: Method, path: &str) -> RequestBuilder {
    let http = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    http.request(method, format!("{}{path}", app.url))
}

/// What is at a path.
async fn get(app: &TestApp, path: &str) -> Response {
    request(app, Method::GET, path).send().await.unwrap()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

/// A file of the console, as it was built.
fn built(name: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("web/dist")
        .join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn production(config: &mut Config) {
    config.mode = Mode::Production;
    config.public_url = Some("https://team.example.com".parse().unwrap());
}

fn switched_off(config: &mut Config) {
    config.console.enabled = false;
}

/// A provider whose token endpoint is elsewhere.
fn with_oidc(config: &mut Config) {
    config.console.oidc = Some(Oidc {
        issuer: "https://id.example.com/realms/team".into(),
        client_id: "console".into(),
        scope: "openid email profile".into(),
        audience: None,
        token: Default::default(),
        origins: ["https://id.example.com", "https://token.example.com:8443"]
            .map(String::from)
            .into(),
    });
}
