//! What is said over a socket, and with which codes it is closed.

use std::borrow::Cow;

use async_graphql::{Response, ServerError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio_tungstenite::tungstenite::{Error as WireError, error::ProtocolError};

use super::super::{object::Object, operation::Parameters, rate::Limited};

/// Bytes of a reason; the frame has no room for more.
const REASON_MAX: usize = 123;

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Message {
    ConnectionInit {
        payload: Option<Map<String, Value>>,
    },
    Ping {
        payload: Option<Map<String, Value>>,
    },
    // Read so that a wrong type is refused.
    #[allow(dead_code)]
    Pong {
        payload: Option<Map<String, Value>>,
    },
    Subscribe {
        id: String,
        payload: Object<Parameters>,
    },
    Complete {
        id: String,
    },
}

/// What we say.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Reply<'a> {
    ConnectionAck,
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Map<String, Value>>,
    },
    Next {
        id: &'a str,
        payload: &'a Response,
    },
    Error {
        id: &'a str,
        payload: &'a [ServerError],
    },
    Complete {
        id: &'a str,
    },
}

/// Why a socket is closed.
#[derive(Debug)]
pub struct Closing {
    /// `None` if the client closed it, or is gone.
    pub code: Option<u16>,
    /// In words.
    pub reason: Cow<'static, str>,
}

impl Closing {
    pub fn new(code: u16, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code: Some(code),
            reason: reason.into(),
        }
    }

    /// The client closed the socket, or the line is cut.
    pub fn gone() -> Self {
        Self {
            code: None,
            reason: "The client left.".into(),
        }
    }

    pub fn invalid(why: &'static str) -> Self {
        Self::new(4400, why)
    }

    pub fn too_long(most: usize) -> Self {
        Self::new(1009, format!("Send at most {most} bytes"))
    }

    pub fn too_often(limited: Limited) -> Self {
        Self::new(1013, format!("Try again in {} s", limited.retry_after()))
    }

    pub fn silent() -> Self {
        Self::new(1001, "Nothing was heard of you")
    }

    pub fn slow() -> Self {
        Self::new(1013, "Too slow; go on after your last event")
    }

    pub fn restart() -> Self {
        Self::new(1012, "Service restart; go on after your last event")
    }

    pub fn credential_ended() -> Self {
        Self::new(4401, "Unauthorized: the credential has ended")
    }

    /// What follows from a frame that cannot be read; `most` = bytes of a
    /// message.
    pub fn unreadable(error: axum::Error, most: usize) -> Self {
        let error = error.into_inner();
        match error.downcast_ref() {
            Some(WireError::Capacity(_)) => Self::too_long(most),
            Some(
                WireError::Io(_)
                | WireError::ConnectionClosed
                | WireError::AlreadyClosed
                | WireError::Protocol(ProtocolError::ResetWithoutClosingHandshake),
            ) => Self::gone(),
            _ => {
                tracing::debug!(%error, "socket cannot be read");
                Self::invalid("Invalid message")
            }
        }
    }

    /// The reason as it fits into a frame.
    pub fn into_reason(self) -> String {
        let mut reason = self.reason.into_owned();
        reason.truncate(reason.floor_char_boundary(REASON_MAX));
        reason
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use tokio_tungstenite::tungstenite::error::CapacityError;

    use super::*;

    #[test]
    fn a_line_that_is_cut_is_no_mistake_of_the_client() {
        let code = |error: WireError| Closing::unreadable(axum::Error::new(error), 10).code;
        let reset = io::Error::from(io::ErrorKind::ConnectionReset);
        assert_eq!(code(WireError::Io(reset)), None);
        assert_eq!(
            code(WireError::Protocol(ProtocolError::ResetWithoutClosingHandshake)),
            None
        );
        let too_long = CapacityError::MessageTooLong { size: 30, max_size: 20 };
        assert_eq!(code(WireError::Capacity(too_long)), Some(1009));
        assert_eq!(
            code(WireError::Protocol(ProtocolError::UnmaskedFrameFromClient)),
            Some(4400)
        );
    }
}
