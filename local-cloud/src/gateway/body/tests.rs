use std::convert::Infallible;

use futures_util::{StreamExt as _, stream};
use http_body_util::{Full, StreamBody};
use hyper::body::Frame;

use super::super::limits::body_limit;
use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// When a body of `size` bytes after each `pause` is given up.
fn given_up(size: usize, pause: Duration) -> Duration {
    let pace = body_limit("/").pace;
    let began = Instant::now();
    let mut last = began;
    for received in 0.. {
        let next = last + pause;
        let due = deadline(pace, began, last, received * size);
        if due < next {
            return due - began;
        }
        last = next;
    }
    unreachable!("a body has a time limit")
}

/// A body of parts of this size that never ends.
fn endless(parts: usize, size: usize) -> impl Body<Data = Bytes, Error = Infallible> + Unpin {
    let part = Bytes::from(vec![b'x'; size]);
    let parts = stream::iter((0..parts).map(move |_| Ok(Frame::data(part.clone()))));
    StreamBody::new(parts.chain(stream::pending()))
}

/// Memory for which nobody waits.
fn memory() -> BodyMemory {
    BodyMemory {
        wait: Duration::ZERO,
        ..BodyMemory::default()
    }
}

#[test]
fn stalled_and_dripping_bodies_end_in_seconds() {
    assert_eq!(given_up(1, Duration::MAX / 4), 5 * SECOND);
    for size in [1, 1000, 10_000] {
        for pause in [SECOND / 100, SECOND / 2, 2 * SECOND] {
            let ended = given_up(size, pause);
            let is_slow = size * 100 < 64 << 10 || pause > SECOND / 100;
            assert!(
                !is_slow || ended < 13 * SECOND,
                "{size} {pause:?}: {ended:?}"
            );
        }
    }
}

#[test]
fn a_body_that_keeps_the_rate_may_take_a_minute() {
    assert_eq!(given_up(128 << 10, SECOND), 60 * SECOND);
    assert_eq!(given_up(100 << 20, SECOND), 60 * SECOND);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_a_timeout() {
    let limit = body_limit("/");
    let limit = BodyLimit {
        pace: Pace {
            pause: Duration::ZERO,
            ..limit.pace
        },
        ..limit
    };
    let refused = read(endless(0, 0), limit, memory().share(true)).await;
    assert_eq!(refused.expect_err("nothing comes").status, 408);
}

#[tokio::test]
async fn a_body_without_end_is_refused_by_size() {
    let refused = read(
        endless(1 << 20, 1 << 20),
        body_limit("/"),
        memory().share(true),
    )
    .await;
    assert_eq!(refused.expect_err("it has no end").status, 413);
}

#[tokio::test]
async fn other_users_cannot_take_all_memory() {
    let memory = memory();
    let large = 60 << 20;
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut share = memory.share(false);
        share.cover(large).await.expect("there is memory");
        held.push(share);
    }
    let refused = memory.share(false).cover(large).await;
    assert_eq!(refused.expect_err("there is no more").status, 503);
    let ours = memory.share(true).cover(large).await;
    ours.expect("there is memory for us");
    drop(held);
    let after = memory.share(false).cover(large).await;
    after.expect("it was given back");
}

#[tokio::test]
async fn a_small_body_takes_no_share() {
    let memory = memory();
    let mut share = memory.share(false);
    share.cover(FREE_BYTES).await.expect("it is free");
    assert!(share.permits.is_empty());
    let body = Full::new(Bytes::from("{}"));
    let whole = read(body, body_limit("/"), memory.share(false)).await;
    assert_eq!(whole.expect("it is read"), "{}");
}
