use super::*;
use crate::clock::{LabMs, WallMs};
use crate::iam::engine::{Changes, Loaded};
use crate::ids::SeededIds;

const POLICY: &str = r#"{"Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*"}}"#;
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const NOW: Now = Now {
    wall: WallMs(5),
    lab: LabMs(5),
};

fn with_user() -> (Iam, SeededIds, User) {
    let mut iam = Iam::load("000000000000", Loaded::default()).unwrap();
    let mut ids = SeededIds(1);
    let created = iam.create_user("Ann", None, &[], (NOW, &mut ids));
    (iam, ids, created.unwrap().0)
}

fn code<T: std::fmt::Debug>(result: Result<T, AwsError>) -> String {
    result.unwrap_err().code.into_owned()
}

#[test]
fn names_ignore_case_and_ids_are_never_reused() {
    let (mut iam, mut ids, user) = with_user();
    assert_eq!(user.arn, "arn:aws:iam::000000000000:user/Ann");
    assert!(user.id.starts_with("AIDA") && user.id.len() == 21);
    let taken = iam.create_user("aNN", None, &[], (NOW, &mut ids));
    assert_eq!(
        taken.unwrap_err().message,
        "User with name aNN already exists."
    );
    for name in ["", "a b", &"x".repeat(65)] {
        let refused = iam.create_user(name, None, &[], (NOW, &mut ids));
        assert_eq!(code(refused), "ValidationError", "{name}");
    }
    iam.delete_user("ann").unwrap();
    assert_eq!(code(iam.user("Ann")), "NoSuchEntity");
    let again = iam.create_user("Ann", None, &[], (NOW, &mut ids)).unwrap();
    assert_ne!(again.0.id, user.id);
}

#[test]
fn a_user_with_keys_or_policies_cannot_be_deleted() {
    let (mut iam, mut ids, _) = with_user();
    let (key, _) = iam.create_access_key("Ann", NOW, &mut ids).unwrap();
    iam.attach_policy(Entity::User("Ann"), ADMINISTRATOR)
        .unwrap();
    iam.put_policy(Entity::User("Ann"), "p", POLICY).unwrap();
    let conflict = |iam: &mut Iam| {
        let refused = iam.delete_user("Ann").unwrap_err();
        assert_eq!(refused.code, "DeleteConflict");
        refused.message
    };
    let must = |what: &str| format!("Cannot delete entity, must {what} first.");
    assert_eq!(conflict(&mut iam), must("delete access keys"));
    iam.delete_access_key("Ann", &key.id).unwrap();
    assert_eq!(conflict(&mut iam), must("detach all policies"));
    iam.detach_policy(Entity::User("Ann"), ADMINISTRATOR)
        .unwrap();
    assert_eq!(conflict(&mut iam), must("delete policies"));
    iam.delete_policy(Entity::User("Ann"), "p").unwrap();
    iam.delete_user("Ann").unwrap();
}

#[test]
fn a_user_has_at_most_two_keys() {
    let (mut iam, mut ids, _) = with_user();
    let (first, _) = iam.create_access_key("ANN", NOW, &mut ids).unwrap();
    assert_eq!((first.id.len(), first.secret.reveal().len()), (20, 40));
    assert!(first.id.starts_with("AKIA"));
    let (second, _) = iam.create_access_key("Ann", NOW, &mut ids).unwrap();
    assert_ne!(first.id, second.id);
    let third = iam.create_access_key("Ann", NOW, &mut ids).unwrap_err();
    assert_eq!(
        third.message,
        "Cannot exceed quota for AccessKeysPerUser: 2"
    );
    assert_eq!(iam.key_owner(&first.id), Some("ann"));
    iam.update_access_key("Ann", &first.id, false).unwrap();
    assert_eq!(iam.user("Ann").unwrap().keys[0].status(), "Inactive");
    iam.delete_access_key("Ann", &first.id).unwrap();
    assert_eq!(iam.key_owner(&first.id), None);
    let gone = iam.delete_access_key("Ann", &first.id);
    assert_eq!(code(gone), "NoSuchEntity");
}

#[test]
fn a_renamed_user_keeps_its_id_and_its_keys() {
    let (mut iam, mut ids, user) = with_user();
    let (key, _) = iam.create_access_key("Ann", NOW, &mut ids).unwrap();
    iam.create_user("Bob", None, &[], (NOW, &mut ids)).unwrap();
    let taken = iam.update_user("Ann", Some("bob"), None);
    assert_eq!(code(taken), "EntityAlreadyExists");
    let (_, changes) = iam.update_user("Ann", Some("Eve"), Some("/x/")).unwrap();
    assert_eq!(changes.entries.len(), 2, "the old name and the new one");
    let renamed = iam.user("eve").unwrap();
    assert_eq!(renamed.arn, "arn:aws:iam::000000000000:user/x/Eve");
    assert_eq!(renamed.id, user.id);
    assert_eq!(iam.key_owner(&key.id), Some("eve"));
    iam.update_user("Eve", Some("EVE"), None).unwrap();
    assert_eq!(iam.user("eve").unwrap().name, "EVE");
}

#[test]
fn stored_users_load_as_they_were() {
    let (mut iam, mut ids, _) = with_user();
    let (key, changes) = iam.create_access_key("Ann", NOW, &mut ids).unwrap();
    let (_, account) = iam.create_alias("our-lab").unwrap();
    let entries = |changes: Changes| {
        let stored = |change: Change| (change.key, change.value.unwrap());
        changes.entries.into_iter().map(stored).collect()
    };
    let stored = Loaded {
        users: entries(changes),
        account: entries(account),
        ..Loaded::default()
    };
    let loaded = Iam::load("000000000000", stored).unwrap();
    assert_eq!(loaded.user("Ann").unwrap(), iam.user("Ann").unwrap());
    assert_eq!(loaded.key_owner(&key.id), Some("ann"));
    assert_eq!(loaded.alias(), Some("our-lab"));
}

#[test]
fn an_account_has_one_alias() {
    let (mut iam, _, _) = with_user();
    for wrong in ["ab", "-abc", "abc-", "a--b", "Abc", &"a".repeat(64)] {
        assert_eq!(code(iam.create_alias(wrong)), "ValidationError", "{wrong}");
    }
    iam.create_alias("one").unwrap();
    assert_eq!(code(iam.create_alias("one")), "EntityAlreadyExists");
    iam.create_alias("two").unwrap();
    assert_eq!(code(iam.delete_alias("one")), "NoSuchEntity");
    assert_eq!(iam.alias(), Some("two"));
    iam.delete_alias("two").unwrap();
    assert_eq!(iam.alias(), None);
}
