//! What happens to environments that use too much.

use serde_json::json;

use super::Lab;

const KILLED: &str = "Error: Runtime exited with error: signal: killed";

/// A lab with a function of 128 MB that may run for a minute.
async fn lab() -> Lab {
    let lab = Lab::start().await;
    lab.function("bootstrap", &[], 60).await;
    lab
}

#[tokio::test]
async fn too_much_memory_ends_the_environment_as_on_aws() {
    let lab = lab().await;
    let event = json!({"do": "memory", "mb": 160, "then_sleep": 60});
    let (error, message, log) = lab.error(event).await;
    assert_eq!(error, "Runtime.OutOfMemory");
    assert!(
        message.starts_with("RequestId: ") && message.ends_with(KILLED),
        "{message}"
    );
    assert!(log.contains(KILLED), "{log}");
    let report = "Memory Size: 128 MB\tMax Memory Used: 128 MB\t";
    assert!(log.contains(report), "{log}");
    assert!(
        log.contains("Status: error\tError Type: Runtime.OutOfMemory"),
        "{log}"
    );
    let next = lab.answer(json!({})).await;
    assert_eq!(next["count"], 1, "a new environment");
}

#[tokio::test]
async fn memory_of_all_processes_counts_together() {
    let lab = lab().await;
    lab.answer(json!({"do": "memory", "mb": 60})).await;
    // Each child has the memory of its parent, and writes none of it.
    let shared = json!({"do": "processes", "count": 4, "then_sleep": 1});
    lab.answer(shared).await;
    let event = json!({"do": "memory", "mb": 130, "then_sleep": 60});
    assert_eq!(lab.error(event).await.0, "Runtime.OutOfMemory");
}

#[tokio::test]
async fn the_report_tells_the_memory_that_was_used() {
    let lab = lab().await;
    let output = lab.invoke(json!({"do": "memory", "mb": 60})).await;
    let log = String::from_utf8(output.log_tail).unwrap();
    let used = log.split("Max Memory Used: ").nth(1).unwrap();
    let used: u32 = used.split(' ').next().unwrap().parse().unwrap();
    assert!((60..100).contains(&used), "{log}");
}

#[tokio::test]
async fn too_many_processes_end_the_environment() {
    let lab = lab().await;
    let event = json!({"do": "threads", "count": 1030, "then_sleep": 60});
    let (error, message, log) = lab.error(event).await;
    assert!(message.ends_with(KILLED), "{message}");
    assert_eq!(error, "Runtime.ExitError");
    let why = "it had more than 1024 processes and threads.";
    assert!(log.contains(why), "{log}");
}

#[tokio::test]
async fn too_many_temporary_files_end_the_environment() {
    for unlinked in [false, true] {
        let lab = lab().await;
        let event = json!({"do": "file", "mb": 520, "unlinked": unlinked, "then_sleep": 60});
        let (error, message, log) = lab.error(event).await;
        assert!(message.ends_with(KILLED), "{message}");
        assert_eq!(error, "Runtime.ExitError");
        let why = "took more than the 512 MB of its ephemeral storage.";
        assert!(log.contains(why), "{log}");
    }
}

#[tokio::test]
async fn the_last_of_the_disk_is_kept_for_the_cloud() {
    let lab = Lab::start_with_reserve(Some(u64::MAX)).await;
    lab.function("bootstrap", &[], 60).await;
    lab.answer(json!({"then_sleep": 1})).await;
    let event = json!({"do": "file", "mb": 1, "then_sleep": 60});
    let (error, _, log) = lab.error(event).await;
    assert_eq!(error, "Runtime.ExitError");
    assert!(
        log.contains("which the local cloud keeps for itself"),
        "{log}"
    );
}

#[tokio::test]
async fn an_idle_environment_is_watched_too() {
    let lab = lab().await;
    let first = lab.answer(json!({"do": "threads", "count": 1030})).await;
    // It may have ended already, or ends now.
    loop {
        let output = lab.invoke(json!({})).await;
        let next: serde_json::Value = serde_json::from_slice(&output.payload).unwrap();
        if next["pid"] != first["pid"] {
            break;
        }
    }
}
