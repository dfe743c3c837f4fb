//! Mail: how letters get to a mail server through all the trouble it can make,
//! and the mailbox on which developers read them.

mod mailbox;
mod server;

use roster::mail::{Content, Letter};

/// An invite for `to`, and the link in it.
fn invite(to: &str) -> (Letter, String) {
    let url = format!("https://team.example.com/invite/{}", uuid::Uuid::new_v4());
    let content = Content::Invite {
        organization: "Acme".into(),
        url: url.clone(),
    };
    (Letter { to: to.into(), content }, url)
}
