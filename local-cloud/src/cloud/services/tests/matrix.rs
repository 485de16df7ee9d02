//! Every operation of every service, with its resource named in each way that it takes, under policies
//! that allow exactly it, all but it, and everything but a part of it.

mod cases;
mod conditions;

use std::collections::BTreeSet;
use std::path::Path;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::cloud::services::*;
use crate::iam::engine::{Entity, NewRole};
use crate::protocol::http::{Caller, Principal};
use crate::storage::MemoryStorage;
use crate::storage::journal::Journal;
use cases::{CASES, Case};

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-west-1";

/// The ways to name each kind of resource. Every way is of the resource in the case's permissions.
const FORMS: [(&str, &[&str]); 8] = [
    (
        "@QUEUE@",
        &[
            "http://127.0.0.1:4567/111122223333/q",
            "https://sqs.eu-west-1.amazonaws.com/111122223333/q",
        ],
    ),
    (
        "@FUNCTION@",
        &[
            "f",
            "function:f",
            "111122223333:function:f",
            "arn:aws:lambda:eu-west-1:111122223333:function:f",
            "arn:aws:lambda:eu-west-1:111122223333:function:f:$LATEST",
        ],
    ),
    (
        "@TABLE@",
        &[
            "orders",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/orders",
        ],
    ),
    (
        "@GROUPARN@",
        &[
            "arn:aws:logs:eu-west-1:111122223333:log-group:g",
            "arn:aws:logs:eu-west-1:111122223333:log-group:g:*",
        ],
    ),
    (
        "@GROUPID@",
        &[
            "g",
            "arn:aws:logs:eu-west-1:111122223333:log-group:g",
            "arn:aws:logs:eu-west-1:111122223333:log-group:g:*",
        ],
    ),
    ("@ROLE@", &["r", "R"]),
    (
        "@SPACE@",
        &[
            " ",
            "\n",
            "/**/",
            " -- FROM other\n",
            "/* FROM \"other\" */ ",
        ],
    ),
    ("@QUOTED@", &["orders", "\"orders\""]),
];

struct Cloud {
    services: Services,
    iterator: String,
    _home: tempfile::TempDir,
}

/// A cloud in which `ann` may do nothing yet, with what the cases need.
async fn cloud() -> Cloud {
    let home = tempfile::tempdir().unwrap();
    let journal = Journal::start(Box::new(MemoryStorage::default()));
    let clock = Arc::new(Clock::start(1, None));
    let context = RuntimeContext::open(ACCOUNT, REGION, clock, journal).unwrap();
    let (stop, _) = watch::channel(false);
    let address = "127.0.0.1:4567".parse().unwrap();
    let services = Services::open(&config(home.path()), address, &context, stop).unwrap();
    let identities = &services.identities;
    let team = [("team".to_owned(), "red".to_owned())];
    let user = identities.change(|iam, now, ids| iam.create_user("ann", None, &team, (now, ids)));
    user.await.unwrap();
    let trust = r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
    let role = NewRole {
        name: "r",
        path: Some("/p/"),
        trust,
        description: None,
        max_session_seconds: None,
        tags: &[],
    };
    let role = identities.change(|iam, now, ids| iam.create_role(role, now, ids));
    role.await.unwrap();
    let iterator = iterator(&services).await;
    Cloud {
        services,
        iterator,
        _home: home,
    }
}

/// A shard iterator of a stream of the table `orders`, with its stream's ARN before it.
async fn iterator(services: &Services) -> String {
    let table = json!({
        "TableName": "orders", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"},
    });
    let created = by_owner(services, "CreateTable", table).await;
    let arn = created["TableDescription"]["LatestStreamArn"]
        .as_str()
        .unwrap();
    let stream = by_owner(services, "DescribeStream", json!({"StreamArn": arn})).await;
    let shard = &stream["StreamDescription"]["Shards"][0]["ShardId"];
    let get = json!({"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"});
    let iterator = by_owner(services, "GetShardIterator", get).await;
    format!("{arn} {}", iterator["ShardIterator"].as_str().unwrap())
}

async fn by_owner(services: &Services, operation: &str, body: Value) -> Value {
    let reply = answer_to_owner(services, ("dynamodb", operation), &body.to_string()).await;
    serde_json::from_slice(&reply.body).unwrap()
}

/// Lets the owner make a request.
async fn by_owner_of(cloud: &Cloud, call: (&str, &str), body: &str) {
    answer_to_owner(&cloud.services, call, body).await;
}

async fn answer_to_owner(services: &Services, call: (&str, &str), body: &str) -> Reply {
    let mut request = request(call, body);
    let owner = Caller {
        principal: Principal::Owner,
        ..Caller::clone(&request.caller)
    };
    request.caller = Arc::new(owner);
    let reply = services.handle(call.0, &request).await.unwrap();
    assert_eq!(reply.status, 200, "{call:?}: {:?}", reply.body);
    reply
}

/// A request of `ann`.
fn request_of_ann(cloud: &Cloud, call: (&str, &str), body: &str) -> Request {
    let identities = &cloud.services.identities;
    let id = identities.read(|iam| iam.user("ann").unwrap().id.clone());
    let request = request(call, body);
    let caller = Caller {
        user_id: id,
        ..Caller::clone(&request.caller)
    };
    Request {
        caller: Arc::new(caller),
        ..request
    }
}

fn config(home: &Path) -> Config {
    Config {
        home: home.to_owned(),
        port: 4567,
        speed: 1,
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        access_key: "AKIDEXAMPLE".to_owned(),
        secret_key: "secret".to_owned(),
        version: "1.2.3".to_owned(),
        is_supervised: false,
        disk_reserve: None,
        record: None,
        request_log: None,
    }
}

/// A request of `ann`, whose id is filled in later.
fn request((service, operation): (&str, &str), body: &str) -> Request {
    let target = match service {
        "sqs" => format!("AmazonSQS.{operation}"),
        "dynamodb" => format!("DynamoDB_20120810.{operation}"),
        "logs" => format!("Logs_20140328.{operation}"),
        "tagging" => format!("ResourceGroupsTaggingAPI_20170126.{operation}"),
        _ => String::new(),
    };
    let form = |version| format!("Action={operation}&Version={version}&{body}");
    let (method, path, query, body) = match service {
        "lambda" => {
            let (method, uri) = operation.split_once(' ').unwrap();
            let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
            (method, path.to_owned(), query, body.to_owned())
        }
        "iam" => ("POST", "/".to_owned(), "", form("2010-05-08")),
        "sts" => ("POST", "/".to_owned(), "", form("2011-06-15")),
        _ => ("POST", "/".to_owned(), "", body.to_owned()),
    };
    let mut headers = HeaderMap::new();
    headers.insert("x-amz-target", target.parse().unwrap());
    headers.insert("user-agent", "Boto3/1.43".parse().unwrap());
    Request {
        method: method.to_owned(),
        path,
        query: query.to_owned(),
        headers,
        body: Bytes::from(body),
        caller: Arc::new(Caller {
            arn: format!("arn:aws:iam::{ACCOUNT}:user/ann"),
            user_id: String::new(),
            access_key: "AKIDANN".to_owned(),
            principal: Principal::User("ann".to_owned()),
            issued: None,
        }),
        request_id: "id".to_owned(),
    }
}

/// The requests of a case: one for each combination of the ways to name its resources.
fn requests(case: &Case, cloud: &Cloud) -> Vec<Request> {
    let is_path = case.service == "lambda";
    let (_, iterator) = cloud.iterator.split_once(' ').unwrap();
    let mut all = vec![(
        case.operation.to_owned(),
        case.body.replace("@ITERATOR@", iterator),
    )];
    for (place, forms) in FORMS {
        if !case.operation.contains(place) && !case.body.contains(place) {
            continue;
        }
        let mut more = Vec::new();
        for (operation, body) in &all {
            for form in forms {
                let encoded = utf8_percent_encode(form, NON_ALPHANUMERIC).to_string();
                let in_body = match case.service {
                    "iam" | "sts" => encoded.clone(),
                    _ => inside_quotes(form),
                };
                let operation = if is_path {
                    operation.replace(place, &encoded)
                } else {
                    operation.clone()
                };
                more.push((operation, body.replace(place, &in_body)));
            }
        }
        all = more;
    }
    let read = |(operation, body): &(String, String)| request((case.service, operation), body);
    all.iter().map(read).collect()
}

/// A text as it stands in a JSON string.
fn inside_quotes(text: &str) -> String {
    let quoted = json!(text).to_string();
    let inside = quoted
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    inside.unwrap_or_default().to_owned()
}

/// The actions and resources that a case requires.
fn required(case: &Case, cloud: &Cloud) -> Vec<(String, String)> {
    let (stream, _) = cloud.iterator.split_once(' ').unwrap();
    let place = format!("{REGION}:{ACCOUNT}");
    let read = |text: &&str| {
        let (action, resource) = text.split_once(' ').unwrap();
        let resource = resource
            .replace("@HERE@", &place)
            .replace("@STREAM@", stream);
        (action.to_owned(), resource)
    };
    case.required.iter().map(read).collect()
}

/// Policies, and whether they allow what requires all of `required`.
fn policies(required: &[(String, String)]) -> Vec<(Value, bool)> {
    let statement = |effect: &str, action: (&str, &str), resource: (&str, &str)| json!({"Effect": effect, action.0: action.1, resource.0: resource.1});
    let everything = statement("Allow", ("Action", "*"), ("Resource", "*"));
    let exactly = |skipped: usize| -> Vec<Value> {
        let kept = required
            .iter()
            .enumerate()
            .filter(|(index, _)| *index != skipped);
        kept.map(|(_, (action, resource))| {
            statement("Allow", ("Action", action), ("Resource", resource))
        })
        .collect()
    };
    let mut all = vec![
        (json!([]), false),
        (json!([everything]), true),
        (json!(exactly(usize::MAX)), true),
    ];
    for (index, (action, resource)) in required.iter().enumerate() {
        let others = exactly(index);
        let shouted = action.to_ascii_uppercase();
        let small = action.to_ascii_lowercase();
        let deny = |action, resource| json!([everything, statement("Deny", action, resource)]);
        let is_any = resource == "*";
        let other = if is_any {
            "arn:aws:s3:::x".to_owned()
        } else {
            format!("{resource}x")
        };
        let is_listed_twice = required
            .iter()
            .filter(|one| *one == &(action.clone(), resource.clone()))
            .count()
            > 1;
        assert!(!is_listed_twice, "a case lists {action} {resource} twice");
        all.extend([
            (json!(others), false),
            (deny(("Action", action), ("Resource", resource)), false),
            (deny(("Action", &shouted), ("Resource", "*")), false),
            (deny(("Action", &small), ("Resource", resource)), false),
            (deny(("Action", action), ("Resource", &other)), true),
            (deny(("NotAction", action), ("Resource", &other)), true),
            (
                json!([statement("Allow", ("NotAction", action), ("Resource", "*"))]),
                false,
            ),
            (
                json!([statement("Allow", ("Action", "*"), ("Resource", &other))]),
                false,
            ),
            (deny(("Action", "*"), ("NotResource", &other)), false),
        ]);
        if !is_any {
            let not = statement("Allow", ("Action", "*"), ("NotResource", resource));
            all.push((json!([not]), false));
        }
        if required.len() == 1 {
            all.push((deny(("NotAction", action), ("Resource", "*")), true));
        }
    }
    all
}

#[tokio::test]
#[expect(
    clippy::print_stderr,
    reason = "how many combinations were tried is a result"
)]
async fn policies_decide_about_every_operation_and_form() {
    let cloud = cloud().await;
    let services = &cloud.services;
    let id = services
        .identities
        .read(|iam| iam.user("ann").unwrap().id.clone());
    let (mut tried, mut operations) = (0, BTreeSet::new());
    for case in CASES {
        let required = required(case, &cloud);
        let requests = requests(case, &cloud);
        for (policy, expected) in policies(&required) {
            put(services, &policy).await;
            for request in &requests {
                let caller = Caller {
                    user_id: id.clone(),
                    ..Caller::clone(&request.caller)
                };
                let request = Request {
                    caller: Arc::new(caller),
                    ..request.clone()
                };
                let allowed = services.dispatcher.allows(case.service, &request);
                let allowed = allowed.unwrap_or_else(|error| {
                    panic!(
                        "{} {}: {error:?} for {request:?}",
                        case.service, case.operation
                    )
                });
                assert_eq!(
                    allowed, expected,
                    "{} {} under {policy}: {request:?}",
                    case.service, case.operation
                );
                tried += 1;
            }
        }
        let service = services.dispatcher.service(case.service).unwrap();
        let call = Arc::clone(service).read(requests.first().unwrap());
        operations.insert((case.service, call.unwrap().name().to_owned()));
    }
    let mut missing = Vec::new();
    for service in ["sqs", "lambda", "dynamodb", "iam", "sts", "logs", "tagging"] {
        for operation in services.dispatcher.service(service).unwrap().operations() {
            // Nobody needs a permission for it, and who may assume a role is not only for policies
            // of the caller to say.
            let is_free = matches!(operation, "GetCallerIdentity" | "AssumeRole");
            if !is_free && !operations.contains(&(service, operation.to_owned())) {
                missing.push(format!("{service} {operation}"));
            }
        }
    }
    assert!(missing.is_empty(), "no cases for {missing:?}");
    eprintln!(
        "{tried} combinations of {} operations, policies and forms",
        operations.len()
    );
    assert!(tried > 5000, "{tried}");
}

/// Gives `ann` these statements; with none, no policy.
async fn put(services: &Services, statements: &Value) {
    let ann = Entity::User("ann");
    let is_none = statements.as_array().is_none_or(Vec::is_empty);
    let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let put = services.identities.change(|iam, _, _| match is_none {
        true => iam
            .delete_policy(ann, "p")
            .or_else(|_| Ok(((), Default::default()))),
        false => iam.put_policy(ann, "p", &policy),
    });
    put.await.unwrap();
}
