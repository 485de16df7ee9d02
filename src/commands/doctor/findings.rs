//! Which state a finding has, and what to do about it. Pure.

use super::check::Check;
use crate::context::{Region, RegionSource};
use crate::host::Confinement;

/// How far the time of a signature may be from a service's own, in seconds, for the strictest of the
/// services that the lab needs. "In most cases, a request must reach AWS within five minutes of the
/// time stamp in the request", says the IAM guide
/// (docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-signing.html). Which cases these are shows
/// in the services' error messages, `Signature expired: … is now earlier than … (… - 15 min.)`:
///
/// | Service | Minutes | Source |
/// |---|---|---|
/// | Lambda | 5 | repost.aws/knowledge-center/lambda-sdk-signature |
/// | CloudWatch Logs | 5 | github.com/hashicorp/terraform-provider-aws/issues/34683 |
/// | Resource Groups Tagging | 5 | no message found: the general rule |
/// | SQS | 15 | docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/AboutTimestamp.html, github.com/terricain/aioboto3/issues/326 |
/// | DynamoDB | 15 | github.com/praetorian-inc/chariot-ui/issues/453 |
/// | IAM | 15 | github.com/aws/chalice/issues/1170 |
/// | STS | 15 | github.com/aws/aws-cli/issues/6676 |
const REFUSED_SECONDS: u64 = 300;
/// A clock that is off by more than this gets a warning, in seconds.
const WARNING_SECONDS: u64 = 60;
/// Twice what the trigger's first five concurrent invocations and the simulator need.
const ENOUGH_CONCURRENCY: i32 = 12;

/// Whether the running local cloud has the version of this program.
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

/// How functions are confined, and what to do where they are not fully.
pub(super) fn confinement(name: &'static str, here: &Confinement) -> Check {
    let found = here.summary();
    if here.gaps().is_empty() {
        return Check::ok(name, found);
    }
    let advice = "Run only handlers that you would also run by hand. Linux 6.12 or later, with Landlock enabled, confines them fully.";
    Check::warning(name, found, advice)
}

/// How far this machine's clock is from AWS's; `ahead_ms` is in milliseconds, and negative where this
/// clock is behind.
pub(super) fn clock(name: &'static str, ahead_ms: i64) -> Check {
    // The `Date` header has whole seconds.
    let seconds = ahead_ms.unsigned_abs() / 1000;
    let side = if ahead_ms < 0 { "behind" } else { "ahead of" };
    let found = format!("{seconds} s {side} AWS's");
    let advice = "Set the clock, preferably with a time service: `timedatectl set-ntp true`.";
    if seconds >= REFUSED_SECONDS {
        let refused = format!(
            "{found}; Lambda and others refuse requests that are {REFUSED_SECONDS} s off or more"
        );
        Check::problem(name, refused, advice)
    } else if seconds > WARNING_SECONDS {
        Check::warning(name, found, advice)
    } else if seconds <= 1 {
        Check::ok(name, "as AWS's")
    } else {
        Check::ok(name, found)
    }
}

/// Lambda's concurrency: the account's limit, and the part that no function has reserved.
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

/// The region, and where it comes from.
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
            "Set AWS_REGION or the profile's region, or pass --region.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::State;
    use super::*;

    #[test]
    fn a_clock_off_by_five_minutes_is_a_problem() {
        for (ahead_ms, state) in [
            (0, State::Ok),
            (-59_000, State::Ok),
            (61_000, State::Warning),
            (-299_000, State::Warning),
            (300_000, State::Problem),
            (i64::MIN, State::Problem),
        ] {
            assert_eq!(clock("clock", ahead_ms).state, state, "{ahead_ms}");
        }
        assert!(clock("clock", -90_000).found.contains("90 s behind"));
    }

    #[test]
    fn no_unreserved_concurrency_is_a_problem() {
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
