//! How long is waited, what is said of it, and what ends it.

use std::cell::Cell;

use super::*;
use crate::aws::{AwsFailure, on_its_way};
use crate::ui::Signal;

fn patience() -> (
    Patience,
    std::sync::mpsc::Receiver<Signal>,
    CancellationToken,
) {
    let (events, receiver) = Events::channel();
    let cancel = CancellationToken::new();
    (
        Patience::new("queue one".to_owned(), events, cancel.clone()),
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
    let arriving = on_its_way(code, message).expect("it is on its way");
    refused(code, message, Class::Propagating(arriving))
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
        Some(Wait::new("IAM has not made the role assumable yet", 120))
    );
    let name = early("AWS.SimpleQueueService.QueueDeletedRecently", "wait");
    let kept = Wait::new("SQS keeps the name of a deleted queue for 60 s", 75);
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
    let (patience, receiver, _) = patience();
    let calls = Cell::new(0);
    let third = || async {
        calls.set(calls.get() + 1);
        (calls.get() == 3).then_some(()).ok_or_else(unassumable)
    };
    patience.call(third).await.expect("it passes");
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
    let (patience, _receiver, _) = patience();
    let never = || async { Ok(false) };
    let full = Wait::new("the moon is not full", 0);
    let problem = patience.until(&full, never).await;
    let problem = problem.expect_err("it never is").to_string();
    assert_eq!(problem, "gave up waiting: the moon is not full after 0 s");
}

#[tokio::test]
async fn where_looking_fails_nothing_is_said_of_what_was_looked_for() {
    let (patience, _receiver, _) = patience();
    let denied = || async { Err(refused("AccessDenied", "no", Class::Denied).into()) };
    let full = Wait::new("the moon is not full", 60);
    let problem = patience.until(&full, denied).await;
    let problem = problem.expect_err("it is not known");
    assert!(problem.is(Class::Denied), "{problem}");
}

#[tokio::test]
async fn a_look_that_fails_for_a_while_is_made_again() {
    let (patience, _receiver, _) = patience();
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
    let full = Wait::new("the moon is not full", 0);
    patience.until(&full, look).await.expect("it is");
    assert_eq!(looks.get(), 2);
}

#[tokio::test]
async fn what_will_not_pass_is_told_at_once() {
    let (patience, _receiver, _) = patience();
    let calls = Cell::new(0);
    let denied = || async {
        calls.set(calls.get() + 1);
        Err::<(), _>(refused("AccessDenied", "no", Class::Denied))
    };
    assert!(
        patience
            .call(denied)
            .await
            .expect_err("denied")
            .is(Class::Denied)
    );
    assert_eq!(calls.get(), 1);
}

#[tokio::test]
async fn an_interruption_begins_no_call_and_ends_a_wait() {
    let (patience, _receiver, cancel) = patience();
    let calls = Cell::new(0);
    let interrupting = || async {
        calls.set(calls.get() + 1);
        cancel.cancel();
        Err::<(), _>(unassumable())
    };
    let problem = patience.call(interrupting).await.expect_err("interrupted");
    assert!(matches!(problem, Problem::Interrupted));
    let problem = patience.call(interrupting).await.expect_err("interrupted");
    assert!(matches!(problem, Problem::Interrupted));
    assert_eq!(calls.get(), 1);
}

#[tokio::test]
async fn what_was_just_made_may_not_be_found_yet() {
    let (patience, _receiver, _) = patience();
    let calls = Cell::new(0);
    let absent = || refused("NoSuchEntity", "none", Class::NotFound);
    let third = || async {
        calls.set(calls.get() + 1);
        (calls.get() == 3).then_some(()).ok_or_else(absent)
    };
    let arriving = Wait::new("it is new", 60);
    let done = patience.call_on_new(&arriving, third).await;
    done.expect("it is found");
    let never = || async { Err::<(), _>(absent()) };
    let problem = patience.call(never).await.expect_err("it is not there");
    assert!(problem.is(Class::NotFound));
}

#[tokio::test]
async fn what_comes_and_goes_must_be_seen_several_times_in_a_row() {
    let (patience, _receiver, _) = patience();
    let seen = [true, true, false, true, true, true];
    let looks = Cell::new(0);
    let look = || async {
        looks.set(looks.get() + 1);
        Ok(seen[looks.get() - 1])
    };
    let wait = Wait::new("it flickers", 60);
    let looks_wanted = Looks {
        times: 3,
        ..Looks::ONE
    };
    let steady = patience.until_steady(&wait, looks_wanted, look).await;
    steady.expect("it is steady");
    assert_eq!(looks.get(), seen.len());
}

#[tokio::test]
async fn every_reason_has_a_bound_of_its_own_and_is_not_begun_anew() {
    let (patience, _receiver, _) = patience();
    let short = |reason| Wait {
        at_most: Duration::from_millis(60),
        ..Wait::new(reason, 1)
    };
    let (one, other) = (short("one"), short("other"));
    let mut pauses = Pauses::default();
    let mut paused = 0;
    while pauses.next(&patience, &one).await.expect("no interruption") {
        assert!(pauses.next(&patience, &other).await.is_ok());
        paused += 1;
        assert!(paused < 1000, "it is bounded");
    }
}
