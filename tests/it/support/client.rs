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

impl Credential {
    fn of_person(subject: &str) -> Self {
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
        Self::Claims(claims)
    }
}

impl TestApp {
    /// Somebody with a token: `person("ann")` is Ann with the verified address
    /// ann@example.com, of whose second factor nothing is known.
    pub fn person(&self, subject: &str) -> Client {
        self.client(Credential::of_person(subject))
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

    /// A person, as [`TestApp::person`], at a server of another process.
    pub fn person_at(url: &str, subject: &str) -> Self {
        Self {
            credential: Credential::of_person(subject),
            ..Self::at_address(url, None)
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

    /// The server that is called.
    pub fn url(&self) -> &str {
        &self.url
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

    /// Sends a mutation with a file at `input.avatar`, as the GraphQL multipart
    /// request specification says.
    pub async fn upload(&self, mutation: &str, fields: &str, input: Value, file: &[u8]) -> Reply {
        let request = self.upload_request(mutation, fields, input, file);
        Reply::read(request.send().await.unwrap()).await
    }

    /// The request of [`Client::upload`].
    pub fn upload_request(
        &self,
        mutation: &str,
        fields: &str,
        mut input: Value,
        file: &[u8],
    ) -> reqwest::RequestBuilder {
        input["avatar"] = Value::Null;
        let (first, rest) = mutation.split_at(1);
        let query = format!(
            "mutation($input: {}{rest}Input!) {{ {mutation}(input: $input) {{
                {fields} userErrors {{ code message path }} }} }}",
            first.to_uppercase()
        );
        let operations = json!({ "query": query, "variables": { "input": input } }).to_string();
        let parts = [
            ("operations", operations.as_bytes()),
            ("map", br#"{"0": ["variables.input.avatar"]}"#),
            ("0", file),
        ];
        self.parts_request(&parts).header("graphql-preflight", "1")
    }

    /// Sends these parts to `POST /graphql`.
    pub async fn post_parts(&self, parts: &[(&str, &[u8])]) -> Reply {
        let request = self.parts_request(parts).header("graphql-preflight", "1");
        Reply::read(request.send().await.unwrap()).await
    }

    /// The request with these parts; files are those that are neither
    /// `operations` nor `map`.
    pub fn parts_request(&self, parts: &[(&str, &[u8])]) -> reqwest::RequestBuilder {
        let mut body = Vec::new();
        for (name, bytes) in parts {
            let file = if ["operations", "map"].contains(name) {
                ""
            } else {
                "; filename=\"a.png\""
            };
            let head = format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--cut--\r\n");
        let mut request = self.http.post(format!("{}/graphql", self.url)).body(body);
        request = request.header("content-type", "multipart/form-data; boundary=cut");
        if let Some(token) = self.bearer() {
            request = request.bearer_auth(token);
        }
        request
    }

    /// `GET` of any path, with these headers; the raw answer.
    pub async fn fetch(&self, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
        let mut request = self.http.get(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
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

    /// The body of the answer to a mutation; `None` if there is none, or if the
    /// server was at fault: then nobody knows whether it was done.
    pub async fn try_mutate(&self, mutation: &str, fields: &str, input: Value) -> Option<Value> {
        let (first, rest) = mutation.split_at(1);
        let query = format!(
            "mutation($input: {}{rest}Input!) {{ {mutation}(input: $input) {{ {fields} userErrors {{ code }} }} }}",
            first.to_uppercase()
        );
        let body = json!({ "query": query, "variables": { "input": input } });
        let request = self.http.post(format!("{}/graphql", self.url)).json(&body);
        let answer = request.bearer_auth(self.bearer()?).send().await.ok()?;
        let body: Value = answer.error_for_status().ok()?.json().await.ok()?;
        body.get("errors").is_none().then_some(body)
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
