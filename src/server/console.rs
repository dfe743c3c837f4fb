//! The console: pages for people, made of the files in `web/dist`. The pages are
//! one and the same file, whose script shows what belongs to an address.

use std::time::Duration;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Request, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, Uri, header},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use rust_embed::Embed;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{files, is_local};
use crate::{
    app::App,
    clock,
    config::{Config, Mode, Oidc, OidcToken},
    demo,
    error::Result,
    graphql::origin::Sender,
    live::Live,
    mailbox, token,
};

/// The console's files.
#[derive(Embed)]
#[folder = "web/dist/"]
struct Files;

/// The file that every page is.
const PAGE: &str = "index.html";
/// Files below have their hash in their name.
const ASSETS: &str = "assets";
/// Where tokens are made in development.
const MINT: &str = "/console/development/token";
/// More than anybody needs to say who a person is.
const PERSON_BYTES_MAX: usize = 16 * 1024;
/// As long as a day of work.
const TOKEN_LIFETIME: Duration = Duration::from_secs(12 * 3600);

/// The console, and the pages outside of it that links in mails lead to.
pub(super) fn routes(live: &Live<App>) -> Router {
    Router::new()
        .route("/console", get(file))
        .route("/console/", get(file))
        .route("/console/{*path}", get(file))
        .route("/console/settings.json", get(settings))
        .route(MINT, post(mint).layer(DefaultBodyLimit::max(PERSON_BYTES_MAX)))
        .route("/invite/{token}", get(invite))
        .route("/organizations/{slug}/{*page}", get(page_of_organization))
        .layer(middleware::from_fn_with_state(live.clone(), only_enabled))
        .with_state(live.clone())
}

/// To who has switched the console off there is nothing.
async fn only_enabled(State(live): State<Live<App>>, request: Request, next: Next) -> Response {
    if live.now().config.console.enabled {
        next.run(request).await
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}

/// What a page may do: run what is ours, talk to us and to who signs people in.
fn policy(config: &Config) -> String {
    let called = config.console.oidc.as_ref().map(Oidc::origins).unwrap_or_default();
    let called: String = called.iter().map(|origin| format!(" {origin}")).collect();
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
         connect-src 'self'{called}; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// A file, or a page. What looks like an asset and is none is no page either: an
/// old page that asks for a script must not be answered with HTML.
async fn file(State(live): State<Live<App>>, uri: Uri, headers: HeaderMap) -> Response {
    let name = uri.path().strip_prefix("/console/").unwrap_or_default();
    let is_asset = name.split('/').next() == Some(ASSETS);
    let caching = if is_asset { files::FOR_EVER } else { files::ASK };
    let is_file = is_asset || Files::get(name).is_some();
    let name = if is_file { name } else { PAGE };
    files::answer::<Files>(name, &headers, caching, &policy(&live.now().config))
}

/// The page on which an invite is accepted. Its address is a secret, so nobody
/// keeps it.
async fn invite(State(live): State<Live<App>>, headers: HeaderMap) -> Response {
    files::answer::<Files>(PAGE, &headers, "no-store", &policy(&live.now().config))
}

/// Leads to the console from the addresses that mails have, which are of the
/// product and not of its console. For now only: a browser that kept it would go
/// on to lead there when another product serves these pages.
async fn page_of_organization(uri: Uri) -> Redirect {
    let page = uri.path_and_query().map_or("/", |page| page.as_str());
    Redirect::temporary(&format!("/console{page}"))
}

/// What the page needs to know before it can ask anything else.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Settings<'a> {
    product_name: &'a str,
    endpoint: &'static str,
    socket: &'static str,
    development: bool,
    /// Where developers read the mail.
    mailbox: Option<&'static str>,
    explorer: &'static str,
    sign_in: SignIn<'a>,
}

/// The ways to sign in; without any, a token is pasted.
#[derive(Serialize)]
struct SignIn<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    mint: Option<&'static str>,
    /// Whom the demo data has.
    #[serde(skip_serializing_if = "Option::is_none")]
    people: Option<Vec<demo::Person>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oidc: Option<Client<'a>>,
}

/// What the page has to be for the provider that signs people in.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Client<'a> {
    issuer: &'a str,
    client_id: &'a str,
    scope: &'a str,
    audience: Option<&'a str>,
    token: OidcToken,
}

async fn settings(State(live): State<Live<App>>, headers: HeaderMap) -> Response {
    let app = live.now();
    let config = &app.config;
    let people = if may_mint(config, &headers) {
        match demo::people(&app).await {
            Ok(people) => Some(people),
            Err(error) => {
                tracing::error!(cause = ?error, "the people of the demo cannot be listed");
                Some(Vec::new())
            }
        }
    } else {
        None
    };
    let settings = Settings {
        product_name: &config.product_name,
        endpoint: "/graphql",
        socket: "/graphql",
        development: config.mode == Mode::Development,
        mailbox: (mailbox::is_served(config) && is_local(config, &headers)).then_some("/dev/mail"),
        explorer: "/",
        sign_in: SignIn {
            mint: people.is_some().then_some(MINT),
            people,
            oidc: config.console.oidc.as_ref().map(|oidc| Client {
                issuer: &oidc.issuer,
                client_id: &oidc.client_id,
                scope: &oidc.scope,
                audience: oidc.audience.as_deref(),
                token: oidc.token,
            }),
        },
    };
    ([(header::CACHE_CONTROL, "no-store")], Json(settings)).into_response()
}

/// Whether tokens are made for the asking: in development, for who sits at this
/// machine.
fn may_mint(config: &Config, headers: &HeaderMap) -> bool {
    config.mode == Mode::Development && config.auth.hs256_secret.is_some() && is_local(config, headers)
}

/// Whom a token is to name.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wanted {
    subject: String,
    name: Option<String>,
    email: Option<String>,
    email_verified: Option<bool>,
    mfa: Option<bool>,
    idp: Option<String>,
}

/// Makes a token for a page of ours. Pages of others are refused although they
/// could not read the answer.
async fn mint(
    State(live): State<Live<App>>,
    headers: HeaderMap,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Response {
    let config = &live.now().config;
    if !may_mint(config, &headers) {
        return StatusCode::NOT_FOUND.into_response();
    }
    if matches!(Sender::of(config, &headers), Sender::Foreign | Sender::Welcome) {
        return refused(StatusCode::FORBIDDEN, "A page of somebody else cannot ask for a token.");
    }
    let wanted = match wanted {
        Ok(Json(wanted)) => wanted,
        // Whether it was no JSON, or not what was asked for: both are bad requests.
        Err(JsonRejection::JsonDataError(error)) => return refused(StatusCode::BAD_REQUEST, &error.body_text()),
        Err(error) => return refused(error.status(), &error.body_text()),
    };
    let claims = token::Claims {
        subject: wanted.subject,
        name: wanted.name,
        email: wanted.email,
        is_email_verified: wanted.email_verified.unwrap_or(true),
        mfa: wanted.mfa,
        idp: wanted.idp,
        scope: None,
    };
    match token::mint(config, &claims, clock::now(), TOKEN_LIFETIME) {
        Ok(token) => Json(json!({ "token": token })).into_response(),
        Err(error) => refused(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

fn refused(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({ "errors": [{ "message": why }] }))).into_response()
}
