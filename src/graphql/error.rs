//! The two doors through which a "no" leaves: data of a mutation's payload, or
//! a GraphQL error. Which of them, is decided here and nowhere else.

use async_graphql::{ServerError, SimpleObject};

use crate::{
    error::{Code, Error, Refusal, shown},
    telemetry::account,
};

/// What a resolver returns.
pub type Reply<T> = Result<T, Fault>;

/// An [`Error`] on its way out as a GraphQL error. It has no `Display` on
/// purpose: the library would turn anything printable into an error without
/// a code. It is `Clone` because the library wants that.
#[derive(Clone, Debug)]
pub struct Fault(async_graphql::Error);

impl Fault {
    /// An argument that cannot be used; `why` is shown to the client.
    pub fn bad_input(why: impl Into<String>) -> Self {
        Self::coded("BAD_USER_INPUT", why)
    }

    fn coded(code: &str, message: impl Into<String>) -> Self {
        let mut reply = async_graphql::Error::new(message);
        reply.extensions.get_or_insert_default().set("code", code);
        Self(reply)
    }
}

impl<E: Into<Error>> From<E> for Fault {
    fn from(error: E) -> Self {
        match error.into() {
            Error::Internal(cause) => {
                tracing::error!(operation = account::name(), cause = shown(&*cause), "request failed");
                let internal = Refusal::from(Code::Internal);
                Self::coded(internal.code.name(), internal.message)
            }
            Error::Refused(refusals) => {
                let first = refusals.into_iter().next().unwrap_or_else(|| Code::Internal.into());
                // Of an argument, which has no payload to say so.
                let code = match first.code {
                    Code::ValidationFailed => "BAD_USER_INPUT",
                    code => code.name(),
                };
                let mut fault = Self::coded(code, first.message);
                if let Some(seconds) = first.retry_after {
                    fault.0.extensions.get_or_insert_default().set("retryAfter", seconds);
                }
                fault
            }
        }
    }
}

impl From<Fault> for async_graphql::Error {
    fn from(fault: Fault) -> Self {
        fault.0
    }
}

/// A nullable field that can fail. Of a `Result<Option<…>>` the library would
/// turn the whole parent null.
pub fn nullable<T, E: Into<Fault>>(found: Result<Option<T>, E>) -> Option<Reply<T>> {
    found.map_err(Into::into).transpose()
}

/// The error of a request that is refused before any of it runs.
pub fn refusal(code: impl Into<&'static str>, message: impl Into<String>) -> ServerError {
    let mut error = ServerError::new(message, None);
    error.extensions.get_or_insert_default().set("code", code.into());
    error
}

/// Something that a mutation refused, and that the client can act on.
#[derive(Debug, SimpleObject)]
pub struct UserError {
    /// What was refused, for programs.
    code: Code,
    /// What was refused, for people.
    message: String,
    /// The input field to blame, from the outside in: `["input", "teamRoles",
    /// "2", "role"]`. Empty when no field is to blame.
    path: Vec<String>,
    /// With RATE_LIMITED: seconds after which to try again.
    retry_after: Option<i32>,
}

impl From<Refusal> for UserError {
    fn from(refusal: Refusal) -> Self {
        let mut path = refusal.path;
        if !path.is_empty() {
            path.insert(0, "input".to_owned());
        }
        Self {
            code: refusal.code,
            message: refusal.message.into_owned(),
            path,
            retry_after: refusal
                .retry_after
                .map(|seconds| i32::try_from(seconds).unwrap_or(i32::MAX)),
        }
    }
}

impl UserError {
    /// Why one part of a mutation was not done while others were. A fault stays
    /// with that part: told as an error, it would hide what became of the rest.
    pub fn of_part(error: Error) -> Vec<Self> {
        match error {
            Error::Refused(refusals) => refusals.into_iter().map(Self::from).collect(),
            Error::Internal(cause) => {
                account::refused(Code::Internal.name());
                tracing::error!(
                    operation = account::name(),
                    cause = shown(&*cause),
                    "part of a request failed"
                );
                vec![Refusal::from(Code::Internal).into()]
            }
        }
    }
}

/// What a mutation answers: made from what it did, or from why it did not.
pub trait Payload<T> {
    /// The change was made.
    fn done(value: T) -> Self;

    /// The change was refused; objects are null and lists are empty.
    fn refused(user_errors: Vec<UserError>) -> Self;
}

/// Refusals that a client can act on become `userErrors`; faults stay errors.
pub trait IntoPayload<P> {
    /// The payload, or the fault.
    fn into_payload(self) -> Reply<P>;
}

impl<T, P: Payload<T>> IntoPayload<P> for crate::error::Result<T> {
    fn into_payload(self) -> Reply<P> {
        match self {
            Ok(value) => Ok(P::done(value)),
            Err(Error::Refused(refusals)) if !refusals.iter().any(|refusal| refusal.code.is_fault()) => {
                for refusal in &refusals {
                    account::refused(refusal.code.name());
                }
                Ok(P::refused(refusals.into_iter().map(UserError::from).collect()))
            }
            Err(fault) => Err(fault.into()),
        }
    }
}
