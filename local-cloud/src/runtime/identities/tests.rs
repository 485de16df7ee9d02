use super::*;
use crate::engines::iam::NewRole;
use crate::storage::MemoryStorage;

const TRUST: &str = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"000000000000","Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
const ARN: &str = "arn:aws:iam::000000000000:role/w";

fn open(journal: &Journal) -> Arc<Identities> {
    Identities::open(&Ground::of_tests(journal), ("AKIA1", "s")).unwrap()
}

async fn with_role() -> (Journal, Arc<Identities>) {
    let journal = Journal::start(Box::new(MemoryStorage::default()));
    let identities = open(&journal);
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
    (journal, identities)
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
    assert!(identities.trusts(ARN, "lambda.amazonaws.com"));
    let made = identities.service_session(ARN, "fn").unwrap();
    let found = identities.lookup(&made.access_key).unwrap();
    assert_eq!(
        found.caller.arn,
        "arn:aws:sts::000000000000:assumed-role/w/fn"
    );
    assert_eq!(
        found.session_token.as_deref(),
        Some(made.session_token.as_str())
    );
    assert_eq!((made.access_key.len(), made.secret_key.len()), (20, 40));
    let again = open(&journal);
    assert!(again.lookup(&made.access_key).is_none());
    assert!(again.trusts(ARN, "lambda.amazonaws.com"));
    assert_eq!(
        identities
            .service_session("arn:x/y", "fn")
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
    assert_eq!(found.caller.role_arn.as_deref(), Some(ARN));
    let long = identities
        .assume_role(&owner.caller, asked(Some(3601)))
        .await;
    assert_eq!(long.unwrap_err().code, "ValidationError");
}

#[tokio::test]
async fn a_changed_policy_counts_once_it_has_arrived() {
    const SEND: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}}"#;
    let (_journal, identities) = with_role().await;
    let mut weather = identities.sky.weather();
    weather.set("role-delay=1m").unwrap();
    identities.sky.set(weather).await.unwrap();
    let put = identities.change(|iam, _, _| iam.put_role_policy("w", "p", SEND));
    put.await.unwrap();
    let right = Right::new("sqs:SendMessage", "arn:aws:sqs:us-east-1:000000000000:q");
    assert!(!identities.role_may(ARN, &right), "not yet");
    identities.clock.skip(std::time::Duration::from_secs(61));
    assert!(identities.role_may(ARN, &right));
}
