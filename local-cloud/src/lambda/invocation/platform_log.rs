//! The lines that Lambda itself logs for a function, as text or as JSON.

use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::clock::WallMs;
use crate::lambda::engine::LATEST;

/// How an invocation or an init ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Status {
    /// With a response of the handler, which may be an error.
    Success,
    /// The runtime did not respond; the error's type, for example `Runtime.ExitError`.
    Error(String),
    /// The function's timeout passed.
    Timeout,
}

impl Status {
    fn word(&self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Error(_) => "error",
            Self::Timeout => "timeout",
        }
    }

    /// What a line of text ends with; nothing for a success.
    fn suffix(&self) -> String {
        match self {
            Self::Success => String::new(),
            Self::Error(error_type) => format!("Status: error\tError Type: {error_type}"),
            Self::Timeout => "Status: timeout".to_owned(),
        }
    }

    fn put_into(&self, record: &mut Value) {
        record["status"] = self.word().into();
        if let Self::Error(error_type) = self {
            record["errorType"] = error_type.as_str().into();
        }
    }
}

/// In which phase an init failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InitPhase {
    /// Before the invocation.
    Init,
    /// When it was repeated within the invocation.
    Invoke,
}

impl InitPhase {
    fn word(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::Invoke => "invoke",
        }
    }
}

/// What is known at the end of an invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Report {
    /// How long the invocation took.
    pub(super) duration: Duration,
    /// How long the init before it took, on a cold start.
    pub(super) init: Option<Duration>,
    /// The function's memory.
    pub(super) memory_mb: u32,
    /// The most memory that the process has used, where the system tells.
    pub(super) used_mb: Option<u64>,
    /// How it ended.
    pub(super) status: Status,
}

impl Report {
    /// Milliseconds, rounded up, including the init.
    fn billed(&self) -> u128 {
        let whole = self.duration + self.init.unwrap_or_default();
        whole.as_nanos().div_ceil(1_000_000)
    }
}

/// A function's log format.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlatformLog {
    /// Whether the function logs JSON.
    pub(super) is_json: bool,
}

impl PlatformLog {
    /// An init begins. `runtime` is the function's, for example `provided.al2023`.
    pub(super) fn init_start(self, now: WallMs, runtime: &str, region: &str) -> String {
        // Only their form is AWS's: none of its images runs here.
        let version = format!("{}.v0", runtime.replace('.', ":"));
        let hash = hex::encode(Sha256::digest(runtime));
        let arn = format!("arn:aws:lambda:{region}::runtime:{hash}");
        if !self.is_json {
            return format!("INIT_START Runtime Version: {version}\tRuntime Version ARN: {arn}");
        }
        let record = json!({
            "initializationType": "on-demand",
            "phase": "init",
            "runtimeVersion": version,
            "runtimeVersionArn": arn,
        });
        event(now, "platform.initStart", &record)
    }

    /// An init failed.
    pub(super) fn init_report(
        self,
        now: WallMs,
        took: Duration,
        phase: InitPhase,
        status: &Status,
    ) -> String {
        if !self.is_json {
            return format!(
                "INIT_REPORT Init Duration: {:.2} ms\tPhase: {}\t{}",
                millis(took),
                phase.word(),
                status.suffix()
            );
        }
        let mut record = json!({
            "initializationType": "on-demand",
            "phase": phase.word(),
            "metrics": {"durationMs": rounded(took)},
        });
        status.put_into(&mut record);
        event(now, "platform.initReport", &record)
    }

    /// An invocation begins.
    pub(super) fn start(self, now: WallMs, request_id: &str) -> String {
        if !self.is_json {
            return format!("START RequestId: {request_id} Version: {LATEST}");
        }
        let record = json!({"requestId": request_id, "version": LATEST});
        event(now, "platform.start", &record)
    }

    /// An invocation ends.
    pub(super) fn end(self, now: WallMs, request_id: &str, report: &Report) -> Vec<String> {
        if self.is_json {
            return vec![report_event(now, request_id, report)];
        }
        let mut text = format!(
            "REPORT RequestId: {request_id}\tDuration: {:.2} ms\tBilled Duration: {} ms\t\
             Memory Size: {} MB\t",
            millis(report.duration),
            report.billed(),
            report.memory_mb
        );
        if let Some(used) = report.used_mb {
            text += &format!("Max Memory Used: {used} MB\t");
        }
        if let Some(init) = report.init {
            text += &format!("Init Duration: {:.2} ms\t", millis(init));
        }
        text += &report.status.suffix();
        vec![format!("END RequestId: {request_id}"), text]
    }

    /// The runtime ended during an invocation, or could not be started; `message` is also what the
    /// caller gets.
    pub(super) fn failure(self, message: &str, error_type: &str) -> String {
        format!("{message}\n{error_type}")
    }

    /// The function's timeout passed.
    pub(super) fn timed_out(self, now: WallMs, request_id: &str, seconds: u32) -> String {
        let message = timeout_message(seconds);
        format!("{} {request_id} {message}", iso_millis(now))
    }
}

/// The message of a timeout, without the request's id.
pub(super) fn timeout_message(seconds: u32) -> String {
    format!("Task timed out after {seconds}.00 seconds")
}

/// The message of a runtime that ended, with the request's id. `how` is, for example,
/// `exit status 1` or `signal: killed`; `None` for an exit with success.
pub(super) fn exit_message(request_id: &str, how: Option<&str>) -> String {
    match how {
        Some(how) => format!("RequestId: {request_id} Error: Runtime exited with error: {how}"),
        None => format!("RequestId: {request_id} Error: Runtime exited without providing a reason"),
    }
}

fn report_event(now: WallMs, request_id: &str, report: &Report) -> String {
    let mut metrics = json!({
        "durationMs": rounded(report.duration),
        "billedDurationMs": u64::try_from(report.billed()).unwrap_or(u64::MAX),
        "memorySizeMB": report.memory_mb,
    });
    if let Some(used) = report.used_mb {
        metrics["maxMemoryUsedMB"] = used.into();
    }
    if let Some(init) = report.init {
        metrics["initDurationMs"] = rounded(init).into();
    }
    let mut record = json!({"requestId": request_id, "metrics": metrics});
    report.status.put_into(&mut record);
    event(now, "platform.report", &record)
}

fn event(now: WallMs, event_type: &str, record: &Value) -> String {
    json!({"time": iso_millis(now), "type": event_type, "record": record}).to_string()
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// Milliseconds with three places, as AWS writes them in JSON.
fn rounded(duration: Duration) -> f64 {
    (millis(duration) * 1000.0).round() / 1000.0
}

/// For example `2026-01-31T12:00:00.123Z`.
fn iso_millis(now: WallMs) -> String {
    let millis = i64::try_from(now.0).unwrap_or(i64::MAX);
    // A time beyond the year 9999 is written as the epoch; the clock never reads one.
    let time = jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
    format!("{time:.3}")
}

#[cfg(test)]
mod tests;
