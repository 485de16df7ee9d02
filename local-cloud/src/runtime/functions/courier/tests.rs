use std::time::Duration;

use super::*;
use crate::engines::iam::{Entity, NewRole};
use crate::runtime::ground::Ground;
use crate::runtime::journal::Journal;
use crate::storage::MemoryStorage;

const ROLE: &str = "arn:aws:iam::000000000000:role/w";
const TRUST: &str = r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
const GROUP: &str = "/aws/lambda/f";

/// A courier in a cloud where lines take a minute of lab time, for a role with these actions on
/// logs; the group is there, and tagged.
async fn courier(actions: &str) -> (Arc<Courier>, Arc<Address>) {
    let journal = Journal::start(Box::new(MemoryStorage::default()));
    let ground = Ground::of_tests(&journal);
    let identities = Identities::open(&ground, ("AKIA1", "s")).unwrap();
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
    let logs = Logs::open(&ground).unwrap();
    let tags = [("lab".to_owned(), "x".to_owned())].into();
    let group = logs.change(|store, now| store.create_group(GROUP, &tags, now));
    group.await.unwrap();
    let mut weather = ground.sky.weather();
    weather.set("log-delay=1m").unwrap();
    ground.sky.set(weather).await.unwrap();
    let (clock, sky) = (Arc::clone(&ground.clock), Arc::clone(&ground.sky));
    let address = Address {
        role_arn: ROLE.to_owned(),
        role_id: role.id,
        group: GROUP.to_owned(),
        stream: "s".to_owned(),
    };
    let courier = Courier::new(logs, identities, clock, sky);
    (courier, Arc::new(address))
}

fn line(text: &str) -> Lines {
    vec![(WallMs(1_000), text.to_owned())]
}

/// How many streams the group has; `None` where there is no group.
fn streams(courier: &Courier) -> Option<usize> {
    courier
        .logs
        .read(|store, _| Some(store.group(GROUP).ok()?.streams.len()))
}

async fn delete_group(courier: &Courier) {
    let delete = courier.logs.change(|store, _| store.delete_group(GROUP));
    delete.await.unwrap();
}

#[tokio::test]
async fn lines_arrive_late_and_in_order() {
    let (courier, address) = courier(r#""logs:*""#).await;
    let first = courier.send(&address, line("one"), LabMs(0));
    courier.sky.set(calm()).await.unwrap();
    let second = courier.send(&address, line("two"), first);
    assert!(second >= first, "the second does not overtake the first");
    assert_eq!(streams(&courier), Some(0), "not yet");
    courier.clock.skip(Duration::from_secs(61));
    courier.deliver_due(courier.clock.now().lab);
    assert_eq!(streams(&courier), Some(1));
}

#[tokio::test]
async fn late_lines_make_a_deleted_group_anew_without_its_tags() {
    let (courier, address) = courier(r#""logs:*""#).await;
    courier.send(&address, line("one"), LabMs(0));
    delete_group(&courier).await;
    courier.close();
    assert_eq!(streams(&courier), Some(1));
    let tags = courier
        .logs
        .read(|store, _| store.group(GROUP).unwrap().tags.len());
    assert_eq!(tags, 0);
}

#[tokio::test]
async fn late_lines_are_lost_where_the_role_may_make_no_group_or_is_another() {
    let (courier, address) = courier(r#"["logs:PutLogEvents","logs:CreateLogStream"]"#).await;
    courier.send(&address, line("one"), LabMs(0));
    let other = Address {
        role_arn: ROLE.to_owned(),
        role_id: "AROAOTHER".to_owned(),
        group: GROUP.to_owned(),
        stream: "t".to_owned(),
    };
    courier.send(&Arc::new(other), line("one"), LabMs(0));
    delete_group(&courier).await;
    courier.close();
    assert_eq!(streams(&courier), None);
}

#[tokio::test]
async fn nothing_is_late_once_the_cloud_ends() {
    let (courier, address) = courier(r#""logs:*""#).await;
    courier.close();
    courier.send(&address, line("one"), LabMs(0));
    assert_eq!(streams(&courier), Some(1));
}

fn calm() -> crate::engines::weather::Weather {
    crate::engines::weather::Weather::preset("calm", 0).expect("a preset")
}
