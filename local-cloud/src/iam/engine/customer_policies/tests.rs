use super::*;
use crate::clock::{LabMs, WallMs};
use crate::iam::engine::{Entity, Loaded};
use crate::ids::SeededIds;

const NOW: Now = Now {
    wall: WallMs(1_700_000_000_000),
    lab: LabMs(0),
};
const SEND: &str = r#"{"Statement":{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}}"#;
const ARN: &str = "arn:aws:iam::000000000000:policy/x/Sending";

fn with_policy() -> Iam {
    let mut iam = Iam::load("000000000000", Loaded::default()).unwrap();
    let ids = &mut SeededIds(1);
    let new = NewPolicy {
        name: "Sending",
        path: Some("/x/"),
        document: SEND,
        description: Some("sends"),
        tags: &[],
    };
    let (policy, _) = iam.create_policy(new, NOW, ids).unwrap();
    assert_eq!((policy.arn.as_str(), policy.id.len()), (ARN, 21));
    iam.create_user("ann", None, &[], (NOW, ids)).unwrap();
    iam
}

#[test]
fn the_default_version_is_in_effect_where_it_is_attached() {
    let mut iam = with_policy();
    let ann = Entity::User("ann");
    let actions = |iam: &Iam| {
        let documents = iam.documents(iam.principal_policies(ann).unwrap().1);
        let statements = documents.iter().flat_map(|one| &one.statements);
        let actions = statements.flat_map(|one| &one.actions);
        actions
            .flat_map(|one| one.items.clone())
            .collect::<Vec<_>>()
    };
    assert!(actions(&iam).is_empty());
    iam.attach_policy(ann, ARN).unwrap();
    assert_eq!(actions(&iam), ["sqs:SendMessage"]);
    let receive = SEND.replace("Send", "Receive");
    let (number, _) = iam
        .create_policy_version(ARN, &receive, false, NOW)
        .unwrap();
    assert_eq!(
        (number, actions(&iam)),
        (2, vec!["sqs:SendMessage".to_owned()])
    );
    iam.set_default_version(ARN, "v2", NOW).unwrap();
    assert_eq!(actions(&iam), ["sqs:ReceiveMessage"]);
    assert_eq!(iam.attachment_count(ARN), 1);
    iam.detach_policy(ann, ARN).unwrap();
    assert!(actions(&iam).is_empty());
}

#[test]
fn versions_are_limited_and_their_numbers_are_not_used_again() {
    let mut iam = with_policy();
    for number in 2..=5 {
        let made = iam.create_policy_version(ARN, SEND, false, NOW).unwrap().0;
        assert_eq!(made, number);
    }
    let sixth = iam.create_policy_version(ARN, SEND, true, NOW);
    assert_eq!(sixth.unwrap_err().code, "LimitExceeded");
    iam.delete_policy_version(ARN, "v5").unwrap();
    assert_eq!(
        iam.create_policy_version(ARN, SEND, true, NOW).unwrap().0,
        6
    );
    let default = iam.delete_policy_version(ARN, "v6").unwrap_err();
    assert_eq!(default.code, "DeleteConflict");
    for id in ["v5", "v9", "6", "v"] {
        let missing = iam.delete_policy_version(ARN, id).unwrap_err();
        assert_eq!(missing.code, "NoSuchEntity", "{id}");
    }
}

#[test]
fn only_an_unused_policy_of_one_version_is_deleted() {
    let mut iam = with_policy();
    iam.create_policy_version(ARN, SEND, false, NOW).unwrap();
    assert_eq!(
        iam.delete_customer_policy(ARN).unwrap_err().code,
        "DeleteConflict"
    );
    iam.delete_policy_version(ARN, "v2").unwrap();
    iam.attach_policy(Entity::User("ann"), ARN).unwrap();
    assert_eq!(
        iam.delete_customer_policy(ARN).unwrap_err().code,
        "DeleteConflict"
    );
    iam.detach_policy(Entity::User("ann"), ARN).unwrap();
    iam.delete_customer_policy(ARN).unwrap();
    assert_eq!(iam.customer_policy(ARN).unwrap_err().code, "NoSuchEntity");
    let attach = iam.attach_policy(Entity::User("ann"), ARN);
    assert_eq!(attach.unwrap_err().code, "NoSuchEntity");
}

#[test]
fn names_and_sizes_are_checked() {
    let mut iam = with_policy();
    let mut create = |name: &str, document: &str| {
        let new = NewPolicy {
            name,
            path: None,
            document,
            description: None,
            tags: &[],
        };
        iam.create_policy(new, NOW, &mut SeededIds(2))
            .unwrap_err()
            .code
    };
    assert_eq!(create("SENDING", SEND), "EntityAlreadyExists");
    assert_eq!(create("a/b", SEND), "ValidationError");
    assert_eq!(create("new", "{}"), "MalformedPolicyDocument");
    let long = SEND.replace('*', &format!("arn:aws:sqs:*:*:{}", "x".repeat(6144)));
    assert_eq!(create("new", &long), "LimitExceeded");
    let other = iam.customer_policy("arn:aws:iam::000000000000:policy/Sending");
    assert_eq!(other.unwrap_err().code, "NoSuchEntity");
}

#[test]
fn policies_survive_a_restart() {
    let mut iam = with_policy();
    let (_, changes) = iam
        .tag_policy(ARN, &[("k".to_owned(), "v".to_owned())])
        .unwrap();
    let entries = changes.entries.into_iter();
    let stored = Loaded {
        policies: entries
            .map(|change| (change.key, change.value.unwrap()))
            .collect(),
        ..Loaded::default()
    };
    let loaded = Iam::load("000000000000", stored).unwrap();
    assert_eq!(
        loaded.customer_policy(ARN).unwrap(),
        iam.customer_policy(ARN).unwrap()
    );
}
