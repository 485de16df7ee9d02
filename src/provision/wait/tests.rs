//! How long is waited, what is said of it, and what ends it.

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

/// A refusal because of something that is on its way.
fn early(code: &str, message: &str) -> AwsFailure {
    let delay = propagation_delay(code, message).expect("it is on its way");
    refused(code, message, Class::Propagating(delay))
}

fn unassumable() -> AwsFailure {
    early(
        "InvalidParameterValueException",
        "The role defined for the function cannot be assumed by Lambda.",
    )
}

/// How long is waited for what takes `needed`, looking after each pause.
fn waits(needed: Duration, at_most: Duration) -> Option<Duration> {
    let mut waited = Duration::ZERO;
    while waited < needed {
        waited += pause(waited, at_most)?;
    }
    Some(waited)
}

#[test]
fn a_wait_is_hardly_longer_than_it_need_be() {
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
fn a_wait_has_a_reason_in_plain_words_and_a_bound() {
    assert_eq!(
        passing(&unassumable().into()),
        Some(WaitReason::new(
            "IAM has not made the role assumable yet",
            120
        ))
    );
    let name = early("AWS.SimpleQueueService.QueueDeletedRecently", "wait");
    let kept = WaitReason::new("SQS keeps the name of a deleted queue for 60 s", 75);
    assert_eq!(passing(&name.into()), Some(kept));
    let slow = refused(
        "TooManyRequestsException",
        "Rate exceeded",
        Class::Throttled,
    );
    let slow = passing(&slow.into()).expect("it passes");
    assert_eq!(
        slow.reason,
        "lambda asks for fewer calls (TooManyRequestsException)"
    );
}

#[tokio::test]
async fn a_wait_is_told_once_and_ends_when_what_it_is_for_has_come() {
    let (waiter, receiver, _) = waiter();
    let calls = Cell::new(0);
    let third = || async {
        calls.set(calls.get() + 1);
        (calls.get() == 3).then_some(()).ok_or_else(unassumable)
    };
    waiter.call(third).await.expect("it passes");
    let said: Vec<_> = receiver.try_iter().filter_map(Signal::event).collect();
    let waiting = TaskState::Waiting {
        reason: "IAM has not made the role assumable yet".to_owned(),
        at_most: Duration::from_secs(120),
    };
    let name = "queue one".to_owned();
    assert_eq!(
        said,
        [crate::ui::Event::Task {
            name,
            state: waiting
        }]
    );
}

#[tokio::test]
async fn what_does_not_come_in_time_is_given_up_with_its_reason() {
    let (waiter, _receiver, _) = waiter();
    let never = || async { Ok(false) };
    let full = WaitReason::new("the moon is not full", 0);
    let problem = waiter.until(&full, never).await;
    let problem = problem.expect_err("it never is").to_string();
    assert_eq!(problem, "gave up waiting: the moon is not full after 0 s");
}

#[tokio::test]
async fn where_looking_fails_nothing_is_said_of_what_was_looked_for() {
    let (waiter, _receiver, _) = waiter();
    let denied = || async { Err(refused("AccessDenied", "no", Class::Denied).into()) };
    let full = WaitReason::new("the moon is not full", 60);
    let problem = waiter.until(&full, denied).await;
    let problem = problem.expect_err("it is not known");
    assert!(problem.is(Class::Denied), "{problem}");
}

#[tokio::test]
async fn a_look_that_fails_for_a_while_is_made_again() {
    let (waiter, _receiver, _) = waiter();
    let looks = Cell::new(0);
    let look = || async {
        looks.set(looks.get() + 1);
        let trouble = || refused("InternalFailure", "trouble", Class::Unreachable).into();
        if looks.get() == 1 {
            Err(trouble())
        } else {
            Ok(true)
        }
    };
    // What is waited for has no time at all; looking has its own.
    let full = WaitReason::new("the moon is not full", 0);
    waiter.until(&full, look).await.expect("it is");
    assert_eq!(looks.get(), 2);
}

#[tokio::test]
async fn what_will_not_pass_is_told_at_once() {
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
async fn an_interruption_begins_no_call_and_ends_a_wait() {
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
async fn what_was_just_made_may_not_be_found_yet() {
    let (waiter, _receiver, _) = waiter();
    let calls = Cell::new(0);
    let absent = || refused("NoSuchEntity", "none", Class::NotFound);
    let third = || async {
        calls.set(calls.get() + 1);
        (calls.get() == 3).then_some(()).ok_or_else(absent)
    };
    let delay = WaitReason::new("it is new", 60);
    let done = waiter.call_on_new(&delay, third).await;
    done.expect("it is found");
    let never = || async { Err::<(), _>(absent()) };
    let problem = waiter.call(never).await.expect_err("it is not there");
    assert!(problem.is(Class::NotFound));
}

#[tokio::test]
async fn what_comes_and_goes_must_be_seen_several_times_in_a_row() {
    let (waiter, _receiver, _) = waiter();
    let seen = [true, true, false, true, true, true];
    let looks = Cell::new(0);
    let look = || async {
        looks.set(looks.get() + 1);
        Ok(seen[looks.get() - 1])
    };
    let wait = WaitReason::new("it flickers", 60);
    let looks_wanted = Confirmations {
        times: 3,
        ..Confirmations::ONE
    };
    let steady = waiter.until_steady(&wait, looks_wanted, look).await;
    steady.expect("it is steady");
    assert_eq!(looks.get(), seen.len());
}

#[tokio::test]
async fn every_reason_has_a_bound_of_its_own_and_is_not_begun_anew() {
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
