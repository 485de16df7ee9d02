use super::*;
use crate::iam::engine::policy::Policy;

const ACCOUNT: &str = "000000000000";

fn permission() -> RequiredPermission {
    RequiredPermission::new("sts:AssumeRole", "arn:aws:iam::000000000000:role/other")
        .when("sts:RoleSessionName", "s")
        .when_given("sts:ExternalId", None::<String>)
}

fn lambda(statements: &str) -> bool {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    let policy = Policy::try_from(text).unwrap();
    let requester = Requester::Service("lambda.amazonaws.com");
    let context = RequestContext::default().when("aws:SourceAccount", ACCOUNT);
    evaluate(policy.document(), requester, &permission(), context) == Trust::ByName
}

const ALLOW: &str = r#"{"Effect":"Allow","Principal":{"Service":["ec2.amazonaws.com","lambda.amazonaws.com"]},"Action":"sts:AssumeRole"}"#;

fn conditional(effect: &str, condition: &str) -> String {
    format!(
        r#"{{"Effect":"{effect}","Principal":{{"Service":"lambda.amazonaws.com"}},"Action":"sts:AssumeRole","Condition":{condition}}}"#
    )
}

#[test]
fn a_service_is_trusted_when_it_is_named() {
    assert!(lambda(ALLOW));
    assert!(!lambda(&ALLOW.replace("lambda.", "sqs.")));
    assert!(!lambda(&ALLOW.replace("sts:AssumeRole", "sts:TagSession")));
    let services = r#"{"Service":["ec2.amazonaws.com","lambda.amazonaws.com"]}"#;
    assert!(!lambda(&ALLOW.replace(services, r#""*""#)));
    let others = ALLOW.replace(r#""Principal":"#, r#""NotPrincipal":"#);
    assert!(
        !lambda(&others.replace("lambda.", "sqs.")),
        "everyone else is no name"
    );
}

#[test]
fn an_explicit_deny_overrides_an_allow() {
    let deny = ALLOW.replace("Allow", "Deny");
    assert!(!lambda(&format!("{ALLOW},{deny}")));
    assert!(!lambda(&format!("{deny},{ALLOW}")));
    let not_principal = deny.replace(r#""Principal":"#, r#""NotPrincipal":"#);
    assert!(lambda(&format!("{ALLOW},{not_principal}")));
    assert!(!lambda(&format!(
        "{ALLOW},{}",
        not_principal.replace("lambda.", "sqs.")
    )));
}

#[test]
fn conditions_see_the_request() {
    let ours = r#"{"StringEquals":{"aws:SourceAccount":"000000000000"}}"#;
    let other = r#"{"StringEquals":{"aws:SourceAccount":["1","2"]}}"#;
    let absent = r#"{"Bool":{"aws:SecureTransport":"true"}}"#;
    let session = r#"{"StringEquals":{"sts:RoleSessionName":"s"}}"#;
    // A key that AWS may have and that this cloud does not know.
    let unknown = r#"{"StringNotEquals":{"aws:SomethingNew":"x"}}"#;
    assert!(lambda(&conditional("Allow", ours)));
    assert!(lambda(&conditional("Allow", session)));
    assert!(!lambda(&conditional("Allow", other)));
    assert!(!lambda(&conditional("Allow", absent)));
    assert!(!lambda(&conditional("Allow", unknown)));
    assert!(lambda(&format!("{ALLOW},{}", conditional("Deny", other))));
    assert!(!lambda(&format!(
        "{ALLOW},{}",
        conditional("Deny", session)
    )));
    assert!(!lambda(&format!(
        "{ALLOW},{}",
        conditional("Deny", unknown)
    )));
}

#[test]
fn the_statement_that_applies_says_how_a_caller_is_trusted() {
    let trust = |statements: &str| {
        let policy = Policy::try_from(format!(r#"{{"Statement":[{statements}]}}"#)).unwrap();
        let requester = Requester::Caller {
            arn: "arn:aws:sts::000000000000:assumed-role/r/s",
            role_arn: Some("arn:aws:iam::000000000000:role/r"),
            account: ACCOUNT,
        };
        evaluate(
            policy.document(),
            requester,
            &permission(),
            RequestContext::default(),
        )
    };
    let allow = |principal: &str, rest: &str| {
        format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"sts:*"{rest}}}"#)
    };
    let by_role = r#"{"AWS":"arn:aws:iam::000000000000:role/r"}"#;
    let by_session = r#"{"AWS":"arn:aws:sts::000000000000:assumed-role/r/s"}"#;
    let by_account = r#"{"AWS":"000000000000"}"#;
    let by_root = r#"{"AWS":"arn:aws:iam::000000000000:root"}"#;
    assert_eq!(trust(&allow(by_role, "")), Trust::ByName);
    assert_eq!(trust(&allow(by_session, "")), Trust::ByName);
    assert_eq!(trust(&allow(by_account, "")), Trust::ByAccount);
    assert_eq!(trust(&allow(by_root, "")), Trust::ByAccount);
    assert_eq!(trust(&allow(r#""*""#, "")), Trust::ByAccount);
    assert_eq!(
        trust(&allow(r#"{"AWS":"111111111111"}"#, "")),
        Trust::Untrusted
    );
    assert_eq!(
        trust(&allow(r#"{"Service":"lambda.amazonaws.com"}"#, "")),
        Trust::Untrusted
    );
    let condition = r#","Condition":{"StringEquals":{"sts:RoleSessionName":"other"}}"#;
    let named_but_conditional = format!("{},{}", allow(by_role, condition), allow(by_account, ""));
    assert_eq!(trust(&named_but_conditional), Trust::ByAccount);
    let both = format!("{},{}", allow(by_role, ""), allow(by_account, ""));
    assert_eq!(trust(&both), Trust::ByName);
}
