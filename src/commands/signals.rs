//! Signals: the process is to end, or to read its configuration again.

use roster::reload::Reloader;
use tokio_util::sync::CancellationToken;

/// Listens to signals from now on: whoever was told that we run may send them.
/// What is returned is cancelled when the process is asked to end; asked again, it
/// ends at once.
pub fn follow(mut reloader: Reloader) -> std::io::Result<CancellationToken> {
    let shutdown = CancellationToken::new();
    let mut signals = Signals::listen()?;
    let stop = shutdown.clone();
    tokio::spawn(async move {
        loop {
            match signals.next().await {
                Signal::Reload => reloader.reload(),
                Signal::End if !stop.is_cancelled() => {
                    tracing::info!("stopping: what has begun is finished first");
                    stop.cancel();
                }
                Signal::End => {
                    tracing::warn!("asked again: ending at once");
                    std::process::exit(1);
                }
            }
        }
    });
    Ok(shutdown)
}

/// What signals ask for.
enum Signal {
    End,
    /// Read the configuration again.
    Reload,
}

/// The signals that we listen to.
#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::End,
            _ = self.interrupt.recv() => Signal::End,
            _ = self.hangup.recv() => Signal::Reload,
        }
    }
}

/// The signals that we listen to. There is none here that asks to reload.
#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) -> Signal {
        self.0.recv().await;
        Signal::End
    }
}
