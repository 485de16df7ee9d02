use bytes::Bytes;
use hyper::header::HeaderMap;

use super::*;
use crate::protocol::http::{Caller, Principal};
use crate::runtime_context::RuntimeContext;
use crate::storage::MemoryStorage;
use crate::storage::journal::Journal;
use crate::sts::StsService;

const TRUST: &str = "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22AWS%22%3A%22000000000000%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%7D";

fn services() -> (IamService, StsService) {
    let journal = Journal::start(Box::new(MemoryStorage::default()));
    let identities =
        Identities::open(&RuntimeContext::for_tests(&journal), ("AKIA1", "s")).unwrap();
    (
        IamService::new(Arc::clone(&identities)),
        StsService::new(identities),
    )
}

fn request(form: String) -> Request {
    Request {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        query: String::new(),
        headers: HeaderMap::new(),
        body: Bytes::from(form),
        caller: Arc::new(Caller {
            arn: "arn:aws:iam::000000000000:root".to_owned(),
            user_id: "000000000000".to_owned(),
            access_key: "AKIA1".to_owned(),
            principal: Principal::Owner,
        }),
        request_id: "r-1".to_owned(),
    }
}

async fn call(iam: &IamService, form: &str) -> (u16, String) {
    let reply = iam
        .handle(&request(format!("Version=2010-05-08&{form}")))
        .await;
    (
        reply.status,
        String::from_utf8(reply.body.to_vec()).unwrap(),
    )
}

#[tokio::test]
async fn a_role_is_made_read_and_removed() {
    let (iam, _) = services();
    let create = format!(
        "Action=CreateRole&RoleName=w&AssumeRolePolicyDocument={TRUST}&Description=a%3Cb&Tags.member.1.Key=k&Tags.member.1.Value=v"
    );
    let (status, made) = call(&iam, &create).await;
    assert_eq!(status, 200, "{made}");
    assert!(made.starts_with("<CreateRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><CreateRoleResult><Role><Path>/</Path><RoleName>w</RoleName>"));
    assert!(made.contains(&format!(
        "<AssumeRolePolicyDocument>{TRUST}</AssumeRolePolicyDocument>"
    )));
    assert!(made.contains("<Description>a&lt;b</Description>"));
    let (status, taken) = call(&iam, &create).await;
    assert_eq!(status, 409);
    assert!(taken.contains(
        "<Code>EntityAlreadyExists</Code><Message>Role with name w already exists.</Message>"
    ));
    let (_, removed) = call(&iam, "Action=DeleteRole&RoleName=w").await;
    assert!(removed.ends_with(
        "<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></DeleteRoleResponse>"
    ));
    assert_eq!(call(&iam, "Action=GetRole&RoleName=w").await.0, 404);
    let (status, unknown) = call(&iam, "Action=CreateGroup&GroupName=g").await;
    assert_eq!(status, 400);
    assert!(unknown.contains("Could not find operation CreateGroup for version 2010-05-08"));
}

#[tokio::test]
async fn a_secret_is_shown_once() {
    let (iam, _) = services();
    let (status, made) = call(&iam, "Action=CreateUser&UserName=ann&Path=%2Fx%2F").await;
    assert_eq!(status, 200, "{made}");
    assert!(made.contains("<Path>/x/</Path><UserName>ann</UserName><UserId>AIDA"));
    let (_, key) = call(&iam, "Action=CreateAccessKey&UserName=ANN").await;
    assert!(key.contains("<UserName>ann</UserName><AccessKeyId>AKIA"));
    assert!(key.contains("<Status>Active</Status><SecretAccessKey>"));
    let (_, listed) = call(&iam, "Action=ListAccessKeys&UserName=ann").await;
    assert!(listed.contains("<AccessKeyId>AKIA") && !listed.contains("Secret"));
    let (status, own) = call(&iam, "Action=ListAccessKeys").await;
    assert_eq!(status, 400);
    assert!(own.contains("Must specify userName when calling with non-User credentials"));
    let (_, owner) = call(&iam, "Action=GetUser").await;
    assert!(
        owner.contains("<User><UserId>000000000000</UserId>"),
        "{owner}"
    );
}

#[tokio::test]
async fn pages_give_every_role_once() {
    let (iam, _) = services();
    for name in ["a", "B", "c", "D", "e"] {
        let create = format!("Action=CreateRole&RoleName={name}&AssumeRolePolicyDocument={TRUST}");
        assert_eq!(call(&iam, &create).await.0, 200);
    }
    let mut seen = Vec::new();
    let mut next = String::new();
    loop {
        let (_, page) = call(&iam, &format!("Action=ListRoles&MaxItems=2{next}")).await;
        let names = page.split("<RoleName>").skip(1);
        seen.extend(names.filter_map(|rest| rest.chars().next()));
        let Some((_, marker)) = page.split_once("<Marker>") else {
            break;
        };
        next = format!("&Marker={}", marker.split('<').next().unwrap());
    }
    assert_eq!(seen, ['a', 'B', 'c', 'D', 'e']);
    assert_eq!(call(&iam, "Action=ListRoles&Marker=zz").await.0, 400);
}

#[tokio::test]
async fn a_role_is_assumed_through_sts() {
    let (iam, sts) = services();
    let create = format!("Action=CreateRole&RoleName=w&AssumeRolePolicyDocument={TRUST}");
    call(&iam, &create).await;
    let assume = |session: &str, arn: &str| {
        request(format!(
            "Version=2011-06-15&Action=AssumeRole&RoleSessionName={session}&RoleArn={arn}"
        ))
    };
    let arn = "arn:aws:iam::000000000000:role/w";
    let reply = sts.handle(&assume("me", arn)).await;
    let text = String::from_utf8(reply.body.to_vec()).unwrap();
    assert!(
        text.contains("<Arn>arn:aws:sts::000000000000:assumed-role/w/me</Arn>"),
        "{text}"
    );
    assert_eq!(sts.handle(&assume("m", arn)).await.status, 400);
    let reply = sts
        .handle(&assume("me", "arn:aws:iam::000000000000:role/x"))
        .await;
    assert_eq!(reply.status, 403);
    let refused = request("Version=2011-06-15&Action=GetSessionToken".to_owned());
    assert_eq!(sts.handle(&refused).await.status, 400);
}
