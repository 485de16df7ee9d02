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
            runtime.spawn(each(signals, || {
                while_suspended(|| as_usual(libc::SIGTSTP))
            }));
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
}

/// Does with a signal what the system does by default. Returns when the program goes on; at once where the
/// system ignores it, as Ctrl-Z where no shell could let the program go on.
#[expect(
    unsafe_code,
    reason = "no safe function restores a signal's default action"
)]
fn as_usual(signal: i32) {
    // SAFETY: a `sigaction` of zeros is valid, and the pointers are to values that live.
    unsafe {
        let mut usual: libc::sigaction = std::mem::zeroed();
        usual.sa_sigaction = libc::SIG_DFL;
        let mut ours: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, &raw const usual, &raw mut ours);
        libc::raise(signal);
        libc::sigaction(signal, &raw const ours, std::ptr::null_mut());
    }
}
