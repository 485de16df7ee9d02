//! The lines that Lambda itself writes into a function's log, as text or as JSON. Pure.

use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::clock::WallMs;

/// The version of the code that is run: this cloud publishes no others.
pub(crate) const VERSION: &str = "$LATEST";

/// How an invocation or an initialisation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Status {
    /// With an answer of the handler's, be it an error.
    Success,
    /// The runtime did not answer; the error's type, for example `Runtime.ExitError`.
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
            Self::Error(kind) => format!("Status: error\tError Type: {kind}"),
            Self::Timeout => "Status: timeout".to_owned(),
        }
    }

    fn put_into(&self, record: &mut Value) {
        record["status"] = self.word().into();
        if let Self::Error(kind) = self {
            record["errorType"] = kind.as_str().into();
        }
    }
}

/// In which phase an initialisation failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Before the invocation.
    Init,
    /// Tried again within the invocation.
    Invoke,
}

impl Phase {
    fn word(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::Invoke => "invoke",
        }
    }
}

/// What is known at the end of an invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    /// How long the invocation took.
    pub(crate) duration: Duration,
    /// How long the initialisation before it took, on a cold start.
    pub(crate) init: Option<Duration>,
    /// The function's memory.
    pub(crate) memory_mb: u32,
    /// The most that the process has used, where the system tells.
    pub(crate) used_mb: Option<u64>,
    /// How it ended.
    pub(crate) status: Status,
}

impl Report {
    /// Whole milliseconds, begun ones counted, with the initialisation.
    fn billed(&self) -> u128 {
        let whole = self.duration + self.init.unwrap_or_default();
        whole.as_nanos().div_ceil(1_000_000)
    }
}

/// Writes the lines in a function's log format.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lines {
    /// Whether the function logs JSON.
    pub(crate) json: bool,
}

impl Lines {
    /// An environment is made. `runtime` is the function's, for example `provided.al2023`.
    pub(crate) fn init_start(self, now: WallMs, runtime: &str, region: &str) -> String {
        // Neither is AWS's: no image of theirs runs here. The form is.
        let version = format!("{}.v0", runtime.replace('.', ":"));
        let hash = hex::encode(Sha256::digest(runtime));
        let arn = format!("arn:aws:lambda:{region}::runtime:{hash}");
        if !self.json {
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

    /// An initialisation failed.
    pub(crate) fn init_report(
        self,
        now: WallMs,
        took: Duration,
        phase: Phase,
        status: &Status,
    ) -> String {
        if !self.json {
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
    pub(crate) fn start(self, now: WallMs, request_id: &str) -> String {
        if !self.json {
            return format!("START RequestId: {request_id} Version: {VERSION}");
        }
        let record = json!({"requestId": request_id, "version": VERSION});
        event(now, "platform.start", &record)
    }

    /// An invocation is over: the last lines of it.
    pub(crate) fn end(self, now: WallMs, request_id: &str, report: &Report) -> Vec<String> {
        if self.json {
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

    /// The runtime ended in the midst of an invocation, or could not be started; `reason` is the
    /// sentence that the caller gets, `kind` the error's type.
    pub(crate) fn fault(self, reason: &str, kind: &str) -> String {
        format!("{reason}\n{kind}")
    }

    /// The function's timeout passed.
    pub(crate) fn timed_out(self, now: WallMs, request_id: &str, seconds: u32) -> String {
        let what = timeout_message(seconds);
        format!("{} {request_id} {what}", iso_millis(now))
    }
}

/// The sentence of a timeout, which follows the request's id.
pub(crate) fn timeout_message(seconds: u32) -> String {
    format!("Task timed out after {seconds}.00 seconds")
}

/// The sentence for a runtime that ended, with the request's id. `how` is, for example,
/// `exit status 1` or `signal: killed`; `None` for an exit with success.
pub(crate) fn exit_message(request_id: &str, how: Option<&str>) -> String {
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

fn event(now: WallMs, kind: &str, record: &Value) -> String {
    json!({"time": iso_millis(now), "type": kind, "record": record}).to_string()
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

/// The name of a new environment's log stream; `id` is 32 hexadecimal characters.
pub(crate) fn stream_name(now: WallMs, id: &str) -> String {
    let seconds = i64::try_from(now.seconds()).unwrap_or(i64::MAX);
    let day = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    format!("{}/[{VERSION}]{id}", day.strftime("%Y/%m/%d"))
}

#[cfg(test)]
mod tests;
