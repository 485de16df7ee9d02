use bytes::Bytes;
use hyper::header::HeaderMap;

use super::*;
use crate::iam::Identities;
use crate::protocol::http::{Caller, Principal};
use crate::runtime_context::RuntimeContext;
use crate::service::ContextValue;
use crate::storage::MemoryStorage;
use crate::storage::journal::Journal;
use crate::sts::StsService;

const TRUST: &str = "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22AWS%22%3A%22000000000000%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%7D";

/// The services of a new cloud, and its identities.
struct Lab {
    iam: Arc<IamService>,
    sts: Arc<StsService>,
    context: RuntimeContext,
}

fn lab() -> Lab {
    let journal = Journal::start(Box::new(MemoryStorage::default()));
    let context = RuntimeContext::for_tests(&journal);
    let identities = Identities::open(&context, ("AKIA1", "s")).unwrap();
    Lab {
        iam: Arc::new(IamService::new(Arc::clone(&identities))),
        sts: Arc::new(StsService::new(identities)),
        context,
    }
}

fn owner() -> Caller {
    Caller {
        arn: "arn:aws:iam::000000000000:root".to_owned(),
        user_id: "000000000000".to_owned(),
        access_key: "AKIA1".to_owned(),
        principal: Principal::Owner,
        issued: None,
    }
}

fn ann() -> Caller {
    Caller {
        arn: "arn:aws:iam::000000000000:user/ann".to_owned(),
        user_id: "AIDA1".to_owned(),
        access_key: "AKIA2".to_owned(),
        principal: Principal::User("ann".to_owned()),
        issued: None,
    }
}

fn request(form: &str, caller: Caller) -> Request {
    Request {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        query: String::new(),
        headers: HeaderMap::new(),
        body: Bytes::copy_from_slice(form.as_bytes()),
        caller: Arc::new(caller),
        request_id: "r-1".to_owned(),
    }
}

/// The status and body of the reply to a request of the owner's.
async fn answer(service: Arc<dyn Service>, form: &str) -> (u16, String) {
    let protocol = &service.descriptor().protocol;
    let reply = match service.read(&request(form, owner())) {
        Ok(call) => call.run().await,
        Err(error) => protocol.error(&error, "r-1"),
    };
    (
        reply.status,
        String::from_utf8(reply.body.to_vec()).unwrap(),
    )
}

impl Lab {
    async fn iam(&self, form: &str) -> (u16, String) {
        let form = format!("Version=2010-05-08&{form}");
        answer(Arc::clone(&self.iam) as _, &form).await
    }

    async fn sts(&self, form: &str) -> (u16, String) {
        let form = format!("Version=2011-06-15&{form}");
        answer(Arc::clone(&self.sts) as _, &form).await
    }

    /// The permissions that a request requires.
    fn required(&self, form: &str, caller: Caller) -> Vec<String> {
        let call = Arc::clone(&self.iam).read(&request(form, caller)).unwrap();
        let permissions = call.required_permissions().unwrap().into_iter();
        permissions
            .map(|one| format!("{} {}", one.action, one.resource))
            .collect()
    }
}

fn create_role(name: &str) -> String {
    format!("Action=CreateRole&RoleName={name}&AssumeRolePolicyDocument={TRUST}")
}

#[tokio::test]
async fn a_role_is_created_read_and_deleted() {
    let lab = lab();
    let create = format!(
        "Action=CreateRole&RoleName=w&AssumeRolePolicyDocument={TRUST}&Description=a%3Cb&Tags.member.1.Key=k&Tags.member.1.Value=v"
    );
    let (status, created) = lab.iam(&create).await;
    assert_eq!(status, 200, "{created}");
    assert!(created.starts_with("<CreateRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><CreateRoleResult><Role><Path>/</Path><RoleName>w</RoleName>"));
    assert!(created.contains(&format!(
        "<AssumeRolePolicyDocument>{TRUST}</AssumeRolePolicyDocument>"
    )));
    assert!(created.contains("<Description>a&lt;b</Description>"));
    let (status, taken) = lab.iam(&create).await;
    assert_eq!(status, 409);
    assert!(taken.contains(
        "<Code>EntityAlreadyExists</Code><Message>Role with name w already exists.</Message>"
    ));
    let (_, removed) = lab.iam("Action=DeleteRole&RoleName=w").await;
    assert!(removed.ends_with(
        "<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></DeleteRoleResponse>"
    ));
    assert_eq!(lab.iam("Action=GetRole&RoleName=w").await.0, 404);
    let (status, unknown) = lab.iam("Action=CreateGroup&GroupName=g").await;
    assert_eq!(status, 400);
    assert!(unknown.contains("Could not find operation CreateGroup for version 2010-05-08"));
}

#[tokio::test]
async fn a_secret_is_shown_once() {
    let lab = lab();
    let (status, created) = lab.iam("Action=CreateUser&UserName=ann&Path=%2Fx%2F").await;
    assert_eq!(status, 200, "{created}");
    assert!(created.contains("<Path>/x/</Path><UserName>ann</UserName><UserId>AIDA"));
    let (_, key) = lab.iam("Action=CreateAccessKey&UserName=ANN").await;
    assert!(key.contains("<UserName>ann</UserName><AccessKeyId>AKIA"));
    assert!(key.contains("<Status>Active</Status><SecretAccessKey>"));
    let (_, listed) = lab.iam("Action=ListAccessKeys&UserName=ann").await;
    assert!(listed.contains("<AccessKeyId>AKIA") && !listed.contains("Secret"));
    let (status, own) = lab.iam("Action=ListAccessKeys").await;
    assert_eq!(status, 400);
    assert!(own.contains("Must specify userName when calling with non-User credentials"));
    let (_, owner) = lab.iam("Action=GetUser").await;
    assert!(
        owner.contains("<User><UserId>000000000000</UserId>"),
        "{owner}"
    );
}

#[tokio::test]
async fn pages_list_every_role_once() {
    let lab = lab();
    for name in ["a", "B", "c", "D", "e"] {
        assert_eq!(lab.iam(&create_role(name)).await.0, 200);
    }
    let mut seen = Vec::new();
    let mut next = String::new();
    loop {
        let (_, page) = lab.iam(&format!("Action=ListRoles&MaxItems=2{next}")).await;
        let names = page.split("<RoleName>").skip(1);
        seen.extend(names.filter_map(|rest| rest.chars().next()));
        let Some((_, marker)) = page.split_once("<Marker>") else {
            break;
        };
        next = format!("&Marker={}", marker.split('<').next().unwrap());
    }
    assert_eq!(seen, ['a', 'B', 'c', 'D', 'e']);
    assert_eq!(lab.iam("Action=ListRoles&Marker=zz").await.0, 400);
}

#[tokio::test]
async fn a_role_is_assumed_through_sts() {
    let lab = lab();
    lab.iam(&create_role("w")).await;
    let assume = |session: &str, role: &str| {
        let arn = format!("arn:aws:iam::000000000000:role/{role}");
        format!("Action=AssumeRole&RoleSessionName={session}&RoleArn={arn}")
    };
    let (_, assumed) = lab.sts(&assume("me", "w")).await;
    let arn = "<Arn>arn:aws:sts::000000000000:assumed-role/w/me</Arn>";
    assert!(assumed.contains(arn), "{assumed}");
    assert_eq!(lab.sts(&assume("m", "w")).await.0, 400);
    assert_eq!(lab.sts(&assume("me", "x")).await.0, 403);
    assert_eq!(lab.sts("Action=GetSessionToken").await.0, 400);
    let tagged = format!("{}&Tags.member.1.Key=k", assume("me", "w"));
    let (status, refused) = lab.sts(&tagged).await;
    assert_eq!(status, 400);
    assert!(refused.contains("Tags is not supported by this local cloud."));
}

#[tokio::test]
async fn permissions_are_on_the_arn_with_its_path() {
    let lab = lab();
    let create = format!("{}&Path=/x/", create_role("r"));
    assert_eq!(lab.iam(&create).await.0, 200);
    let put = "Action=PutRolePolicy&RoleName=r&PolicyName=p&PolicyDocument=d";
    assert_eq!(
        lab.required(put, owner()),
        ["iam:PutRolePolicy arn:aws:iam::000000000000:role/x/r"]
    );
    let tagged = "&Path=/y/&Tags.member.1.Key=a&Tags.member.1.Value=b";
    let arn = "arn:aws:iam::000000000000:role/y/n";
    assert_eq!(
        lab.required(&format!("{}{tagged}", create_role("n")), owner()),
        [
            format!("iam:CreateRole {arn}"),
            format!("iam:TagRole {arn}")
        ]
    );
}

#[tokio::test]
async fn permissions_without_a_user_may_be_on_the_caller() {
    let lab = lab();
    let required = |form| lab.required(form, ann());
    let ann = "arn:aws:iam::000000000000:user/ann";
    assert_eq!(required("Action=GetUser"), [format!("iam:GetUser {ann}")]);
    assert_eq!(
        required("Action=ListAccessKeys"),
        [format!("iam:ListAccessKeys {ann}")]
    );
    let nobody = Arc::clone(&lab.iam).read(&request(
        "Version=2010-05-08&Action=DeleteUser",
        self::ann(),
    ));
    let refused = nobody.and_then(|call| call.required_permissions());
    assert_eq!(refused.unwrap_err().code, "ValidationError");
    let alias = required("Action=CreateAccountAlias&AccountAlias=a&RoleName=mine");
    assert_eq!(alias, ["iam:CreateAccountAlias *"]);
    let hidden = required("Action=DeleteUser&UserName=ann&RoleName=mine");
    assert_eq!(hidden, [format!("iam:DeleteUser {ann}")]);
}

#[tokio::test]
async fn renaming_requires_permission_on_both_names() {
    let arn = |user: &str| format!("iam:UpdateUser arn:aws:iam::000000000000:user/{user}");
    let rename = "Action=UpdateUser&UserName=ann&NewUserName=bob";
    assert_eq!(lab().required(rename, ann()), [arn("ann"), arn("bob")]);
    let moved = format!("{rename}&NewPath=/x/");
    assert_eq!(lab().required(&moved, ann()), [arn("ann"), arn("x/bob")]);
}

#[tokio::test]
async fn attaching_has_the_policy_as_condition_key() {
    let context = |form: &str| {
        let service = lab().iam;
        let call = service.read(&request(form, owner())).unwrap();
        call.required_permissions().unwrap().remove(0).context
    };
    let arn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let attach = format!("Action=AttachUserPolicy&UserName=ann&PolicyArn={arn}");
    let value = ContextValue::Text(arn.to_owned());
    assert_eq!(context(&attach), [("iam:PolicyARN".into(), value)]);
    let other = format!("Action=DeleteUser&UserName=ann&PolicyArn={arn}");
    assert_eq!(context(&other), [], "it is not about a policy");
}

#[tokio::test]
async fn iam_knows_a_new_role_by_chance() {
    let lab = lab();
    let mut chaos = lab.context.faults.profile();
    chaos.set("iam-delay=1m").unwrap();
    lab.context.faults.set(chaos).await.unwrap();
    assert_eq!(lab.iam(&create_role("w")).await.0, 200);
    for operation in ["GetRole", "TagRole", "ListRolePolicies"] {
        let mut replies = Vec::new();
        for _ in 0..40 {
            replies.push(lab.iam(&format!("Action={operation}&RoleName=W")).await);
        }
        let is_missing = |(status, body): &&(u16, String)| {
            *status == 404 && body.contains("The role with name W cannot be found.")
        };
        let missing = replies.iter().filter(is_missing).count();
        assert!((1..40).contains(&missing), "{operation}");
    }
    for _ in 0..40 {
        assert_eq!(lab.iam(&create_role("W")).await.0, 409);
    }
    assert_eq!(lab.iam("Action=DeleteRole&RoleName=W").await.0, 200);
}
