//! What an execution environment prints, and what Lambda says of it: gathered into lines, kept
//! for the invocation's log tail, and handed to the log store many at a time.

use std::io::{self, PipeReader};
use std::os::fd::AsFd as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::unix::pipe::Receiver;

use crate::clock::{Clock, WallMs};
use crate::lambda::logs::LogStream;

/// How long lines wait for more of them, so that a busy function does not cost a write a line.
const GATHER: Duration = Duration::from_millis(100);

/// How many bytes wait at most.
const WAITING: usize = 256 * 1024;

/// Longer lines are cut into pieces of this many bytes.
const LINE: usize = 64 * 1024;

/// How much of an invocation's log `X-Amz-Log-Result` shows.
const TAIL: usize = 4096;

/// The log stream of one execution environment.
#[derive(Debug)]
pub(crate) struct Output {
    clock: Arc<Clock>,
    log_stream: LogStream,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<(WallMs, String)>,
    bytes: usize,
    /// Whether a task is about to write what waits.
    scheduled: bool,
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
        self.bytes += line.len();
        self.waiting.push((now, line));
    }

    fn cut(&mut self, now: WallMs) {
        let line = std::mem::take(&mut self.partial);
        let text = String::from_utf8_lossy(&line);
        let text = text.strip_suffix('\r').unwrap_or(&text);
        // CloudWatch Logs takes no empty events.
        if !text.is_empty() {
            self.push(now, text.to_owned());
        }
    }

    fn print(&mut self, now: WallMs, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = LINE - self.partial.len();
            let end = bytes.iter().take(room).position(|byte| *byte == b'\n');
            let length = end.unwrap_or_else(|| bytes.len().min(room));
            let (line, rest) = bytes.split_at(length);
            self.partial.extend_from_slice(line);
            bytes = rest;
            if end.is_some() {
                bytes = bytes.get(1..).unwrap_or_default();
                self.cut(now);
            } else if self.partial.len() >= LINE {
                self.cut(now);
            }
        }
    }
}

impl Output {
    /// What goes into this stream.
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

    /// Adds lines of Lambda's own.
    pub(crate) fn say(self: &Arc<Self>, lines: impl IntoIterator<Item = String>) {
        let now = self.clock.now().wall;
        let mut state = self.lock();
        for line in lines {
            state.push(now, line);
        }
        self.schedule(&mut state);
    }

    /// An invocation begins: the tail is its own.
    pub(crate) fn begin(&self) {
        self.lock().tail.clear();
    }

    /// The last 4 KiB of the invocation's log.
    pub(crate) fn tail(&self) -> Vec<u8> {
        let state = self.lock();
        let start = state.tail.len().saturating_sub(TAIL);
        state.tail[start..].to_vec()
    }

    fn print(self: &Arc<Self>, bytes: &[u8]) {
        let now = self.clock.now().wall;
        let mut state = self.lock();
        state.print(now, bytes);
        self.schedule(&mut state);
    }

    fn close(&self) {
        let now = self.clock.now().wall;
        self.lock().cut(now);
        self.flush();
    }

    /// Sees to it that what waits is written: soon, or now when it is much.
    fn schedule(self: &Arc<Self>, state: &mut State) {
        if state.bytes > WAITING {
            self.write(state);
        } else if !state.waiting.is_empty() && !state.scheduled {
            state.scheduled = true;
            let output = Arc::clone(self);
            tokio::spawn(async move {
                tokio::time::sleep(GATHER).await;
                output.flush();
            });
        }
    }

    /// Hands what waits to the log store.
    pub(crate) fn flush(&self) {
        let mut state = self.lock();
        state.scheduled = false;
        self.write(&mut state);
    }

    fn write(&self, state: &mut State) {
        state.bytes = 0;
        let lines = std::mem::take(&mut state.waiting);
        if !lines.is_empty() {
            self.log_stream.write(lines);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The end of the pipe that an environment's standard output and error go into.
#[derive(Debug)]
pub(crate) struct Pipe {
    reader: Receiver,
    output: Arc<Output>,
    /// Only one reads at a time, or lines would be mixed up.
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

    /// Takes what has been printed so far, without waiting. What a process printed before it
    /// sent its answer is there when the answer is.
    pub(crate) fn drain(&self) -> Drained {
        // Tokio may not have heard yet that there is something, so the system is asked.
        self.take(|chunk| Ok(rustix::io::read(self.reader.as_fd(), chunk)?))
    }

    fn take(&self, read: impl Fn(&mut [u8]) -> io::Result<usize>) -> Drained {
        let _reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let mut chunk = [0; 16 * 1024];
        // Bounded: a process that prints without end must not hold the caller.
        for _ in 0..64 {
            match read(&mut chunk) {
                Ok(0) => return Drained::Closed,
                Ok(length) => self.output.print(&chunk[..length]),
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
            match self.take(|chunk| self.reader.try_read(chunk)) {
                Drained::Closed => break,
                Drained::Empty => {}
                Drained::More => tokio::task::yield_now().await,
            }
        }
        self.output.close();
    }
}

/// How far a [`Pipe::drain`] came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Drained {
    /// Nothing more has been printed.
    Empty,
    /// There may be more.
    More,
    /// Nothing more will be printed.
    Closed,
}

/// The lines that these pieces of output make.
#[cfg(any(test, feature = "fuzzing"))]
pub(in crate::lambda) fn lines(pieces: &[&[u8]]) -> Vec<String> {
    let mut state = State::default();
    for piece in pieces {
        state.print(WallMs(1), piece);
    }
    state.cut(WallMs(2));
    state.waiting.into_iter().map(|(_, line)| line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_at_their_ends_and_when_they_are_too_long() {
        let mut state = State::default();
        state.print(WallMs(1), b"one\r\n\ntw");
        state.print(WallMs(2), b"o\nrest");
        let texts: Vec<&str> = state.waiting.iter().map(|(_, line)| &**line).collect();
        assert_eq!(texts, ["one", "two"]);
        state.print(WallMs(3), &vec![b'x'; LINE]);
        assert_eq!(state.waiting[2].1.len(), LINE);
        assert_eq!(state.partial.len(), 4);
        assert!(state.tail.len() <= 4 * TAIL);
    }
}
