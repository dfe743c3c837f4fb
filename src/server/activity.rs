//! What a connection is doing: how many requests run, and whether somebody does
//! not read their answer.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    http::Version,
};
use hyper::body::{Frame, SizeHint};
use tokio::time::Instant;

use crate::config::Connections;

/// What becomes of a connection if nothing happens until then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// It has no request, so it may go.
    Idle(Instant),
    /// Its client sends no request, or does not read, and is given up.
    Overdue(Instant),
    /// A request runs.
    Never,
}

/// The requests of one connection.
#[derive(Clone, Debug)]
pub struct Activity(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// Requests so far.
    begun: u64,
    /// Those that run, until the last byte of their answer is handed over.
    running: usize,
    /// Since when none does.
    quiet_since: Instant,
    /// Answers of which a part was handed over, and when: nobody has asked for
    /// the next part yet.
    unread: HashMap<u64, Instant>,
}

impl Activity {
    /// A connection that has just come.
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            begun: 0,
            running: 0,
            quiet_since: Instant::now(),
            unread: HashMap::new(),
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request begins; it ends when what is returned is dropped.
    pub fn begin(&self) -> Turn {
        let mut state = self.state();
        state.begun += 1;
        state.running += 1;
        Turn {
            number: state.begun,
            activity: self.clone(),
        }
    }

    /// A client that has kept us waiting has read something. While it does, the
    /// connection is not idle, although the answer was handed over long ago.
    pub fn go_on(&self) {
        self.state().quiet_since = Instant::now();
    }

    /// Since when no request runs; of no meaning while one does.
    pub fn quiet_since(&self) -> Instant {
        self.state().quiet_since
    }

    /// What comes next if nothing happens.
    pub fn due(&self, settings: &Connections) -> Due {
        let state = self.state();
        if let Some(since) = state.unread.values().min() {
            return Due::Overdue(*since + settings.write_timeout);
        }
        match (state.running, state.begun) {
            (0, 0) => Due::Overdue(state.quiet_since + settings.header_timeout),
            (0, _) => Due::Idle(state.quiet_since + settings.idle_timeout),
            _ => Due::Never,
        }
    }
}

/// A request of a connection.
#[derive(Debug)]
pub struct Turn {
    number: u64,
    activity: Activity,
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.activity.state();
        state.unread.remove(&self.number);
        state.running -= 1;
        if state.running == 0 {
            state.quiet_since = Instant::now();
        }
    }
}

/// The body of an answer. Over HTTP/2 it knows whether it is read, and nothing
/// else does: the connection itself is fine while one stream of it stands still.
/// Over HTTP/1 the connection knows better: it sees each byte that is taken.
#[derive(Debug)]
pub struct Watched {
    body: Body,
    turn: Turn,
    is_stream: bool,
}

impl Watched {
    /// The answer to a request of this version.
    pub fn new(body: Body, turn: Turn, version: Version) -> Self {
        let is_stream = version >= Version::HTTP_2;
        Self { body, turn, is_stream }
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Self { body, turn, is_stream } = &mut *self;
        if !*is_stream {
            return Pin::new(body).poll_frame(context);
        }
        turn.activity.state().unread.remove(&turn.number);
        let frame = Pin::new(body).poll_frame(context);
        if matches!(frame, Poll::Ready(Some(Ok(_)))) {
            turn.activity.state().unread.insert(turn.number, Instant::now());
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
