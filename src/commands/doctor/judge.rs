//! What findings mean. Pure.

use super::Check;
use crate::context::{Region, RegionSource};

/// AWS refuses what was signed more than five minutes before or after its own time. Source:
/// docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html.
const REFUSED_SECONDS: u64 = 300;
/// From here on a clock is worth a warning, in seconds.
const ODD_SECONDS: u64 = 60;
/// What the trigger's first five concurrent invocations and the simulator need, doubled.
const ENOUGH_CONCURRENCY: i32 = 12;

/// A running local cloud of one version, and a program of another.
pub(super) fn local_cloud(name: &'static str, found: &str, running: &str, this: &str) -> Check {
    if running == this {
        return Check::ok(name, found);
    }
    Check::warning(
        name,
        format!("{found}, of version {running}; this program is {this}"),
        "The next command restarts an older one, which keeps its state. For a newer one, use the newer program or run `orders-lab local stop`.",
    )
}

/// How far this machine's clock is from AWS's; `ahead` is in milliseconds, and less than nothing
/// where this one is behind.
pub(super) fn clock(name: &'static str, ahead: i64) -> Check {
    // The header counts whole seconds.
    let seconds = ahead.unsigned_abs() / 1000;
    let side = if ahead < 0 { "behind" } else { "ahead of" };
    let found = format!("{seconds} s {side} AWS's");
    let advice = "Set the clock, preferably with a time service: `timedatectl set-ntp true`.";
    if seconds >= REFUSED_SECONDS {
        let found =
            format!("{found}; AWS refuses requests that are {REFUSED_SECONDS} s off or more");
        Check::problem(name, found, advice)
    } else if seconds > ODD_SECONDS {
        Check::warning(name, found, advice)
    } else if seconds <= 1 {
        Check::ok(name, "as AWS's")
    } else {
        Check::ok(name, found)
    }
}

/// Lambda's concurrency: the account's limit, and what of it no function has reserved.
pub(super) fn concurrency(name: &'static str, limit: i32, left: i32) -> Check {
    let found = format!("{left} of {limit} concurrent invocations are unreserved");
    let more =
        "Raise the limit in Service Quotas: AWS Lambda, `Concurrent executions` (L-B99A9384).";
    if left <= 0 {
        let advice = format!(
            "Every invocation is throttled. Remove some functions' reserved concurrency, or: {more}"
        );
        Check::problem(name, found, advice)
    } else if left < ENOUGH_CONCURRENCY {
        let advice = format!(
            "New accounts begin with 10. The lab works, but slowly: its trigger begins with 5 at a time. {more}"
        );
        Check::warning(name, found, advice)
    } else {
        Check::ok(name, found)
    }
}

/// The region, and who chose it.
pub(super) fn region(name: &'static str, region: &Region) -> Check {
    let found = &region.name;
    match &region.source {
        RegionSource::Flag | RegionSource::Configuration => Check::ok(name, found),
        RegionSource::Lab { unused: None } => {
            Check::ok(name, format!("{found}, where the lab was built"))
        }
        RegionSource::Lab {
            unused: Some(unused),
        } => Check::ok(
            name,
            format!("{found}, where the lab was built; the configured {unused} is not used"),
        ),
        RegionSource::Default => Check::warning(
            name,
            format!("none is set; {found} is used"),
            "Set AWS_REGION or the profile's region, or say --region.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn a_clock_is_judged_as_the_signature_is() {
        for (ahead, state) in [
            (0, State::Ok),
            (-59_000, State::Ok),
            (61_000, State::Warning),
            (-299_000, State::Warning),
            (300_000, State::Problem),
            (i64::MIN, State::Problem),
        ] {
            assert_eq!(clock("clock", ahead).state, state, "{ahead}");
        }
        assert!(clock("clock", -90_000).found.contains("90 s behind"));
    }

    #[test]
    fn concurrency_must_be_left() {
        for (limit, left, state) in [
            (1000, 1000, State::Ok),
            (1000, 0, State::Problem),
            (10, 10, State::Warning),
            (1000, 3, State::Warning),
        ] {
            assert_eq!(concurrency("quota", limit, left).state, state, "{left}");
        }
    }

    #[test]
    fn another_version_of_the_cloud_is_a_warning() {
        assert_eq!(
            local_cloud("cloud", "runs", "0.1.0", "0.1.0").state,
            State::Ok
        );
        assert_eq!(
            local_cloud("cloud", "runs", "0.2.0", "0.1.0").state,
            State::Warning
        );
    }
}
