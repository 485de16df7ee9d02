use super::*;
use crate::clock::{LabMs, WallMs};
use crate::iam::engine::request_context::RequestContext;
use crate::iam::engine::{Entity, Loaded, managed};
use crate::ids::SeededIds;

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const POLICY: &str = r#"{"Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*"}}"#;
const BASIC: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
const NOW: Now = Now {
    wall: WallMs(5),
    lab: LabMs(5),
};

fn new(name: &str) -> NewRole<'_> {
    NewRole {
        name,
        path: None,
        trust: TRUST,
        description: None,
        max_session_seconds: None,
        tags: &[],
    }
}

fn with_role() -> (Iam, SeededIds, Role) {
    let mut iam = Iam::load("000000000000", Loaded::default()).unwrap();
    let mut ids = SeededIds(1);
    let (role, _) = iam.create_role(new("Worker"), NOW, &mut ids).unwrap();
    (iam, ids, role)
}

fn code<T: std::fmt::Debug>(result: Result<T, AwsError>) -> String {
    result.unwrap_err().code.into_owned()
}

#[test]
fn names_ignore_case_and_ids_are_never_reused() {
    let (mut iam, mut ids, role) = with_role();
    assert_eq!(role.arn, "arn:aws:iam::000000000000:role/Worker");
    assert!(role.id.starts_with("AROA") && role.id.len() == 21);
    assert_eq!(
        code(iam.create_role(new("wORKER"), NOW, &mut ids)),
        "EntityAlreadyExists"
    );
    iam.delete_role("Worker").unwrap();
    assert_eq!(code(iam.role("Worker")), "NoSuchEntity");
    let (again, _) = iam.create_role(new("Worker"), NOW, &mut ids).unwrap();
    assert_ne!(again.id, role.id);
}

#[test]
fn a_role_with_policies_cannot_be_deleted() {
    let (mut iam, _, _) = with_role();
    iam.attach_policy(Entity::Role("Worker"), BASIC).unwrap();
    iam.attach_policy(Entity::Role("Worker"), BASIC).unwrap();
    iam.put_policy(Entity::Role("Worker"), "send", POLICY)
        .unwrap();
    let error = iam.delete_role("Worker").unwrap_err();
    assert_eq!(
        error.message,
        "Cannot delete entity, must detach all policies first."
    );
    iam.detach_policy(Entity::Role("Worker"), BASIC).unwrap();
    assert_eq!(
        code(iam.detach_policy(Entity::Role("Worker"), BASIC)),
        "NoSuchEntity"
    );
    let error = iam.delete_role("Worker").unwrap_err();
    assert_eq!(
        error.message,
        "Cannot delete entity, must delete policies first."
    );
    iam.delete_policy(Entity::Role("Worker"), "send").unwrap();
    iam.delete_role("Worker").unwrap();
}

#[test]
fn stored_roles_load_as_they_were() {
    let (mut iam, _, _) = with_role();
    let tags = [("k".to_owned(), "v".to_owned())];
    let (_, changes) = iam.tag(Entity::Role("worker"), &tags).unwrap();
    let entries = changes.entries.into_iter();
    let stored = Loaded {
        roles: entries
            .map(|change| (change.key, change.value.unwrap()))
            .collect(),
        ..Loaded::default()
    };
    let loaded = Iam::load("000000000000", stored).unwrap();
    assert_eq!(loaded.role("Worker").unwrap(), iam.role("Worker").unwrap());
    let trusts = |arn: &str| {
        let role = loaded.role_by_arn(arn);
        role.is_some_and(|role| role.trusts("lambda.amazonaws.com", RequestContext::default()))
    };
    assert!(trusts("arn:aws:iam::000000000000:role/Worker"));
    assert!(!trusts("arn:aws:iam::000000000000:role/worker"));
}

#[test]
fn quotas_and_constraints_hold() {
    let (mut iam, mut ids, _) = with_role();
    let long = format!(
        r#"{{"Statement":{{"Effect":"Allow","Action":"sqs:{}","Resource":"*"}}}}"#,
        "x".repeat(6000)
    );
    iam.put_policy(Entity::Role("Worker"), "a", &long).unwrap();
    iam.put_policy(Entity::Role("Worker"), "a", &long).unwrap();
    assert_eq!(
        code(iam.put_policy(Entity::Role("Worker"), "b", &long)),
        "LimitExceeded"
    );
    let tags: Vec<_> = (0..51).map(|n| (n.to_string(), String::new())).collect();
    assert_eq!(
        code(iam.tag(Entity::Role("Worker"), &tags)),
        "LimitExceeded"
    );
    let twice = ["a", "A"].map(|key| (key.to_owned(), String::new()));
    assert_eq!(
        code(iam.tag(Entity::Role("Worker"), &twice)),
        "InvalidInput"
    );
    for name in ["", "a b", &"x".repeat(65)] {
        assert_eq!(
            code(iam.create_role(new(name), NOW, &mut ids)),
            "ValidationError"
        );
    }
    let bad_path = NewRole {
        path: Some("x/"),
        ..new("y")
    };
    assert_eq!(
        code(iam.create_role(bad_path, NOW, &mut ids)),
        "ValidationError"
    );
}

#[test]
fn the_catalogue_has_valid_policies() {
    for policy in managed::CATALOGUE {
        Policy::identity(policy.document).unwrap();
        assert_eq!(managed::find(&policy.arn()).unwrap().name, policy.name);
    }
}
