//! Whoever calls the server: people, apps, nobody.

use chrono::Utc;
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Map, Value, json};

use super::{AUDIENCE, ISSUER, JWT_SECRET, Reply, TestApp};

/// A caller with a credential, or none.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    credential: Credential,
    /// What stands in `X-Forwarded-For`.
    address: Option<String>,
}

/// What stands in `Authorization`.
#[derive(Clone)]
enum Credential {
    Nothing,
    Bearer(String),
    Claims(Map<String, Value>),
}

impl TestApp {
    /// Somebody with a token: `person("ann")` is Ann with the verified address
    /// ann@example.com, of whose second factor nothing is known.
    pub fn person(&self, subject: &str) -> Client {
        let now = Utc::now().timestamp();
        let (first, rest) = subject.split_at(1);
        let claims = json!({
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "email": format!("{subject}@example.com"),
            "email_verified": true,
            "name": format!("{}{rest}", first.to_uppercase()),
            "iat": now,
            "exp": now + 3600,
        });
        let Value::Object(claims) = claims else {
            unreachable!("claims are an object")
        };
        self.client(Credential::Claims(claims))
    }

    /// The superuser of the configuration.
    pub fn superuser(&self) -> Client {
        self.person("root")
    }

    /// Somebody without a credential.
    pub fn anonymous(&self) -> Client {
        self.client(Credential::Nothing)
    }

    /// Somebody with this bearer token, whatever it is.
    pub fn with_bearer(&self, token: &str) -> Client {
        self.client(Credential::Bearer(token.into()))
    }

    fn client(&self, credential: Credential) -> Client {
        Client {
            http: self.http.clone(),
            url: self.url.clone(),
            credential,
            address: None,
        }
    }
}

impl Client {
    /// A caller of the server with this address, who sends this after `Bearer`.
    pub fn at_address(url: &str, bearer: Option<&str>) -> Self {
        Self {
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            url: url.into(),
            credential: bearer.map_or(Credential::Nothing, |token| Credential::Bearer(token.into())),
            address: None,
        }
    }

    /// The same person with other claims; null leaves a claim out.
    pub fn with(&self, changes: Value) -> Self {
        let mut client = self.clone();
        let Credential::Claims(claims) = &mut client.credential else {
            panic!("only a person has claims")
        };
        let Value::Object(changes) = changes else {
            panic!("claims are an object")
        };
        for (claim, value) in changes {
            match value {
                Value::Null => claims.remove(&claim),
                value => claims.insert(claim, value),
            };
        }
        client
    }

    /// The same caller at another server.
    pub fn at(&self, app: &TestApp) -> Self {
        self.at_url(&app.url)
    }

    /// The same caller at the server with this address.
    pub fn at_url(&self, url: &str) -> Self {
        Self {
            url: url.into(),
            ..self.clone()
        }
    }

    /// The same caller behind a proxy that names this client.
    pub fn from(&self, address: &str) -> Self {
        Self {
            address: Some(address.into()),
            ..self.clone()
        }
    }

    /// The address in this person's token.
    pub fn email(&self) -> String {
        let Credential::Claims(claims) = &self.credential else {
            panic!("only a person has an address")
        };
        claims["email"].as_str().unwrap().to_owned()
    }

    /// What this caller sends after `Bearer`.
    pub fn bearer(&self) -> Option<String> {
        let key = EncodingKey::from_secret(JWT_SECRET.as_bytes());
        match &self.credential {
            Credential::Nothing => None,
            Credential::Bearer(token) => Some(token.clone()),
            Credential::Claims(claims) => Some(jsonwebtoken::encode(&Header::default(), claims, &key).unwrap()),
        }
    }

    /// Sends a GraphQL operation.
    pub async fn send(&self, query: &str, variables: Value) -> Reply {
        self.post(&json!({ "query": query, "variables": variables })).await
    }

    /// Sends any JSON to `POST /graphql`.
    pub async fn post(&self, body: &Value) -> Reply {
        let mut request = self.http.post(format!("{}/graphql", self.url)).json(body);
        if let Some(token) = self.bearer() {
            request = request.bearer_auth(token);
        }
        if let Some(address) = &self.address {
            request = request.header("x-forwarded-for", address);
        }
        Reply::read(request.send().await.unwrap()).await
    }

    /// `GET` of any path.
    pub async fn get(&self, path: &str) -> Reply {
        let mut request = self.http.get(format!("{}{path}", self.url));
        if let Some(token) = self.bearer() {
            request = request.bearer_auth(token);
        }
        Reply::read(request.send().await.unwrap()).await
    }

    /// Sends a mutation that has one input and selects `fields` of its payload
    /// besides `userErrors`.
    pub async fn mutate(&self, mutation: &str, fields: &str, input: Value) -> Reply {
        let (first, rest) = mutation.split_at(1);
        let query = format!(
            "mutation($input: {}{rest}Input!) {{ {mutation}(input: $input) {{
                {fields} userErrors {{ code message path retryAfter }} }} }}",
            first.to_uppercase()
        );
        self.send(&query, json!({ "input": input })).await
    }

    /// This person, whose claims the server has seen: a later call changes
    /// nothing about them.
    pub async fn seen(self) -> Self {
        self.user_id().await;
        self
    }

    /// This person's user id.
    pub async fn user_id(&self) -> String {
        self.send("{ viewer { user { id } } }", json!({}))
            .await
            .ok()
            .text("viewer.user.id")
    }
}
