//! What the server answered, and how tests read it.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer to a GraphQL request.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    #[allow(dead_code, reason = "for the stories of the endpoint")]
    pub status: u16,
    /// The body; a string if it is no JSON.
    pub body: Value,
    headers: HeaderMap,
}

/// One entry of `userErrors`. Compares with `(code, path)`, the path dotted.
#[derive(Debug)]
pub struct Refusal {
    /// `code`.
    pub code: String,
    /// `path`, joined with dots.
    pub path: String,
    /// `retryAfter`, where it was asked for.
    pub retry_after: Option<i64>,
}

impl PartialEq<(&str, &str)> for Refusal {
    fn eq(&self, (code, path): &(&str, &str)) -> bool {
        self.code == *code && self.path == *path
    }
}

impl Reply {
    /// Reads an HTTP answer.
    pub async fn read(response: reqwest::Response) -> Self {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Self { status, body, headers }
    }

    /// A header of the answer.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// This reply, which has no top-level errors.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert!(
            self.body.get("errors").is_none() && self.body.get("data").is_some(),
            "not ok: {self:#?}"
        );
        self
    }

    /// The value at a dotted path below `data`, such as `viewer.user.id` or
    /// `organization.teams.nodes.0.slug`. It must be there; it may be null.
    #[track_caller]
    pub fn data(&self, path: &str) -> &Value {
        let start = &self.body["data"];
        let found = path
            .split('.')
            .try_fold(start, |value, key| match key.parse::<usize>() {
                Ok(index) => value.get(index),
                Err(_) => value.get(key),
            });
        found.unwrap_or_else(|| panic!("no {path} in {self:#?}"))
    }

    /// The text at a dotted path below `data`.
    #[track_caller]
    pub fn text(&self, path: &str) -> String {
        self.data(path)
            .as_str()
            .unwrap_or_else(|| panic!("no text at {path} in {self:#?}"))
            .to_owned()
    }

    /// `extensions.code` of the top-level errors, in order.
    pub fn error_codes(&self) -> Vec<String> {
        let errors = self.body["errors"].as_array().map_or(&[][..], Vec::as_slice);
        errors
            .iter()
            .map(|error| error["extensions"]["code"].as_str().unwrap_or("none").to_owned())
            .collect()
    }

    /// The `userErrors` of a mutation. If there are some, everything else in
    /// the payload is null or an empty list.
    #[track_caller]
    pub fn refusals(&self, mutation: &str) -> Vec<Refusal> {
        assert!(self.body.get("errors").is_none(), "not ok: {self:#?}");
        let payload = self
            .data(mutation)
            .as_object()
            .unwrap_or_else(|| panic!("no payload in {self:#?}"));
        let errors = payload["userErrors"].as_array().unwrap();
        if !errors.is_empty() {
            for (name, value) in payload
                .iter()
                .filter(|(name, _)| *name != "userErrors" && *name != "__typename")
            {
                assert!(
                    value.is_null() || value.as_array().is_some_and(Vec::is_empty),
                    "refused, but {name} is not empty: {self:#?}"
                );
            }
        }
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let refusal = |error: &Value| Refusal {
            code: text(&error["code"]),
            path: error["path"]
                .as_array()
                .unwrap()
                .iter()
                .map(text)
                .collect::<Vec<_>>()
                .join("."),
            retry_after: error.get("retryAfter").and_then(Value::as_i64),
        };
        errors.iter().map(refusal).collect()
    }

    /// The codes of the `userErrors` of a mutation.
    #[track_caller]
    pub fn codes(&self, mutation: &str) -> Vec<String> {
        self.refusals(mutation)
            .into_iter()
            .map(|refusal| refusal.code)
            .collect()
    }

    /// This reply to a mutation, which was not refused.
    #[track_caller]
    pub fn done(self, mutation: &str) -> Self {
        assert!(self.refusals(mutation).is_empty(), "refused: {self:#?}");
        self
    }

    /// How many SQL statements the request took (without BEGIN and COMMIT).
    #[allow(dead_code, reason = "for the stories of pages")]
    #[track_caller]
    pub fn statements(&self) -> u64 {
        let count = self.header("server-timing").and_then(|timing| {
            let (_, rest) = timing.split_once(";desc=\"")?;
            rest.split_once('"')?.0.parse().ok()
        });
        count.unwrap_or_else(|| panic!("no statement count in Server-Timing: {self:#?}"))
    }
}
