use std::time::Duration;

use super::*;
use crate::iam::engine::{Entity, NewRole};
use crate::runtime_context::RuntimeContext;
use crate::storage::MemoryStorage;
use crate::storage::journal::Journal;

const ROLE: &str = "arn:aws:iam::000000000000:role/w";
const TRUST: &str = r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
const GROUP: &str = "/aws/lambda/f";

/// A shipper in a cloud where lines take a minute of lab time, for a role with these actions on
/// logs. The group exists and has a tag.
async fn log_shipper(actions: &str) -> (Arc<LogShipper>, Arc<Destination>) {
    let journal = Journal::start(Box::new(MemoryStorage::default()));
    let context = RuntimeContext::for_tests(&journal);
    let identities = Identities::open(&context, ("AKIA1", "s")).unwrap();
    let new = NewRole {
        name: "w",
        path: None,
        trust: TRUST,
        description: None,
        max_session_seconds: None,
        tags: &[],
    };
    let make = identities.change(|iam, now, ids| iam.create_role(new, now, ids));
    let role = make.await.unwrap();
    let policy =
        format!(r#"{{"Statement":{{"Effect":"Allow","Action":{actions},"Resource":"*"}}}}"#);
    let put = identities.change(|iam, _, _| iam.put_policy(Entity::Role("w"), "p", &policy));
    put.await.unwrap();
    let logs = Logs::open(&context).unwrap();
    let tags = [("lab".to_owned(), "x".to_owned())].into();
    let group = logs.change(|store, now| store.create_group(GROUP, &tags, now));
    group.await.unwrap();
    let mut chaos = context.faults.profile();
    chaos.set("log-delay=1m").unwrap();
    context.faults.set(chaos).await.unwrap();
    let (clock, faults) = (Arc::clone(&context.clock), Arc::clone(&context.faults));
    let destination = Destination {
        role_arn: ROLE.to_owned(),
        role_id: role.id,
        group: GROUP.to_owned(),
        stream: "s".to_owned(),
    };
    let log_shipper = LogShipper::new(logs, identities, clock, faults);
    (log_shipper, Arc::new(destination))
}

fn line(text: &str) -> LogLines {
    vec![(WallMs(1_000), text.to_owned())]
}

/// How many streams the group has; `None` if there is no group.
fn streams(log_shipper: &LogShipper) -> Option<usize> {
    log_shipper
        .logs
        .read(|store, _| Some(store.group(GROUP).ok()?.streams.len()))
}

async fn delete_group(log_shipper: &LogShipper) {
    let delete = log_shipper
        .logs
        .change(|store, _| store.delete_group(GROUP));
    delete.await.unwrap();
}

#[tokio::test]
async fn lines_arrive_late_and_in_order() {
    let (log_shipper, destination) = log_shipper(r#""logs:*""#).await;
    let first = log_shipper.send(&destination, line("one"), LabMs(0));
    log_shipper.faults.set(off()).await.unwrap();
    let second = log_shipper.send(&destination, line("two"), first);
    assert!(second >= first, "the second does not overtake the first");
    assert_eq!(streams(&log_shipper), Some(0), "not yet");
    log_shipper.clock.skip(Duration::from_secs(61));
    log_shipper.deliver_due(log_shipper.clock.now().lab);
    assert_eq!(streams(&log_shipper), Some(1));
}

#[tokio::test]
async fn late_lines_recreate_a_group_without_tags() {
    let (log_shipper, destination) = log_shipper(r#""logs:*""#).await;
    log_shipper.send(&destination, line("one"), LabMs(0));
    delete_group(&log_shipper).await;
    log_shipper.close();
    assert_eq!(streams(&log_shipper), Some(1));
    let tags = log_shipper
        .logs
        .read(|store, _| store.group(GROUP).unwrap().tags.len());
    assert_eq!(tags, 0);
}

#[tokio::test]
async fn late_lines_are_lost_without_permission() {
    let (log_shipper, destination) =
        log_shipper(r#"["logs:PutLogEvents","logs:CreateLogStream"]"#).await;
    log_shipper.send(&destination, line("one"), LabMs(0));
    let other = Destination {
        role_arn: ROLE.to_owned(),
        role_id: "AROAOTHER".to_owned(),
        group: GROUP.to_owned(),
        stream: "t".to_owned(),
    };
    log_shipper.send(&Arc::new(other), line("one"), LabMs(0));
    delete_group(&log_shipper).await;
    log_shipper.close();
    assert_eq!(streams(&log_shipper), None);
}

#[tokio::test]
async fn nothing_is_late_after_a_close() {
    let (log_shipper, destination) = log_shipper(r#""logs:*""#).await;
    log_shipper.close();
    log_shipper.send(&destination, line("one"), LabMs(0));
    assert_eq!(streams(&log_shipper), Some(1));
}

fn off() -> crate::faults::ChaosProfile {
    crate::faults::ChaosProfile::named("off", 0).expect("a preset")
}
