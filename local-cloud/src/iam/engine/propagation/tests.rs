use super::*;
use crate::clock::{Now, WallMs};
use crate::iam::engine::{Changes, Entity, Loaded, NewRole, Outcome};
use crate::ids::SeededIds;

const NOW: Now = Now {
    wall: WallMs(0),
    lab: LabMs(0),
};
const DELAY_MS: u64 = 1000;
const ARRIVAL: LabMs = LabMs(DELAY_MS);

/// Runs a command whose changes arrive at [`ARRIVAL`].
fn run<T>(
    iam: &mut Iam,
    propagation: &mut ServicePropagation,
    command: impl FnOnce(&mut Iam) -> Outcome<T>,
) -> T {
    let (result, changes) = command(iam).unwrap();
    for update in changes.updates {
        propagation.record(update, DELAY_MS, NOW.lab);
    }
    result
}

fn with_user() -> (Iam, SeededIds, ServicePropagation) {
    let mut iam = Iam::load("000000000000", Loaded::default()).unwrap();
    let mut ids = SeededIds(1);
    iam.create_user("Ann", None, &[], (NOW, &mut ids)).unwrap();
    (iam, ids, ServicePropagation::default())
}

#[test]
fn a_new_key_is_unknown_until_it_arrives() {
    let (mut iam, mut ids, mut propagation) = with_user();
    let create = |iam: &mut Iam| iam.create_access_key("Ann", NOW, &mut ids);
    let key = run(&mut iam, &mut propagation, create);
    assert!(propagation.key(&iam, &key.id, NOW.lab).is_none());
    let (user, found) = propagation.key(&iam, &key.id, ARRIVAL).unwrap();
    assert_eq!((&*user.name, found), ("Ann", &key));
}

#[test]
fn a_removed_key_works_until_that_arrives() {
    for delete in [false, true] {
        let (mut iam, mut ids, mut propagation) = with_user();
        let (key, _) = iam.create_access_key("Ann", NOW, &mut ids).unwrap();
        run(&mut iam, &mut propagation, |iam| match delete {
            true => iam.delete_access_key("Ann", &key.id),
            false => iam.update_access_key("Ann", &key.id, false),
        });
        assert!(propagation.key(&iam, &key.id, NOW.lab).is_some());
        assert!(propagation.key(&iam, &key.id, ARRIVAL).is_none());
    }
}

#[test]
fn a_user_has_its_old_name_until_the_new_arrives() {
    let (mut iam, mut ids, mut propagation) = with_user();
    let (key, _) = iam.create_access_key("Ann", NOW, &mut ids).unwrap();
    let rename = |iam: &mut Iam| iam.update_user("Ann", Some("Eve"), None);
    run(&mut iam, &mut propagation, rename);
    let name = |now| &*propagation.key(&iam, &key.id, now).unwrap().0.name;
    assert_eq!(name(NOW.lab), "Ann");
    assert_eq!(name(ARRIVAL), "Eve");
    assert!(propagation.user(&iam, "eve", NOW.lab).is_none());
    assert!(propagation.user(&iam, "ann", ARRIVAL).is_none());
}

#[test]
fn a_role_is_not_taken_for_an_earlier_one() {
    let (mut iam, _) = with_role();
    let mut propagation = ServicePropagation::default();
    run(&mut iam, &mut propagation, |iam| iam.delete_role("w"));
    let create = |iam: &mut Iam| iam.create_role(new_role(), NOW, &mut SeededIds(2));
    let role = run(&mut iam, &mut propagation, create);
    assert_eq!(propagation.role(&role, NOW.lab), None);
    assert_eq!(propagation.role(&role, ARRIVAL), Some(&role));
}

/// Records what a command has changed, for IAM itself.
fn record(propagation: &mut IamPropagation, changes: &Changes) {
    for update in &changes.updates {
        propagation.record(update, DELAY_MS, NOW.lab);
    }
}

fn described(error: Option<AwsError>) -> Option<(u16, String)> {
    error.map(|error| (error.status, error.message))
}

fn new_role() -> NewRole<'static> {
    NewRole {
        name: "w",
        path: None,
        trust: r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}"#,
        description: None,
        max_session_seconds: None,
        tags: &[],
    }
}

fn with_role() -> (Iam, Changes) {
    let mut iam = Iam::load("000000000000", Loaded::default()).unwrap();
    let created = iam.create_role(new_role(), NOW, &mut SeededIds(1));
    (iam, created.unwrap().1)
}

#[test]
fn iam_does_not_find_a_new_role_until_it_arrives() {
    let (_, changes) = with_role();
    let mut propagation = IamPropagation::default();
    record(&mut propagation, &changes);
    let missing = "The role with name W cannot be found.".to_owned();
    let not_found = propagation.not_found("W", NOW.lab);
    assert_eq!(described(not_found), Some((404, missing)));
    assert_eq!(propagation.not_found("W", ARRIVAL), None);
    assert_eq!(propagation.delete_conflict("W", NOW.lab), None);
}

#[test]
fn iam_sees_removed_policies_until_that_arrives() {
    const SEND: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}}"#;
    const MANAGED: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    let role = Entity::Role("w");
    let conflict = |what: &str| Some((409, format!("Cannot delete entity, must {what} first.")));
    let seen = |propagation: &IamPropagation| described(propagation.delete_conflict("W", NOW.lab));

    let (mut iam, _) = with_role();
    iam.put_policy(role, "p", SEND).unwrap();
    iam.attach_policy(role, MANAGED).unwrap();
    let mut propagation = IamPropagation::default();
    record(
        &mut propagation,
        &iam.detach_policy(role, MANAGED).unwrap().1,
    );
    assert_eq!(seen(&propagation), conflict("detach all policies"));
    record(&mut propagation, &iam.delete_policy(role, "p").unwrap().1);
    assert_eq!(seen(&propagation), conflict("detach all policies"));

    let (mut iam, _) = with_role();
    iam.put_policy(role, "p", SEND).unwrap();
    let mut propagation = IamPropagation::default();
    record(&mut propagation, &iam.delete_policy(role, "p").unwrap().1);
    assert_eq!(seen(&propagation), conflict("delete policies"));
    assert_eq!(propagation.not_found("W", NOW.lab), None, "it is known");
    assert_eq!(propagation.delete_conflict("W", ARRIVAL), None);
}

#[test]
fn a_deleted_role_has_no_stale_answers() {
    let (mut iam, changes) = with_role();
    let mut propagation = IamPropagation::default();
    record(&mut propagation, &changes);
    record(&mut propagation, &iam.delete_role("w").unwrap().1);
    assert_eq!(propagation.not_found("W", NOW.lab), None, "IAM answers");
}
