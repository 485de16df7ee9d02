use super::*;
use crate::iam::engine::evaluate::RequiredPermission;
use crate::iam::engine::{Entity, NewRole};
use crate::storage::MemoryStorage;

const TRUST: &str = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"000000000000","Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
const ARN: &str = "arn:aws:iam::000000000000:role/w";
/// Whichever role has the ARN.
const ANY: RoleRef<'_> = RoleRef { arn: ARN, id: "" };

fn open(journal: &Journal) -> Arc<Identities> {
    Identities::open(&RuntimeContext::for_tests(journal), ("AKIA1", "s")).unwrap()
}

async fn with_role() -> (Journal, Arc<Identities>) {
    let journal = Journal::start(Box::new(MemoryStorage::default()));
    let identities = open(&journal);
    make_role(&identities).await;
    (journal, identities)
}

async fn make_role(identities: &Identities) {
    let new = NewRole {
        name: "w",
        path: None,
        trust: TRUST,
        description: None,
        max_session_seconds: None,
        tags: &[],
    };
    let made = identities
        .change(|iam, now, ids| iam.create_role(new, now, ids))
        .await;
    made.unwrap();
}

fn asked(seconds: Option<u32>) -> Assumption<'static> {
    Assumption {
        role_arn: ARN,
        session_name: "me",
        seconds,
        external_id: None,
    }
}

#[tokio::test]
async fn a_service_session_is_a_role_s_and_ends_with_the_process() {
    let (journal, identities) = with_role().await;
    assert!(identities.trusting(ARN, "lambda.amazonaws.com").is_some());
    let made = identities.service_session(ANY, "fn").unwrap();
    let found = identities.lookup(&made.access_key).unwrap();
    assert_eq!(
        found.caller.arn,
        "arn:aws:sts::000000000000:assumed-role/w/fn"
    );
    assert_eq!(found.session_token.as_ref(), Some(&made.session_token));
    let secret = made.secret_key.reveal();
    assert_eq!((made.access_key.len(), secret.len()), (20, 40));
    assert!(!format!("{found:?} {made:?}").contains(secret));
    let again = open(&journal);
    assert!(again.lookup(&made.access_key).is_none());
    assert!(again.trusting(ARN, "lambda.amazonaws.com").is_some());
    assert_eq!(
        identities
            .service_session(
                RoleRef {
                    arn: "arn:x/y",
                    id: ""
                },
                "fn"
            )
            .unwrap_err()
            .code,
        "NoSuchEntity"
    );
}

#[tokio::test]
async fn an_assumed_session_survives_a_restart() {
    let (journal, identities) = with_role().await;
    let owner = identities.lookup("AKIA1").unwrap();
    let made = identities
        .assume_role(&owner.caller, asked(None))
        .await
        .unwrap()
        .0;
    let found = open(&journal).lookup(&made.access_key).unwrap();
    assert_eq!(found.secret_key, made.secret_key);
    assert_eq!(found.caller.role_arn(), Some(ARN));
    let long = identities
        .assume_role(&owner.caller, asked(Some(3601)))
        .await;
    assert_eq!(long.unwrap_err().code, "ValidationError");
}

#[tokio::test]
async fn a_changed_policy_counts_once_it_has_arrived() {
    const SEND: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}}"#;
    let (_journal, identities) = with_role().await;
    let mut chaos = identities.faults.profile();
    chaos.set("role-delay=1m").unwrap();
    identities.faults.set(chaos).await.unwrap();
    let put = identities.change(|iam, _, _| iam.put_policy(Entity::Role("w"), "p", SEND));
    put.await.unwrap();
    let right = RequiredPermission::new("sqs:SendMessage", "arn:aws:sqs:us-east-1:000000000000:q");
    assert!(!identities.role_may(ANY, &right), "not yet");
    identities.clock.skip(std::time::Duration::from_secs(61));
    assert!(identities.role_may(ANY, &right));
}

/// A user `ann` of an account, with these required_permissions, and her key.
async fn with_user(identities: &Identities, required_permissions: &str) -> AccessKey {
    let make = identities.change(|iam, now, ids| iam.create_user("ann", None, &[], (now, ids)));
    make.await.unwrap();
    let policy = format!(r#"{{"Statement":{required_permissions}}}"#);
    let put = identities.change(|iam, _, _| iam.put_policy(Entity::User("ann"), "p", &policy));
    put.await.unwrap();
    let key = identities.change(|iam, now, ids| iam.create_access_key("ann", now, ids));
    key.await.unwrap()
}

#[tokio::test]
async fn a_user_signs_with_her_key_and_may_what_her_policies_allow() {
    let (journal, identities) = with_role().await;
    let required_permissions = r#"{"Effect":"Allow","Action":"sqs:*","Resource":"*",
        "Condition":{"StringEquals":{"aws:username":"ann"}}}"#;
    let key = with_user(&identities, required_permissions).await;
    for identities in [&identities, &open(&journal)] {
        let ann = identities.lookup(&key.id).unwrap();
        assert_eq!(ann.caller.arn, "arn:aws:iam::000000000000:user/ann");
        assert!(ann.caller.user_id.starts_with("AIDA"));
        assert_eq!((&ann.secret_key, &ann.session_token), (&key.secret, &None));
        let send =
            RequiredPermission::new("sqs:SendMessage", "arn:aws:sqs:us-east-1:000000000000:q");
        identities.authorize(&ann.caller, &send).unwrap();
        let list = RequiredPermission::new("iam:ListRoles", "*");
        let denial = identities.authorize(&ann.caller, &list).unwrap_err();
        assert_eq!(
            denial.to_string(),
            "User: arn:aws:iam::000000000000:user/ann is not authorized to perform: \
             iam:ListRoles on resource: * because no identity-based policy allows the \
             iam:ListRoles action"
        );
    }
    let disable = identities.change(|iam, _, _| iam.update_access_key("ann", &key.id, false));
    disable.await.unwrap();
    assert!(identities.lookup(&key.id).is_none());
}

#[tokio::test]
async fn a_user_of_the_account_assumes_a_role_where_her_policies_allow_it() {
    let (_journal, identities) = with_role().await;
    let nothing = r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"}"#;
    let key = with_user(&identities, nothing).await;
    let ann = identities.lookup(&key.id).unwrap();
    let refused = identities.assume_role(&ann.caller, asked(None)).await;
    assert_eq!(refused.unwrap_err().code, "AccessDenied");
    let required_permissions = format!(
        r#"{{"Statement":{{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"{ARN}"}}}}"#
    );
    let put = identities
        .change(|iam, _, _| iam.put_policy(Entity::User("ann"), "p", &required_permissions));
    put.await.unwrap();
    let made = identities.assume_role(&ann.caller, asked(None)).await;
    assert_eq!(made.unwrap().1.name, "w");
}

#[tokio::test]
async fn a_new_user_s_key_is_known_once_it_has_arrived() {
    let (_journal, identities) = with_role().await;
    let mut chaos = identities.faults.profile();
    chaos.set("role-delay=1m").unwrap();
    identities.faults.set(chaos).await.unwrap();
    let all = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    let key = with_user(&identities, all).await;
    assert!(identities.lookup(&key.id).is_none(), "not yet");
    identities.clock.skip(std::time::Duration::from_secs(61));
    assert!(identities.lookup(&key.id).is_some());
}

#[tokio::test]
async fn a_role_that_was_given_another_s_name_is_not_taken_for_it() {
    let (_journal, identities) = with_role().await;
    let id = identities.trusting(ARN, "lambda.amazonaws.com").unwrap();
    let first = RoleRef { arn: ARN, id: &id };
    identities.service_session(first, "fn").unwrap();
    let delete = identities.change(|iam, _, _| iam.delete_role("w"));
    delete.await.unwrap();
    make_role(&identities).await;
    let refused = identities.service_session(first, "fn").unwrap_err();
    assert_eq!(refused.code, "NoSuchEntity");
    identities.service_session(ANY, "fn").unwrap();
}

#[tokio::test]
async fn iam_s_answers_about_a_new_role_alternate_until_it_is_known_everywhere() {
    let journal = Journal::start(Box::new(MemoryStorage::default()));
    let identities = open(&journal);
    let mut chaos = identities.faults.profile();
    chaos.set("iam-delay=1m").unwrap();
    identities.faults.set(chaos).await.unwrap();
    make_role(&identities).await;
    let found = || {
        let ask = |_| identities.check_heard("GetRole", "w").is_ok();
        (0..40).map(ask).filter(|found| *found).count()
    };
    assert!((1..40).contains(&found()));
    identities.clock.skip(std::time::Duration::from_secs(61));
    assert_eq!(found(), 40);
}

#[tokio::test]
async fn a_new_role_is_on_its_way_until_services_see_it() {
    let journal = Journal::start(Box::new(MemoryStorage::default()));
    let identities = open(&journal);
    let mut chaos = identities.faults.profile();
    chaos.set("role-delay=1m").unwrap();
    identities.faults.set(chaos).await.unwrap();
    let is_on_its_way = || identities.is_on_its_way(ARN, "lambda.amazonaws.com");
    assert!(!is_on_its_way(), "there is none");
    make_role(&identities).await;
    assert!(is_on_its_way());
    assert!(!identities.is_on_its_way(ARN, "ec2.amazonaws.com"));
    identities.clock.skip(std::time::Duration::from_secs(61));
    assert!(!is_on_its_way(), "it has arrived");
}
