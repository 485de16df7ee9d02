use super::*;
use crate::clock::{LabMs, Now, WallMs};
use crate::iam::engine::Loaded;
use crate::ids::SeededIds;

const NOW: Now = Now {
    wall: WallMs(5),
    lab: LabMs(5),
};

fn with_user() -> Iam {
    let mut iam = Iam::load("000000000000", Loaded::default()).unwrap();
    let created = iam.create_user("Ann", None, &[], (NOW, &mut SeededIds(1)));
    created.unwrap();
    iam
}

#[test]
fn inline_policies_of_users_are_limited() {
    let mut iam = with_user();
    let long = |length| {
        let action = "x".repeat(length);
        format!(r#"{{"Statement":{{"Effect":"Allow","Action":"sqs:{action}","Resource":"*"}}}}"#)
    };
    let refused = iam.put_policy(Entity::User("ann"), "p", &long(2048));
    assert_eq!(
        refused.unwrap_err().message,
        "Maximum policy size of 2048 bytes exceeded for user Ann"
    );
    iam.put_policy(Entity::User("ann"), "p", &long(1500))
        .unwrap();
}

#[test]
fn documents_are_inline_and_attached() {
    let mut iam = with_user();
    let ann = Entity::User("Ann");
    let policy = r#"{"Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*"}}"#;
    iam.put_policy(ann, "p", policy).unwrap();
    let arn = "arn:aws:iam::aws:policy/AdministratorAccess";
    iam.attach_policy(ann, arn).unwrap();
    let (name, policies) = iam.principal_policies(Entity::User("ANN")).unwrap();
    assert_eq!((name, iam.documents(policies).len()), ("Ann", 2));
    assert_eq!(iam.attachment_count(arn), 1);
    let missing = iam.inline_policy(ann, "q").unwrap_err();
    assert_eq!(
        missing.message,
        "The user policy with name q cannot be found."
    );
}

#[test]
fn tag_keys_ignore_case() {
    let mut iam = with_user();
    let ann = Entity::User("Ann");
    let tag = |key: &str| [(key.to_owned(), "v".to_owned())];
    iam.tag(ann, &tag("Key")).unwrap();
    iam.tag(ann, &tag("KEY")).unwrap();
    assert_eq!(iam.principal_policies(ann).unwrap().1.tags.len(), 1);
    iam.untag(ann, &["key", "other"]).unwrap();
    assert!(iam.principal_policies(ann).unwrap().1.tags.is_empty());
}
