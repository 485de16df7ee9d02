//! Properties of policies.

use super::condition::RequestContext;
use super::evaluate::{Decision, RequiredPermission, evaluate};
use super::policy::{Document, Policy};
use super::trust::{Requester, trusts};

/// A policy document, parsed as an identity policy and as a trust policy: a further statement that
/// denies everything overrides whatever it says, and its stored form is parsed as the same.
pub fn policy(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(policy) = Policy::identity(text) {
        check_identity(policy.document());
        let stored = serde_json::to_string(&policy).expect("a string has a JSON form");
        let read: Policy = serde_json::from_str(&stored).expect("it was written here");
        assert_eq!(read, policy);
    }
    if let Ok(policy) = Policy::trust(text) {
        check_trust(policy.document());
    }
}

fn check_identity(document: &Document) {
    const DENY: &str = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
    let permissions = [
        RequiredPermission::new(
            "sqs:sendmessage",
            "arn:aws:sqs:us-east-1:000000000000:orders-queue",
        ),
        RequiredPermission::new("iam:PassRole", "arn:aws:iam::000000000000:role/r")
            .when("iam:PassedToService", "lambda.amazonaws.com"),
        RequiredPermission::new("sqs:ListQueues", "*"),
    ];
    let context = RequestContext::new(vec![
        ("aws:CurrentTime", "2026-01-31T12:00:00Z".to_owned()),
        ("aws:EpochTime", "1700000000".to_owned()),
        ("aws:PrincipalAccount", "000000000000".to_owned()),
        ("aws:SecureTransport", "false".to_owned()),
        ("aws:SourceIp", "127.0.0.1".to_owned()),
        ("aws:userid", "AROAEXAMPLE:s".to_owned()),
    ]);
    let deny = Document::parse(DENY).expect("it is a policy");
    for permission in permissions {
        let decide = |documents: &[&Document]| {
            evaluate(documents.iter().copied(), &permission, context.clone())
        };
        assert_eq!(decide(&[document, &deny]), Decision::ExplicitDeny);
        assert_eq!(decide(&[document, document]), decide(&[document]));
    }
}

fn check_trust(document: &Document) {
    const DENY: &str =
        r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}}"#;
    let caller = Requester::Caller {
        arn: "arn:aws:sts::000000000000:assumed-role/r/s",
        role_arn: Some("arn:aws:iam::000000000000:role/r"),
        account: "000000000000",
        external_id: Some("x"),
    };
    let service = Requester::Service {
        name: "lambda.amazonaws.com",
        account: "000000000000",
    };
    trusts(document, service);
    if trusts(document, caller) {
        let deny = Document::parse(DENY).expect("it is a policy");
        let mut denied = document.clone();
        denied.statements.extend(deny.statements);
        assert!(!trusts(&denied, caller));
    }
}
