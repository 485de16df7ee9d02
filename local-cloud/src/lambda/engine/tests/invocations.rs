//! Asynchronous invocations.

use super::{at, reloaded, text, with_function};
use crate::clock::LabMs;
use crate::lambda::engine::AsyncOutcome::{Done, Failed, Throttled};

#[test]
fn invocations_are_handed_out_once_in_order() {
    let (mut registry, mut ids) = with_function();
    registry.enqueue_async("f", b"1", at(0), &mut ids).unwrap();
    registry.enqueue_async("f", b"2", at(0), &mut ids).unwrap();
    let first = registry.next_async(at(0)).unwrap();
    let second = registry.next_async(at(0)).unwrap();
    assert_eq!(
        (first.payload.as_slice(), second.payload.as_slice()),
        (&b"1"[..], &b"2"[..])
    );
    assert_eq!(registry.next_async(at(0)), None);
    assert_eq!(registry.next_async_due(), None);
    let (again, changes) = registry.finish_async(first.sequence, Done, at(1)).unwrap();
    assert!(!again);
    assert_eq!(changes.stored.len(), 1);
    assert_eq!(
        text(registry.enqueue_async("g", b"", at(0), &mut ids)).0,
        404
    );
}

#[test]
fn failed_invocations_get_three_attempts() {
    let (mut registry, mut ids) = with_function();
    registry.enqueue_async("f", b"{}", at(0), &mut ids).unwrap();
    let mut attempts = Vec::new();
    let mut now = at(0);
    while let Some(due) = registry.next_async_due() {
        now = at(due.0 / 1000);
        let one = registry.next_async(now).unwrap();
        attempts.push((due.0 / 1000, one.request_id));
        registry.finish_async(one.sequence, Failed, now).unwrap();
    }
    let times: Vec<u64> = attempts.iter().map(|(time, _)| *time).collect();
    assert_eq!(times, [0, 60, 180]);
    assert!(attempts.iter().all(|(_, id)| *id == attempts[0].1));
    assert_eq!(registry.next_async(now), None);
}

#[test]
fn throttled_invocations_retry_for_six_hours() {
    let (mut registry, mut ids) = with_function();
    registry.enqueue_async("f", b"{}", at(0), &mut ids).unwrap();
    let mut last = LabMs(0);
    let mut attempts = 0;
    while let Some(due) = registry.next_async_due() {
        let now = at(due.0 / 1000);
        let one = registry.next_async(now).unwrap();
        registry.finish_async(one.sequence, Throttled, now).unwrap();
        assert!(due.0 - last.0 <= 300_000);
        (last, attempts) = (due, attempts + 1);
    }
    assert!((5 * 3600..6 * 3600).contains(&(last.0 / 1000)), "{last:?}");
    assert!(attempts > 50);
}

#[test]
fn a_killed_invocation_runs_again() {
    let (mut registry, mut ids) = with_function();
    registry.delete_function("f").unwrap();
    let (_, mut changes) = registry
        .create_function(super::new("f"), at(0), &mut ids)
        .unwrap();
    let settled = registry.settle_function("f", at(0), &mut ids).unwrap();
    changes.stored.extend(settled.1.stored);
    let payload = b"{\n\"a\": 1}";
    let enqueued = registry.enqueue_async("f", payload, at(0), &mut ids);
    changes.stored.extend(enqueued.unwrap().1.stored);
    let running = registry.next_async(at(0)).unwrap();
    let mut after = reloaded(changes);
    assert_eq!(after.next_async(at(0)).unwrap(), running);
    let (_, later) = after.enqueue_async("f", b"", at(0), &mut ids).unwrap();
    assert_eq!(later.stored[0].key, (running.sequence + 1).to_be_bytes());
}

#[test]
fn deleting_a_function_drops_invocations() {
    let (mut registry, mut ids) = with_function();
    registry.enqueue_async("f", b"{}", at(0), &mut ids).unwrap();
    let running = registry.next_async(at(0)).unwrap();
    let (_, changes) = registry.delete_function("f").unwrap();
    assert_eq!(changes.stored.len(), 2);
    let (again, changes) = registry
        .finish_async(running.sequence, Failed, at(1))
        .unwrap();
    assert!(!again && changes.stored.is_empty());
}
