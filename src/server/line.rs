//! The wire of one connection: whoever reads nothing for too long loses it.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::OwnedSemaphorePermit,
    time::{Instant, Sleep, sleep},
};

use super::activity::Activity;

/// A connection whose client has to read what it is sent.
#[derive(Debug)]
pub struct Line {
    stream: TcpStream,
    patience: Duration,
    /// Runs while there is something to be written, and no room for it.
    overdue: Pin<Box<Sleep>>,
    is_waiting: bool,
    activity: Activity,
    /// Also a socket, which is not the server's any more, takes a place.
    _place: OwnedSemaphorePermit,
}

impl Line {
    /// A connection with its place, and how long a write may wait.
    pub fn new(stream: TcpStream, patience: Duration, activity: Activity, place: OwnedSemaphorePermit) -> Self {
        Self {
            stream,
            activity,
            patience,
            overdue: Box::pin(sleep(patience)),
            is_waiting: false,
            _place: place,
        }
    }

    /// The outcome of an attempt to write, unless the client has kept us waiting
    /// for too long.
    fn within_patience<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            if std::mem::take(&mut self.is_waiting) {
                self.activity.go_on();
            }
            return written;
        }
        if !self.is_waiting {
            self.is_waiting = true;
            self.overdue.as_mut().reset(Instant::now() + self.patience);
        }
        match self.overdue.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.within_patience(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, buffers);
        self.within_patience(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
