use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::error::AwsError;
use crate::iam::RequiredPermission;
use crate::iam::SessionCredentials;
use crate::iam::engine::{AccessKey, Entity, NewRole, Role, RoleRef};
use crate::protocol::http::Caller;
use crate::runtime_context::RuntimeContext;
use crate::service::RequestOrigin;
use crate::storage::MemoryStorage;
use crate::storage::journal::Journal;

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
    create_role(&identities).await;
    (journal, identities)
}

async fn create_role(identities: &Identities) {
    let new = NewRole {
        name: "w",
        path: None,
        trust: TRUST,
        description: None,
        max_session_seconds: None,
        tags: &[],
    };
    let created = identities
        .change(|iam, now, ids| iam.create_role(new, now, ids))
        .await;
    created.unwrap();
}

fn request(seconds: Option<u32>) -> AssumeRoleRequest {
    AssumeRoleRequest {
        role_arn: ARN.to_owned(),
        session_name: "me".to_owned(),
        seconds,
        external_id: None,
    }
}

async fn assume(
    identities: &Identities,
    caller: &Caller,
    request: &AssumeRoleRequest,
) -> Result<(SessionCredentials, Role), AwsError> {
    let origin = RequestOrigin::default();
    identities.assume_role(caller, request, &origin).await
}

fn authorize(
    identities: &Identities,
    caller: &Caller,
    permission: &RequiredPermission,
) -> Result<(), authorization::AccessDenied> {
    let origin = RequestOrigin {
        user_agent: Some("Boto3/1.43".to_owned()),
        referer: None,
    };
    let facts = RequestFacts {
        origin: &origin,
        is_global: false,
    };
    identities.authorize(caller, std::slice::from_ref(permission), facts)
}

async fn set_chaos(identities: &Identities, setting: &str) {
    let mut chaos = identities.faults.profile();
    chaos.set(setting).unwrap();
    identities.faults.set(chaos).await.unwrap();
}

#[tokio::test]
async fn a_service_session_ends_with_the_process() {
    let (journal, identities) = with_role().await;
    assert!(identities.trusting(ARN, "lambda.amazonaws.com").is_some());
    let credentials = identities.service_session(ANY, "fn").unwrap();
    let found = identities.lookup(&credentials.access_key).unwrap();
    assert_eq!(
        found.caller.arn,
        "arn:aws:sts::000000000000:assumed-role/w/fn"
    );
    assert_eq!(
        found.session_token.as_ref(),
        Some(&credentials.session_token)
    );
    let secret = credentials.secret_key.reveal();
    assert_eq!((credentials.access_key.len(), secret.len()), (20, 40));
    assert!(!format!("{found:?} {credentials:?}").contains(secret));
    let again = open(&journal);
    assert!(again.lookup(&credentials.access_key).is_none());
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
    let credentials = assume(&identities, &owner.caller, &request(None))
        .await
        .unwrap()
        .0;
    let found = open(&journal).lookup(&credentials.access_key).unwrap();
    assert_eq!(found.secret_key, credentials.secret_key);
    assert_eq!(found.caller.role_arn(), Some(ARN));
    let long = assume(&identities, &owner.caller, &request(Some(3601))).await;
    assert_eq!(long.unwrap_err().code, "ValidationError");
}

#[tokio::test]
async fn a_policy_counts_once_it_has_arrived() {
    const SEND: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}}"#;
    let (_journal, identities) = with_role().await;
    set_chaos(&identities, "role-delay=1m").await;
    let put = identities.change(|iam, _, _| iam.put_policy(Entity::Role("w"), "p", SEND));
    put.await.unwrap();
    let permission =
        RequiredPermission::new("sqs:SendMessage", "arn:aws:sqs:us-east-1:000000000000:q");
    assert!(!identities.role_may(ANY, &permission), "not yet");
    identities.clock.skip(Duration::from_secs(61));
    assert!(identities.role_may(ANY, &permission));
}

/// Creates the user `ann` with this statement as her policy, and an access key of hers.
async fn with_user(identities: &Identities, statement: &str) -> AccessKey {
    let create = identities.change(|iam, now, ids| iam.create_user("ann", None, &[], (now, ids)));
    create.await.unwrap();
    let policy = format!(r#"{{"Statement":{statement}}}"#);
    let put = identities.change(|iam, _, _| iam.put_policy(Entity::User("ann"), "p", &policy));
    put.await.unwrap();
    let key = identities.change(|iam, now, ids| iam.create_access_key("ann", now, ids));
    key.await.unwrap()
}

#[tokio::test]
async fn a_user_may_do_what_her_policies_allow() {
    let (journal, identities) = with_role().await;
    let statement = r#"{"Effect":"Allow","Action":"sqs:*","Resource":"*",
        "Condition":{"StringEquals":{"aws:username":"ann"}}}"#;
    let key = with_user(&identities, statement).await;
    for identities in [&identities, &open(&journal)] {
        let ann = identities.lookup(&key.id).unwrap();
        assert_eq!(ann.caller.arn, "arn:aws:iam::000000000000:user/ann");
        assert!(ann.caller.user_id.starts_with("AIDA"));
        assert_eq!((&ann.secret_key, &ann.session_token), (&key.secret, &None));
        let send =
            RequiredPermission::new("sqs:SendMessage", "arn:aws:sqs:us-east-1:000000000000:q");
        authorize(identities, &ann.caller, &send).unwrap();
        let list = RequiredPermission::new("iam:ListRoles", "*");
        let denial = authorize(identities, &ann.caller, &list).unwrap_err();
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
async fn assuming_a_role_needs_the_users_permission() {
    let (_journal, identities) = with_role().await;
    let nothing = r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"}"#;
    let key = with_user(&identities, nothing).await;
    let ann = identities.lookup(&key.id).unwrap();
    let refused = assume(&identities, &ann.caller, &request(None)).await;
    assert_eq!(refused.unwrap_err().code, "AccessDenied");
    let policy = format!(
        r#"{{"Statement":{{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"{ARN}"}}}}"#
    );
    let put = identities.change(|iam, _, _| iam.put_policy(Entity::User("ann"), "p", &policy));
    put.await.unwrap();
    let credentials = assume(&identities, &ann.caller, &request(None)).await;
    assert_eq!(credentials.unwrap().1.name, "w");
}

/// Whether `ann` may assume a role that trusts by this statement, with this statement as her policy.
async fn may_assume(trust: &str, own: &str) -> bool {
    let journal = Journal::start(Box::new(MemoryStorage::default()));
    let identities = open(&journal);
    let key = with_user(&identities, own).await;
    let trust = format!(r#"{{"Version":"2012-10-17","Statement":[{trust}]}}"#);
    let new = NewRole {
        name: "w",
        path: None,
        trust: &trust,
        description: None,
        max_session_seconds: None,
        tags: &[("team".to_owned(), "red".to_owned())],
    };
    let created = identities.change(|iam, now, ids| iam.create_role(new, now, ids));
    created.await.unwrap();
    let ann = identities.lookup(&key.id).unwrap();
    let assumed = assume(&identities, &ann.caller, &request(None)).await;
    match assumed {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.code, "AccessDenied");
            false
        }
    }
}

const HARMLESS: &str = r#"{"Effect":"Allow","Action":"sqs:ListQueues","Resource":"*"}"#;

fn statement(effect: &str, principal: &str, rest: &str) -> String {
    format!(r#"{{"Effect":"{effect}","Principal":{principal},"Action":"sts:AssumeRole"{rest}}}"#)
}

#[tokio::test]
async fn a_trusted_caller_is_denied_by_an_own_policy() {
    let by_name = statement(
        "Allow",
        r#"{"AWS":"arn:aws:iam::000000000000:user/ann"}"#,
        "",
    );
    let by_account = statement("Allow", r#"{"AWS":"000000000000"}"#, "");
    let allow = r#"{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}"#;
    let deny = r#"{"Effect":"Deny","Action":"sts:AssumeRole","Resource":"*"}"#;
    assert!(may_assume(&by_name, HARMLESS).await);
    assert!(!may_assume(&by_name, deny).await);
    assert!(!may_assume(&by_account, HARMLESS).await);
    assert!(may_assume(&by_account, allow).await);
    assert!(!may_assume(&by_account, &format!("[{allow},{deny}]")).await);
}

#[tokio::test]
async fn trust_depends_on_the_keys_of_any_request() {
    const ANN: &str = r#"{"AWS":"arn:aws:iam::000000000000:user/ann"}"#;
    let holds = async |condition: &str| {
        let rest = format!(r#","Condition":{condition}"#);
        let allowed = may_assume(&statement("Allow", ANN, &rest), HARMLESS).await;
        let allow = statement("Allow", ANN, "");
        let deny = statement("Deny", r#""*""#, &rest);
        let denied = !may_assume(&format!("{allow},{deny}"), HARMLESS).await;
        assert_eq!(allowed, denied, "{condition}");
        allowed
    };
    for condition in [
        r#"{"DateGreaterThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}"#,
        r#"{"StringEquals":{"sts:RoleSessionName":"me"}}"#,
        r#"{"StringEquals":{"aws:username":"ann","aws:RequestedRegion":"us-east-1"}}"#,
        r#"{"Null":{"sts:ExternalId":"true","aws:MultiFactorAuthPresent":"true"}}"#,
    ] {
        assert!(holds(condition).await, "{condition}");
    }
    for condition in [
        r#"{"NotIpAddress":{"aws:SourceIp":"127.0.0.0/8"}}"#,
        r#"{"StringEquals":{"sts:RoleSessionName":"other"}}"#,
        r#"{"StringEquals":{"sts:ExternalId":"x"}}"#,
        r#"{"Bool":{"aws:SecureTransport":"true"}}"#,
    ] {
        assert!(!holds(condition).await, "{condition}");
    }
}

#[tokio::test]
async fn a_user_who_was_made_again_is_not_trusted() {
    let (_journal, identities) = with_role().await;
    let first = with_user(&identities, HARMLESS).await;
    let trust = statement(
        "Allow",
        r#"{"AWS":"arn:aws:iam::000000000000:user/ann"}"#,
        "",
    );
    let trust = format!(r#"{{"Statement":{trust}}}"#);
    let update = identities.change(|iam, _, _| iam.update_assume_role_policy("w", &trust));
    update.await.unwrap();
    let ann = identities.lookup(&first.id).unwrap();
    assume(&identities, &ann.caller, &request(None))
        .await
        .unwrap();
    for delete in ["key", "policy", "user"] {
        let delete = identities.change(|iam, _, _| match delete {
            "key" => iam.delete_access_key("ann", &first.id),
            "policy" => iam.delete_policy(Entity::User("ann"), "p"),
            _ => iam.delete_user("ann"),
        });
        delete.await.unwrap();
    }
    let again = with_user(&identities, HARMLESS).await;
    let other_ann = identities.lookup(&again.id).unwrap();
    for caller in [&other_ann.caller, &ann.caller] {
        let refused = assume(&identities, caller, &request(None)).await;
        assert_eq!(refused.unwrap_err().code, "AccessDenied");
    }
}

#[tokio::test]
async fn sessions_of_before_a_time_are_revoked() {
    let (_journal, identities) = with_role().await;
    let owner = identities.lookup("AKIA1").unwrap();
    let credentials = assume(&identities, &owner.caller, &request(None))
        .await
        .unwrap()
        .0;
    let session = identities.lookup(&credentials.access_key).unwrap();
    let send = RequiredPermission::new("sqs:SendMessage", "arn:aws:sqs:us-east-1:000000000000:q");
    let put = async |name: &str, statement: String| {
        let policy = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
        let put = identities.change(|iam, _, _| iam.put_policy(Entity::Role("w"), name, &policy));
        put.await.unwrap();
    };
    let revoke = |date: &str| {
        format!(
            r#"{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{"DateLessThan":{{"aws:TokenIssueTime":"{date}"}}}}}}"#
        )
    };
    put(
        "all",
        r#"{"Effect":"Allow","Action":"sqs:*","Resource":"*"}"#.to_owned(),
    )
    .await;
    put("AWSRevokeOlderSessions", revoke("2020-01-01T00:00:00Z")).await;
    authorize(&identities, &session.caller, &send).unwrap();
    put("AWSRevokeOlderSessions", revoke("2090-01-01T00:00:00Z")).await;
    authorize(&identities, &session.caller, &send).unwrap_err();
    put("AWSRevokeOlderSessions", revoke("2020-01-01T00:00:00Z")).await;
    // A session of an earlier version of this program, whose time is not known.
    let old = Caller {
        issued: None,
        ..Caller::clone(&session.caller)
    };
    authorize(&identities, &old, &send).unwrap_err();
}

#[tokio::test]
async fn a_key_is_known_once_it_has_arrived() {
    let (_journal, identities) = with_role().await;
    set_chaos(&identities, "role-delay=1m").await;
    let all = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    let key = with_user(&identities, all).await;
    assert!(identities.lookup(&key.id).is_none(), "not yet");
    identities.clock.skip(Duration::from_secs(61));
    assert!(identities.lookup(&key.id).is_some());
}

#[tokio::test]
async fn a_role_is_not_taken_for_an_earlier_one() {
    let (_journal, identities) = with_role().await;
    let id = identities.trusting(ARN, "lambda.amazonaws.com").unwrap();
    let first = RoleRef { arn: ARN, id: &id };
    identities.service_session(first, "fn").unwrap();
    let delete = identities.change(|iam, _, _| iam.delete_role("w"));
    delete.await.unwrap();
    create_role(&identities).await;
    let refused = identities.service_session(first, "fn").unwrap_err();
    assert_eq!(refused.code, "NoSuchEntity");
    identities.service_session(ANY, "fn").unwrap();
}

#[tokio::test]
async fn answers_about_a_new_role_alternate() {
    let journal = Journal::start(Box::new(MemoryStorage::default()));
    let identities = open(&journal);
    set_chaos(&identities, "iam-delay=1m").await;
    create_role(&identities).await;
    let found = || {
        let ask = |_| identities.check_role_found("w").is_ok();
        (0..40).map(ask).filter(|found| *found).count()
    };
    assert!((1..40).contains(&found()));
    identities.clock.skip(Duration::from_secs(61));
    assert_eq!(found(), 40);
}

#[tokio::test]
async fn a_new_role_propagates_to_services() {
    let journal = Journal::start(Box::new(MemoryStorage::default()));
    let identities = open(&journal);
    set_chaos(&identities, "role-delay=1m").await;
    let is_propagating = || identities.is_propagating(ARN, "lambda.amazonaws.com");
    assert!(!is_propagating(), "there is none");
    create_role(&identities).await;
    assert!(is_propagating());
    assert!(!identities.is_propagating(ARN, "ec2.amazonaws.com"));
    identities.clock.skip(Duration::from_secs(61));
    assert!(!is_propagating(), "it has arrived");
}
