//! What an execution environment prints, and what Lambda logs about it: split into lines, kept for
//! the invocation's log tail, and written to the log stream in batches.

use std::io::{self, PipeReader};
use std::os::fd::AsFd as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::unix::pipe::Receiver;

use crate::clock::{Clock, WallMs};
use crate::lambda::logs::LogStream;

/// How long lines wait for others, so that a busy function does not cost a write per line.
const BATCH_TIME: Duration = Duration::from_millis(100);

/// How many bytes wait at most.
const MAX_PENDING: usize = 256 * 1024;

/// Longer lines are split into pieces of this many bytes.
const MAX_LINE: usize = 64 * 1024;

/// How many bytes of an invocation's log `X-Amz-Log-Result` has.
const TAIL: usize = 4096;

/// The output of one execution environment.
#[derive(Debug)]
pub(crate) struct Output {
    clock: Arc<Clock>,
    log_stream: LogStream,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    pending: Vec<(WallMs, String)>,
    pending_bytes: usize,
    /// Whether a task is about to write the pending lines.
    is_scheduled: bool,
    /// The last bytes of the invocation's log.
    tail: Vec<u8>,
    /// The beginning of a line whose end has not been printed yet.
    partial: Vec<u8>,
}

impl State {
    fn push(&mut self, now: WallMs, line: String) {
        self.tail.extend_from_slice(line.as_bytes());
        self.tail.push(b'\n');
        if self.tail.len() > 4 * TAIL {
            self.tail.drain(..self.tail.len() - TAIL);
        }
        self.pending_bytes += line.len();
        self.pending.push((now, line));
    }

    fn end_line(&mut self, now: WallMs) {
        let line = std::mem::take(&mut self.partial);
        let text = String::from_utf8_lossy(&line);
        let stripped = text.strip_suffix('\r').unwrap_or(&text);
        // CloudWatch Logs takes no empty events.
        if !stripped.is_empty() {
            self.push(now, stripped.to_owned());
        }
    }

    fn append(&mut self, now: WallMs, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = MAX_LINE - self.partial.len();
            let end = bytes.iter().take(room).position(|byte| *byte == b'\n');
            let length = end.unwrap_or_else(|| bytes.len().min(room));
            let (line, rest) = bytes.split_at(length);
            self.partial.extend_from_slice(line);
            bytes = rest;
            if end.is_some() {
                bytes = bytes.get(1..).unwrap_or_default();
                self.end_line(now);
            } else if self.partial.len() >= MAX_LINE {
                self.end_line(now);
            }
        }
    }
}

impl Output {
    /// Output that is written to this stream.
    pub(crate) fn new(clock: Arc<Clock>, log_stream: LogStream) -> Self {
        Self {
            clock,
            log_stream,
            state: Mutex::default(),
        }
    }

    /// The stream's name.
    pub(crate) fn stream(&self) -> &str {
        self.log_stream.stream()
    }

    /// Adds lines that Lambda itself logs.
    pub(crate) fn log(self: &Arc<Self>, lines: impl IntoIterator<Item = String>) {
        let now = self.clock.now().wall;
        let mut state = self.lock();
        for line in lines {
            state.push(now, line);
        }
        self.schedule(&mut state);
    }

    /// Clears the tail when an invocation begins.
    pub(crate) fn clear_tail(&self) {
        self.lock().tail.clear();
    }

    /// The last 4 KiB of the invocation's log.
    pub(crate) fn tail(&self) -> Vec<u8> {
        let state = self.lock();
        let start = state.tail.len().saturating_sub(TAIL);
        state.tail[start..].to_vec()
    }

    fn append(self: &Arc<Self>, bytes: &[u8]) {
        let now = self.clock.now().wall;
        let mut state = self.lock();
        state.append(now, bytes);
        self.schedule(&mut state);
    }

    fn close(&self) {
        let now = self.clock.now().wall;
        self.lock().end_line(now);
        self.flush();
    }

    /// Makes sure that the pending lines are written: soon, or now when they are many.
    fn schedule(self: &Arc<Self>, state: &mut State) {
        if state.pending_bytes > MAX_PENDING {
            self.write(state);
        } else if !state.pending.is_empty() && !state.is_scheduled {
            state.is_scheduled = true;
            let output = Arc::clone(self);
            tokio::spawn(async move {
                tokio::time::sleep(BATCH_TIME).await;
                output.flush();
            });
        }
    }

    /// Writes the pending lines to the log stream.
    pub(crate) fn flush(&self) {
        let mut state = self.lock();
        state.is_scheduled = false;
        self.write(&mut state);
    }

    fn write(&self, state: &mut State) {
        state.pending_bytes = 0;
        let lines = std::mem::take(&mut state.pending);
        if !lines.is_empty() {
            self.log_stream.write(lines);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The reading end of an environment's standard output and error.
#[derive(Debug)]
pub(crate) struct Pipe {
    reader: Receiver,
    output: Arc<Output>,
    /// Only one task reads at a time, or lines would be mixed up.
    reading: Mutex<()>,
}

impl Pipe {
    /// Takes over the reading end.
    ///
    /// # Errors
    /// When it cannot be watched.
    pub(crate) fn new(reader: PipeReader, output: Arc<Output>) -> io::Result<Self> {
        Ok(Self {
            reader: Receiver::from_owned_fd(reader.into())?,
            output,
            reading: Mutex::default(),
        })
    }

    /// Reads what has been printed so far, without waiting. What a process printed before it sent
    /// its response is there when the response is.
    pub(crate) fn drain(&self) -> Drained {
        // Tokio may not know yet that there is something, so the system is asked.
        self.read(|chunk| Ok(rustix::io::read(self.reader.as_fd(), chunk)?))
    }

    fn read(&self, read: impl Fn(&mut [u8]) -> io::Result<usize>) -> Drained {
        let _reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let mut chunk = [0; 16 * 1024];
        // Bounded: a process that prints without end must not hold the caller.
        for _ in 0..64 {
            match read(&mut chunk) {
                Ok(0) => return Drained::Closed,
                Ok(length) => self.output.append(&chunk[..length]),
                Err(problem) if problem.kind() == io::ErrorKind::WouldBlock => {
                    return Drained::Empty;
                }
                Err(problem) if problem.kind() == io::ErrorKind::Interrupted => {}
                Err(problem) => {
                    tracing::warn!(%problem, "a function's output could not be read");
                    return Drained::Closed;
                }
            }
        }
        Drained::More
    }

    /// Reads until every writer has closed its end.
    pub(crate) async fn follow(&self) {
        while self.reader.readable().await.is_ok() {
            match self.read(|chunk| self.reader.try_read(chunk)) {
                Drained::Closed => break,
                Drained::Empty => {}
                Drained::More => tokio::task::yield_now().await,
            }
        }
        self.output.close();
    }
}

/// How a [`Pipe::drain`] ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Drained {
    /// Nothing more has been printed.
    Empty,
    /// There may be more.
    More,
    /// Nothing more will be printed.
    Closed,
}

/// The lines of these pieces of output.
#[cfg(any(test, feature = "fuzzing"))]
pub(super) fn lines(pieces: &[&[u8]]) -> Vec<String> {
    let mut state = State::default();
    for piece in pieces {
        state.append(WallMs(1), piece);
    }
    state.end_line(WallMs(2));
    state.pending.into_iter().map(|(_, line)| line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_newlines_and_at_64_kib() {
        let mut state = State::default();
        state.append(WallMs(1), b"one\r\n\ntw");
        state.append(WallMs(2), b"o\nrest");
        let texts: Vec<&str> = state.pending.iter().map(|(_, line)| &**line).collect();
        assert_eq!(texts, ["one", "two"]);
        state.append(WallMs(3), &vec![b'x'; MAX_LINE]);
        assert_eq!(state.pending[2].1.len(), MAX_LINE);
        assert_eq!(state.partial.len(), 4);
        assert!(state.tail.len() <= 4 * TAIL);
    }
}
