use super::*;
use crate::clock::{Now, WallMs};
use crate::iam::engine::{Entity, Loaded, NewRole};
use crate::ids::SeededIds;

const NOW: Now = Now {
    wall: WallMs(0),
    lab: LabMs(0),
};
const ARRIVAL: LabMs = LabMs(1000);

/// Runs a command whose change arrives at [`ARRIVAL`].
fn late<T>(
    iam: &mut Iam,
    stale: &mut Stale,
    command: impl FnOnce(&mut Iam) -> Result<(T, Vec<Change>), AwsError>,
) -> T {
    let before = iam.clone();
    let (result, changes) = command(iam).unwrap();
    stale.note(&before, &changes, ARRIVAL, NOW.lab);
    result
}

fn with_user() -> (Iam, SeededIds, Stale) {
    let mut iam = Iam::load("000000000000", Loaded::default()).unwrap();
    let mut ids = SeededIds(1);
    iam.create_user("Ann", None, &[], (NOW, &mut ids)).unwrap();
    (iam, ids, Stale::default())
}

#[test]
fn a_new_key_is_not_known_for_a_moment() {
    let (mut iam, mut ids, mut stale) = with_user();
    let make = |iam: &mut Iam| iam.create_access_key("Ann", NOW, &mut ids);
    let key = late(&mut iam, &mut stale, make);
    assert!(stale.key(&iam, &key.id, NOW.lab).is_none());
    let (user, found) = stale.key(&iam, &key.id, ARRIVAL).unwrap();
    assert_eq!((&*user.name, found), ("Ann", &key));
}

#[test]
fn a_key_works_on_for_a_moment_when_it_is_made_inactive_or_deleted() {
    let (mut iam, mut ids, _) = with_user();
    let (key, _) = iam.create_access_key("Ann", NOW, &mut ids).unwrap();
    for delete in [false, true] {
        let mut stale = Stale::default();
        let mut later = iam.clone();
        late(&mut later, &mut stale, |iam| match delete {
            true => iam.delete_access_key("Ann", &key.id),
            false => iam.update_access_key("Ann", &key.id, false),
        });
        assert!(stale.key(&later, &key.id, NOW.lab).is_some());
        assert!(stale.key(&later, &key.id, ARRIVAL).is_none());
    }
}

#[test]
fn a_user_has_its_old_name_for_a_moment() {
    let (mut iam, mut ids, mut stale) = with_user();
    let (key, _) = iam.create_access_key("Ann", NOW, &mut ids).unwrap();
    let rename = |iam: &mut Iam| iam.update_user("Ann", Some("Eve"), None);
    late(&mut iam, &mut stale, rename);
    assert_eq!(stale.key(&iam, &key.id, NOW.lab).unwrap().0.name, "Ann");
    assert_eq!(stale.key(&iam, &key.id, ARRIVAL).unwrap().0.name, "Eve");
    assert!(stale.user(&iam, "eve", NOW.lab).is_none());
    assert!(stale.user(&iam, "ann", ARRIVAL).is_none());
}

/// What a machine that is behind says of the role `w`, by operation.
fn said(not_yet_seen: &Unheard, operation: &str, now: LabMs) -> Option<(u16, String)> {
    let refusal = not_yet_seen.refusal(operation, "W", now)?;
    Some((refusal.status, refusal.message))
}

fn with_role() -> (Iam, Iam, Vec<Change>) {
    const TRUST: &str = r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
    let mut iam = Iam::load("000000000000", Loaded::default()).unwrap();
    let before = iam.clone();
    let new = NewRole {
        name: "w",
        path: None,
        trust: TRUST,
        description: None,
        max_session_seconds: None,
        tags: &[],
    };
    let made = iam.create_role(new, NOW, &mut SeededIds(1)).unwrap();
    (iam, before, made.1)
}

#[test]
fn iam_itself_does_not_find_a_new_role_for_a_moment() {
    let (_, before, changes) = with_role();
    let mut not_yet_seen = Unheard::default();
    not_yet_seen.note(&before, &changes, ARRIVAL, NOW.lab);
    let missing = "The role with name W cannot be found.".to_owned();
    for operation in ["GetRole", "PutRolePolicy", "TagRole"] {
        let refusal = said(&not_yet_seen, operation, NOW.lab);
        assert_eq!(refusal, Some((404, missing.clone())), "{operation}");
        assert_eq!(said(&not_yet_seen, operation, ARRIVAL), None);
    }
    for operation in ["CreateRole", "DeleteRole"] {
        assert_eq!(said(&not_yet_seen, operation, NOW.lab), None, "{operation}");
    }
}

#[test]
fn a_role_that_was_emptied_is_taken_for_full_for_a_moment() {
    const SEND: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}}"#;
    const MANAGED: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    let role = Entity::Role("w");
    let (mut iam, _, _) = with_role();
    iam.put_policy(role, "p", SEND).unwrap();
    iam.attach_policy(role, MANAGED).unwrap();
    let mut not_yet_seen = Unheard::default();
    let mut note = |iam: &mut Iam, change: &dyn Fn(&mut Iam) -> Vec<Change>| {
        let before = iam.clone();
        let changes = change(iam);
        not_yet_seen.note(&before, &changes, ARRIVAL, NOW.lab);
        said(&not_yet_seen, "DeleteRole", NOW.lab)
    };
    let detach = |iam: &mut Iam| iam.detach_policy(role, MANAGED).unwrap().1;
    let conflict = |what: &str| (409, format!("Cannot delete entity, must {what} first."));
    let attached = Some(conflict("detach all policies"));
    assert_eq!(note(&mut iam, &detach), attached);
    let delete = |iam: &mut Iam| iam.delete_policy(role, "p").unwrap().1;
    assert_eq!(note(&mut iam, &delete), attached);
    let mut late = Unheard::default();
    let (mut iam, _, _) = with_role();
    iam.put_policy(role, "p", SEND).unwrap();
    let before = iam.clone();
    let changes = delete(&mut iam);
    late.note(&before, &changes, ARRIVAL, NOW.lab);
    let inline = Some(conflict("delete policies"));
    assert_eq!(said(&late, "DeleteRole", NOW.lab), inline);
    assert_eq!(said(&late, "GetRole", NOW.lab), None, "it is there");
    assert_eq!(said(&late, "DeleteRole", ARRIVAL), None);
}

#[test]
fn nothing_is_left_of_a_role_that_is_gone() {
    let (mut iam, before, changes) = with_role();
    let mut not_yet_seen = Unheard::default();
    not_yet_seen.note(&before, &changes, ARRIVAL, NOW.lab);
    let full = iam.clone();
    let (_, changes) = iam.delete_role("w").unwrap();
    not_yet_seen.note(&full, &changes, ARRIVAL, NOW.lab);
    assert_eq!(said(&not_yet_seen, "GetRole", NOW.lab), None, "IAM answers");
}
