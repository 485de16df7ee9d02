use super::*;

const NOW: WallMs = WallMs(1_769_860_800_123);
const TEXT: PlatformLog = PlatformLog { is_json: false };
const JSON: PlatformLog = PlatformLog { is_json: true };

fn report(status: Status) -> Report {
    Report {
        duration: Duration::from_micros(3_010),
        init: None,
        memory_mb: 128,
        used_mb: Some(36),
        status,
    }
}

#[test]
fn a_warm_invocation_ends_as_on_aws() {
    assert_eq!(
        TEXT.start(NOW, "id-1"),
        "START RequestId: id-1 Version: $LATEST"
    );
    assert_eq!(
        TEXT.end(NOW, "id-1", &report(Status::Success)),
        [
            "END RequestId: id-1",
            "REPORT RequestId: id-1\tDuration: 3.01 ms\tBilled Duration: 4 ms\t\
             Memory Size: 128 MB\tMax Memory Used: 36 MB\t"
        ]
    );
}

#[test]
fn a_cold_start_is_billed_and_reported() {
    let cold = Report {
        init: Some(Duration::from_micros(110_100)),
        ..report(Status::Success)
    };
    let lines = TEXT.end(NOW, "i", &cold);
    assert!(lines[1].contains("Billed Duration: 114 ms\t"), "{lines:?}");
    assert!(
        lines[1].ends_with("Init Duration: 110.10 ms\t"),
        "{lines:?}"
    );
}

#[test]
fn failures_end_with_their_status() {
    let crash = TEXT.end(
        NOW,
        "i",
        &report(Status::Error("Runtime.ExitError".to_owned())),
    );
    assert!(crash[1].ends_with("MB\tStatus: error\tError Type: Runtime.ExitError"));
    let timeout = TEXT.end(NOW, "i", &report(Status::Timeout));
    assert!(timeout[1].ends_with("Status: timeout"));
    assert_eq!(
        TEXT.timed_out(NOW, "i", 3),
        "2026-01-31T12:00:00.123Z i Task timed out after 3.00 seconds"
    );
    assert_eq!(
        TEXT.init_report(
            NOW,
            Duration::from_micros(9_100),
            InitPhase::Init,
            &Status::Error("Runtime.ExitError".to_owned())
        ),
        "INIT_REPORT Init Duration: 9.10 ms\tPhase: init\tStatus: error\t\
         Error Type: Runtime.ExitError"
    );
    assert_eq!(
        exit_message("i", Some("signal: killed")),
        "RequestId: i Error: Runtime exited with error: signal: killed"
    );
}

#[test]
fn json_logs_have_the_same_values() {
    let lines = JSON.end(
        NOW,
        "i",
        &report(Status::Error("Runtime.ExitError".to_owned())),
    );
    let event: Value = serde_json::from_str(&lines[0]).unwrap();
    assert_eq!(
        event,
        json!({
            "time": "2026-01-31T12:00:00.123Z",
            "type": "platform.report",
            "record": {
                "requestId": "i",
                "status": "error",
                "errorType": "Runtime.ExitError",
                "metrics": {
                    "durationMs": 3.01,
                    "billedDurationMs": 4,
                    "memorySizeMB": 128,
                    "maxMemoryUsedMB": 36,
                },
            },
        })
    );
}
