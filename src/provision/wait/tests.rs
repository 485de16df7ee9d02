//! How long a wait takes, what it reports, and what ends it.

use std::cell::Cell;

use super::*;
use crate::aws::{AwsFailure, propagation_delay};
use crate::ui::Signal;

fn waiter() -> (Waiter, std::sync::mpsc::Receiver<Signal>, CancellationToken) {
    let (events, receiver) = Events::channel();
    let cancel = CancellationToken::new();
    (
        Waiter::new("queue one".to_owned(), events, cancel.clone()),
        receiver,
        cancel,
    )
}

fn refused(code: &str, message: &str, class: Class) -> AwsFailure {
    AwsFailure {
        operation: "lambda:CreateFunction",
        class,
        code: Some(code.to_owned()),
        message: message.to_owned(),
        request_id: None,
    }
}

/// An error that waits for propagation.
fn propagating(code: &str, message: &str) -> AwsFailure {
    let delay = propagation_delay(code, message).expect("a delay");
    refused(code, message, Class::Propagating(delay))
}

fn unassumable() -> AwsFailure {
    propagating(
        "InvalidParameterValueException",
        "The role defined for the function cannot be assumed by Lambda.",
    )
}

/// How long the wait is for what takes `needed`, when the condition is checked after each pause.
fn waits(needed: Duration, at_most: Duration) -> Option<Duration> {
    let mut waited = Duration::ZERO;
    while waited < needed {
        waited += pause(waited, at_most)?;
    }
    Some(waited)
}

#[test]
fn a_wait_is_at_most_a_tenth_too_long() {
    let minute = Duration::from_secs(60);
    for needed in [1, 40, 300, 2_000, 8_000, 19_999, 59_000].map(Duration::from_millis) {
        let waited = waits(needed, minute).expect("in time");
        let spare = Duration::from_millis(50)
            .max(needed / 10)
            .min(Duration::from_secs(2));
        assert!(waited <= needed + spare, "{needed:?}: {waited:?}");
    }
    assert_eq!(waits(minute + minute, minute), None);
}

#[test]
fn a_wait_has_a_reason_and_a_bound() {
    assert_eq!(
        transient(&unassumable().into()),
        Some(WaitReason::new(
            "IAM has not made the role assumable yet",
            120
        ))
    );
    let name = propagating("AWS.SimpleQueueService.QueueDeletedRecently", "wait");
    let kept = WaitReason::new("SQS keeps the name of a deleted queue for 60 s", 75);
    assert_eq!(transient(&name.into()), Some(kept));
    let throttled = refused(
        "TooManyRequestsException",
        "Rate exceeded",
        Class::Throttled,
    );
    let wait = transient(&throttled.into()).expect("a transient error");
    assert_eq!(
        wait.reason,
        "lambda is throttling (TooManyRequestsException)"
    );
}

#[tokio::test]
async fn a_wait_is_reported_once() {
    let (waiter, receiver, _) = waiter();
    let calls = Cell::new(0);
    let third = || async {
        calls.set(calls.get() + 1);
        (calls.get() == 3).then_some(()).ok_or_else(unassumable)
    };
    waiter.call(third).await.expect("success");
    let events: Vec<_> = receiver.try_iter().filter_map(Signal::event).collect();
    let waiting = TaskState::Waiting {
        reason: "IAM has not made the role assumable yet".to_owned(),
        at_most: Duration::from_secs(120),
    };
    let name = "queue one".to_owned();
    assert_eq!(
        events,
        [crate::ui::Event::Task {
            name,
            state: waiting
        }]
    );
}

#[tokio::test]
async fn a_timeout_has_the_reason() {
    let (waiter, _receiver, _) = waiter();
    let never = || async { Ok(false) };
    let full = WaitReason::new("the moon is not full", 0);
    let waited = waiter.until(&full, never).await;
    let problem = waited.expect_err("a timeout").to_string();
    assert_eq!(problem, "gave up waiting: the moon is not full after 0 s");
}

#[tokio::test]
async fn a_failed_check_is_no_timeout() {
    let (waiter, _receiver, _) = waiter();
    let denied = || async { Err(refused("AccessDenied", "no", Class::Denied).into()) };
    let full = WaitReason::new("the moon is not full", 60);
    let waited = waiter.until(&full, denied).await;
    let problem = waited.expect_err("an error");
    assert!(problem.is(Class::Denied), "{problem}");
}

#[tokio::test]
async fn a_transient_failure_of_a_check_is_retried() {
    let (waiter, _receiver, _) = waiter();
    let checks = Cell::new(0);
    let condition = || async {
        checks.set(checks.get() + 1);
        if checks.get() == 1 {
            Err(refused("InternalFailure", "trouble", Class::Unreachable).into())
        } else {
            Ok(true)
        }
    };
    // The condition has no time at all; the transient error has its own bound.
    let full = WaitReason::new("the moon is not full", 0);
    waiter.until(&full, condition).await.expect("it is");
    assert_eq!(checks.get(), 2);
}

#[tokio::test]
async fn a_permanent_error_is_not_retried() {
    let (waiter, _receiver, _) = waiter();
    let calls = Cell::new(0);
    let denied = || async {
        calls.set(calls.get() + 1);
        Err::<(), _>(refused("AccessDenied", "no", Class::Denied))
    };
    assert!(
        waiter
            .call(denied)
            .await
            .expect_err("denied")
            .is(Class::Denied)
    );
    assert_eq!(calls.get(), 1);
}

#[tokio::test]
async fn an_interruption_ends_a_wait() {
    let (waiter, _receiver, cancel) = waiter();
    let calls = Cell::new(0);
    let interrupting = || async {
        calls.set(calls.get() + 1);
        cancel.cancel();
        Err::<(), _>(unassumable())
    };
    let problem = waiter.call(interrupting).await.expect_err("interrupted");
    assert!(matches!(problem, Problem::Interrupted));
    let problem = waiter.call(interrupting).await.expect_err("interrupted");
    assert!(matches!(problem, Problem::Interrupted));
    assert_eq!(calls.get(), 1);
}

#[tokio::test]
async fn new_things_may_not_be_found_yet() {
    let (waiter, _receiver, _) = waiter();
    let calls = Cell::new(0);
    let absent = || refused("NoSuchEntity", "none", Class::NotFound);
    let third = || async {
        calls.set(calls.get() + 1);
        (calls.get() == 3).then_some(()).ok_or_else(absent)
    };
    let propagation = WaitReason::new("it is new", 60);
    let done = waiter.call_on_new(&propagation, third).await;
    done.expect("it is found");
    let never = || async { Err::<(), _>(absent()) };
    let problem = waiter.call(never).await.expect_err("not found");
    assert!(problem.is(Class::NotFound));
}

#[tokio::test]
async fn confirmations_must_be_consecutive() {
    let (waiter, _receiver, _) = waiter();
    let answers = [true, true, false, true, true, true];
    let checks = Cell::new(0);
    let condition = || async {
        checks.set(checks.get() + 1);
        Ok(answers[checks.get() - 1])
    };
    let wait = WaitReason::new("it flickers", 60);
    let three = Confirmations {
        times: 3,
        ..Confirmations::ONE
    };
    let confirmed = waiter.until_confirmed(&wait, three, condition).await;
    confirmed.expect("it is confirmed");
    assert_eq!(checks.get(), answers.len());
}

#[tokio::test]
async fn each_reason_has_its_own_bound() {
    let (waiter, _receiver, _) = waiter();
    let short = |reason| WaitReason {
        at_most: Duration::from_millis(60),
        ..WaitReason::new(reason, 1)
    };
    let (one, other) = (short("one"), short("other"));
    let mut pauses = Pauses::default();
    let mut paused = 0;
    while pauses.next(&waiter, &one).await.expect("no interruption") {
        assert!(pauses.next(&waiter, &other).await.is_ok());
        paused += 1;
        assert!(paused < 1000, "it is bounded");
    }
}
