//! The signals and panics that stop or end a program while its bars are drawn: the terminal gets its modes
//! back first.

use tokio::runtime::Handle;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::terminal::{restore_terminal, while_suspended};

/// Watches for them. Signals are left alone until bars are drawn for the first time, because a
/// program that draws none needs no care, and may want to handle them itself.
#[derive(Debug)]
pub(super) struct JobControl(Option<Handle>);

impl JobControl {
    /// Watches for no signal yet.
    pub(super) fn new() -> Self {
        Self(Handle::try_current().ok())
    }

    /// Watches from now on.
    pub(super) fn begin(&mut self) {
        let Some(runtime) = self.0.take() else {
            return;
        };
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            restore_terminal();
            usual(panic);
        }));
        let _entered = runtime.enter();
        let suspend = SignalKind::from_raw(libc::SIGTSTP);
        if let Ok(signals) = signal(suspend) {
            runtime.spawn(each(signals, || while_suspended(|| raise(libc::SIGSTOP))));
        }
        for kind in [
            SignalKind::terminate(),
            SignalKind::hangup(),
            SignalKind::quit(),
        ] {
            if let Ok(signals) = signal(kind) {
                runtime.spawn(each(signals, move || end_by(kind.as_raw_value())));
            }
        }
    }
}

async fn each(mut signals: Signal, act: impl Fn()) {
    while signals.recv().await.is_some() {
        act();
    }
}

fn end_by(signal: i32) {
    restore_terminal();
    as_usual(signal);
    raise(signal);
}

/// Sends this thread a signal. Returns once it is handled: after a stop, when the program goes on.
#[expect(unsafe_code, reason = "no safe function sends a signal to one thread")]
fn raise(signal: i32) {
    // SAFETY: `raise` takes no pointer.
    unsafe { libc::raise(signal) };
}

/// Lets a signal do again what it does by default.
#[expect(unsafe_code, reason = "no safe function restores a signal's default")]
fn as_usual(signal: i32) {
    // SAFETY: the default disposition is no function of this program.
    unsafe { libc::signal(signal, libc::SIG_DFL) };
}
