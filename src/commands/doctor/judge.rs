//! What findings mean. Pure.

use super::Check;
use crate::artifact::{Architecture, Glibc, Program, Source};
use crate::globals::TargetKind;

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
        "An older one is restarted by the next command, and its state stays; for a newer one, use the newer program or `orders-lab local stop`.",
    )
}

/// A handler's build on a target.
pub(super) fn handler(
    name: &'static str,
    target: TargetKind,
    program: Program,
    bytes: usize,
    source: &Source,
) -> Check {
    let Program {
        architecture,
        glibc,
    } = program;
    let libc = glibc.map_or_else(|| "static".to_owned(), |glibc| format!("glibc {glibc}"));
    let origin = match source {
        Source::Embedded => "embedded".to_owned(),
        Source::Folder(folder) => format!("from {}", folder.display()),
    };
    let megabytes = bytes as f64 / 1e6;
    let found = format!(
        "{}, {libc}, {megabytes:.1} MB, {origin}",
        architecture.name()
    );
    match target {
        TargetKind::Aws => match glibc {
            Some(needed) if needed > Glibc::AL2023 => Check::problem(
                name,
                format!(
                    "{found}; Lambda's provided.al2023 has glibc {}",
                    Glibc::AL2023
                ),
                "Build the handlers for an older glibc (cargo-lambda and cargo-zigbuild do) and name their folder in ORDERS_LAB_HANDLERS.",
            ),
            _ => Check::ok(name, found),
        },
        TargetKind::Local if Some(architecture) == own_architecture() => Check::ok(name, found),
        TargetKind::Local => Check::problem(
            name,
            format!("{found}; this machine is {}", std::env::consts::ARCH),
            "The local cloud runs handlers on this machine: use builds for it.",
        ),
    }
}

fn own_architecture() -> Option<Architecture> {
    match std::env::consts::ARCH {
        "x86_64" => Some(Architecture::X86_64),
        "aarch64" => Some(Architecture::Arm64),
        _ => None,
    }
}

/// How far this machine's clock is from AWS's; `ahead` is in milliseconds, and less than nothing
/// where this one is behind.
pub(super) fn clock(name: &'static str, ahead: i64) -> Check {
    // The header counts whole seconds.
    let seconds = ahead.unsigned_abs() / 1000;
    let side = if ahead < 0 { "behind" } else { "ahead of" };
    let found = format!("{seconds} s {side} AWS's");
    let advice = "Set the clock, best by a time service: `timedatectl set-ntp true`.";
    if seconds >= REFUSED_SECONDS {
        let found = format!("{found}; AWS refuses requests from {REFUSED_SECONDS} s on");
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
    let more = "Service Quotas, AWS Lambda, `Concurrent executions` (L-B99A9384) raises the limit.";
    if left <= 0 {
        let advice = format!(
            "Every invocation is throttled. Take back what functions have reserved, or raise the limit: {more}"
        );
        Check::problem(name, found, advice)
    } else if left < ENOUGH_CONCURRENCY {
        let advice = format!(
            "New accounts begin with 10. The lab works, and slowly: its trigger begins with 5 at a time. {more}"
        );
        Check::warning(name, found, advice)
    } else {
        Check::ok(name, found)
    }
}

/// A region's name, and whether the user chose it.
pub(super) fn region(name: &'static str, chosen: Option<&str>, fallback: &str) -> Check {
    let advice =
        "Set AWS_REGION, or `region` in your profile, to a name such as us-east-1 or eu-central-1.";
    match chosen {
        None => Check::warning(name, format!("none is set; {fallback} is used"), advice),
        Some(region) if looks_like_region(region) => Check::ok(name, region),
        Some(region) => Check::problem(name, format!("{region:?} is no name of a region"), advice),
    }
}

/// Whether a text has a region's form, such as `us-east-1` or `us-gov-west-1`. New regions come,
/// so there is no list.
fn looks_like_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [first, middle @ .., last] = parts.as_slice() else {
        return false;
    };
    let letters =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    first.len() <= 4
        && letters(first)
        && !middle.is_empty()
        && middle.iter().all(|part| letters(part))
        && !last.is_empty()
        && last.bytes().all(|byte| byte.is_ascii_digit())
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
    fn a_region_has_a_regions_form() {
        for good in [
            "us-east-1",
            "ap-southeast-4",
            "us-gov-west-1",
            "mx-central-1",
            "eusc-de-east-1",
        ] {
            assert_eq!(
                region("region", Some(good), "us-east-1").state,
                State::Ok,
                "{good}"
            );
        }
        for bad in [
            "",
            "us",
            "useast1",
            "us-east-1a",
            "US-EAST-1",
            "us-east-",
            "us--1",
        ] {
            assert_eq!(
                region("region", Some(bad), "us-east-1").state,
                State::Problem,
                "{bad}"
            );
        }
        assert_eq!(region("region", None, "us-east-1").state, State::Warning);
    }

    #[test]
    fn a_build_must_fit_its_target() {
        let program = |minor| Program {
            architecture: own_architecture().expect("tests run where handlers do"),
            glibc: Some(Glibc { major: 2, minor }),
        };
        let judge =
            |target, program| handler("build", target, program, 3_000_000, &Source::Embedded).state;
        assert_eq!(judge(TargetKind::Aws, program(34)), State::Ok);
        assert_eq!(judge(TargetKind::Aws, program(36)), State::Problem);
        assert_eq!(judge(TargetKind::Local, program(36)), State::Ok);
        let mut other = program(34);
        other.architecture = match other.architecture {
            Architecture::X86_64 => Architecture::Arm64,
            Architecture::Arm64 => Architecture::X86_64,
        };
        assert_eq!(judge(TargetKind::Local, other), State::Problem);
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
