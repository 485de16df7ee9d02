use super::*;
use crate::iam::engine::policy::Policy;

const ACCOUNT: &str = "000000000000";

fn lambda(statements: &str) -> bool {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    let name = "lambda.amazonaws.com";
    trusts(
        Policy::trust(&text).unwrap().document(),
        Requester::Service {
            name,
            account: ACCOUNT,
        },
    )
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
    assert!(!lambda(&ALLOW.replace(
        r#"{"Service":["ec2.amazonaws.com","lambda.amazonaws.com"]}"#,
        r#""*""#
    )));
}

#[test]
fn an_explicit_deny_overrides_an_allow() {
    let deny = ALLOW.replace("Allow", "Deny");
    assert!(!lambda(&format!("{ALLOW},{deny}")));
    assert!(!lambda(&format!("{deny},{ALLOW}")));
}

#[test]
fn conditions_on_missing_keys_do_not_hold() {
    let ours = r#"{"StringEquals":{"aws:SourceAccount":"000000000000"}}"#;
    let other = r#"{"StringEquals":{"aws:SourceAccount":["1","2"]}}"#;
    let unknown = r#"{"Bool":{"aws:SecureTransport":"true"}}"#;
    assert!(lambda(&conditional("Allow", ours)));
    assert!(!lambda(&conditional("Allow", other)));
    assert!(!lambda(&conditional("Allow", unknown)));
    assert!(lambda(&format!("{ALLOW},{}", conditional("Deny", other))));
}

#[test]
fn a_caller_is_trusted_by_account_role_or_session() {
    let trusts_principal = |principal: &str| {
        let text = format!(
            r#"{{"Statement":{{"Effect":"Allow","Principal":{principal},"Action":"sts:*"}}}}"#
        );
        trusts(
            Policy::trust(&text).unwrap().document(),
            Requester::Caller {
                arn: "arn:aws:sts::000000000000:assumed-role/r/s",
                role_arn: Some("arn:aws:iam::000000000000:role/r"),
                account: ACCOUNT,
                external_id: None,
            },
        )
    };
    assert!(trusts_principal(r#""*""#));
    assert!(trusts_principal(r#"{"AWS":"000000000000"}"#));
    assert!(trusts_principal(
        r#"{"AWS":"arn:aws:iam::000000000000:root"}"#
    ));
    assert!(trusts_principal(
        r#"{"AWS":"arn:aws:iam::000000000000:role/r"}"#
    ));
    assert!(trusts_principal(
        r#"{"AWS":"arn:aws:sts::000000000000:assumed-role/r/s"}"#
    ));
    assert!(!trusts_principal(r#"{"AWS":"111111111111"}"#));
    assert!(!trusts_principal(r#"{"Service":"lambda.amazonaws.com"}"#));
}
