//! A client of server-sent events.

use std::time::Duration;

use serde_json::{Value, json};

use super::Client;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(60);

/// An answer that goes on.
pub struct EventStream {
    /// The answer.
    pub response: reqwest::Response,
    /// What was read and not yet told.
    text: String,
    /// The `id` that came last.
    pub last_id: Option<String>,
    /// Milliseconds to wait before connecting again, if that was said.
    pub retry: Option<u64>,
}

impl EventStream {
    /// An answer that has begun.
    pub fn of(response: reqwest::Response) -> Self {
        Self {
            response,
            text: String::new(),
            last_id: None,
            retry: None,
        }
    }

    /// Name and data of the next event; `None` after the end. Comments are passed
    /// over.
    pub async fn event(&mut self) -> Option<(String, String)> {
        self.try_event().await.unwrap()
    }

    /// The same on a line that may be cut at any time.
    pub async fn try_event(&mut self) -> reqwest::Result<Option<(String, String)>> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let (mut name, mut data) = (String::new(), None);
                for line in block.lines() {
                    match line.split_once(':').unwrap() {
                        ("event", value) => name = value.trim().to_owned(),
                        ("id", value) => self.last_id = Some(value.trim().to_owned()),
                        ("retry", value) => self.retry = value.trim().parse().ok(),
                        ("data", value) => data = Some(value.trim().to_owned()),
                        _ => {}
                    }
                }
                self.text = rest.to_owned();
                if let Some(data) = data {
                    return Ok(Some((name, data)));
                }
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk());
            let Some(chunk) = chunk.await.expect("waited in vain for an event")? else {
                return Ok(None);
            };
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The result that comes next.
    pub async fn next(&mut self) -> Value {
        let (name, data) = self.event().await.expect("a result");
        assert_eq!(name, "next", "{data}");
        serde_json::from_str(&data).unwrap()
    }

    /// The codes of the errors that come next, and that they are the end.
    pub async fn error(&mut self) -> Vec<String> {
        let result = self.next().await;
        assert_eq!(self.event().await, Some(("complete".into(), String::new())));
        assert_eq!(self.event().await, None);
        let errors = result["errors"].as_array().unwrap().iter();
        errors
            .map(|error| error["extensions"]["code"].as_str().unwrap_or("none").to_owned())
            .collect()
    }
}

impl Client {
    /// Sends an operation, and listens.
    pub async fn listen(&self, query: &str, variables: Value) -> EventStream {
        let body = json!({ "query": query, "variables": variables });
        let request = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = request.post(format!("{}/graphql", self.url())).json(&body);
        self.open(request).await
    }

    /// Listens to the answer of a request, as this caller.
    pub async fn open(&self, mut request: reqwest::RequestBuilder) -> EventStream {
        if let Some(token) = self.bearer() {
            request = request.bearer_auth(token);
        }
        EventStream::of(request.header("accept", "text/event-stream").send().await.unwrap())
    }
}
