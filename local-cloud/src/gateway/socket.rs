//! The socket of a connection, which notes what happens in it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use super::connection::Connection;

/// The socket of a connection.
#[derive(Debug)]
pub(super) struct Socket {
    connection: Arc<Connection>,
    /// There until it is dropped.
    input: Option<OwnedReadHalf>,
    output: OwnedWriteHalf,
}

impl Socket {
    /// The socket of this connection.
    pub(super) fn new(stream: TcpStream, connection: Arc<Connection>) -> Self {
        let (input, output) = stream.into_split();
        Self {
            connection,
            input: Some(input),
            output,
        }
    }

    fn note<T>(&self, written: &Poll<io::Result<T>>) {
        self.connection.sent(written.is_pending());
    }
}

impl Drop for Socket {
    /// Closing a socket that holds unread bytes makes the system discard the reply too.
    fn drop(&mut self) {
        if let Some(input) = self.input.take() {
            self.connection.keep_rest(input);
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let Some(input) = &mut self.input else {
            return Poll::Ready(Ok(()));
        };
        let read = Pin::new(input).poll_read(context, buffer);
        if let Some(received @ [_, ..]) = buffer.filled().get(before..) {
            self.connection.received(received);
        }
        read
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.output).poll_write(context, bytes);
        self.note(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.output).poll_write_vectored(context, parts);
        self.note(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.output.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.output).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.output).poll_shutdown(context)
    }
}
