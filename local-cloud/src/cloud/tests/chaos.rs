//! What is late on AWS, asked for from outside.

use std::collections::BTreeSet;

use super::*;

/// As often as answers are asked for that alternate.
const TRIES: usize = 40;

/// A cloud with one delay of a minute.
async fn late(home: &Path, delay: &str) -> Cloud {
    let cloud = Cloud::start(config(home, 1)).await.unwrap();
    let settings = json!({"settings": [format!("{delay}=1m")]});
    assert_eq!(control(&cloud, "SetChaos", settings).await.0, 200);
    cloud
}

async fn wait(cloud: &Cloud) {
    let minute = json!({"seconds": 61});
    assert_eq!(control(cloud, "FastForward", minute).await.0, 200);
}

async fn sqs(cloud: &Cloud, operation: &str, body: Value) -> (u16, Value) {
    call(cloud, "sqs", &format!("AmazonSQS.{operation}"), body).await
}

async fn iam(cloud: &Cloud, form: &str) -> (u16, String) {
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let body = format!("Version=2010-05-08&{form}");
    post(cloud, "iam", "/", &headers, body).await
}

const CREATE_ROLE: &str = "Action=CreateRole&RoleName=w&AssumeRolePolicyDocument=\
    %7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A\
    %22lambda.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%7D";

/// What creating a function of the role `w` is answered, again and again; nothing is made, as
/// there is no code.
async fn creations(cloud: &Cloud, variables: &Value) -> BTreeSet<String> {
    let asked = json!({
        "FunctionName": "f",
        "Role": "arn:aws:iam::111122223333:role/w",
        "Runtime": "provided.al2023",
        "Handler": "bootstrap",
        "Code": {},
        "Environment": {"Variables": variables},
    });
    let mut answers = BTreeSet::new();
    for _ in 0..TRIES {
        let path = "/2015-03-31/functions";
        let (_, answer) = post(cloud, "lambda", path, &[], asked.to_string()).await;
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let message = answer["message"].as_str().or(answer["Message"].as_str());
        answers.insert(message.unwrap().to_owned());
    }
    answers
}

#[tokio::test]
async fn kms_may_not_know_a_new_role() {
    const KMS: &str = "Lambda was unable to configure access to your environment variables because \
                       the KMS key is invalid for CreateGrant. Please check your KMS key settings. \
                       KMS Exception: InvalidArnException KMS Message: ARN does not refer to a \
                       valid principal";
    const ROLE: &str = "The role defined for the function cannot be assumed by Lambda.";
    let home = tempfile::tempdir().unwrap();
    let cloud = late(home.path(), "role-delay").await;
    let one = json!({"A": "b"});
    assert_eq!(creations(&cloud, &one).await, [ROLE.to_owned()].into());
    assert_eq!(iam(&cloud, CREATE_ROLE).await.0, 200);
    let both = [KMS.to_owned(), ROLE.to_owned()];
    assert_eq!(creations(&cloud, &one).await, both.into());
    assert_eq!(
        creations(&cloud, &json!({})).await,
        [ROLE.to_owned()].into()
    );
    wait(&cloud).await;
    let [answer] = <[_; 1]>::try_from(Vec::from_iter(creations(&cloud, &one).await)).unwrap();
    assert!(answer.contains("ZipFile"), "{answer}");
    cloud.shutdown().await;
}

#[tokio::test]
async fn iam_finds_a_new_role_by_chance() {
    let home = tempfile::tempdir().unwrap();
    let cloud = late(home.path(), "iam-delay").await;
    assert_eq!(iam(&cloud, CREATE_ROLE).await.0, 200);
    let found = async || {
        let mut found = BTreeSet::new();
        for _ in 0..TRIES {
            found.insert(iam(&cloud, "Action=GetRole&RoleName=w").await.0);
        }
        found
    };
    assert_eq!(found().await, [200, 404].into());
    assert_eq!(iam(&cloud, CREATE_ROLE).await.0, 409, "it is there");
    wait(&cloud).await;
    assert_eq!(found().await, [200].into());
    cloud.shutdown().await;
}

#[tokio::test]
async fn new_and_deleted_queues_are_found_by_chance() {
    let home = tempfile::tempdir().unwrap();
    let cloud = late(home.path(), "queue-delay").await;
    let name = json!({"QueueName": "q"});
    let (_, made) = sqs(&cloud, "CreateQueue", name.clone()).await;
    let found = async || {
        let mut found = BTreeSet::new();
        for _ in 0..TRIES {
            found.insert(sqs(&cloud, "GetQueueUrl", name.clone()).await.0);
        }
        found
    };
    assert_eq!(found().await, [200, 400].into());
    wait(&cloud).await;
    assert_eq!(found().await, [200].into());
    assert_eq!(sqs(&cloud, "DeleteQueue", made).await.0, 200);
    assert_eq!(found().await, [200, 400].into());
    wait(&cloud).await;
    assert_eq!(found().await, [400].into());
    cloud.shutdown().await;
}

#[tokio::test]
async fn the_tagging_api_lags_behind() {
    let home = tempfile::tempdir().unwrap();
    let cloud = late(home.path(), "tag-delay").await;
    let asked = json!({"QueueName": "q", "tags": {"lab": "a"}});
    let (_, made) = sqs(&cloud, "CreateQueue", asked).await;
    let listed = async || {
        let mut listed = BTreeSet::new();
        for _ in 0..TRIES {
            let target = "ResourceGroupsTaggingAPI_20170126.GetResources";
            let (_, answer) = call(&cloud, "tagging", target, json!({})).await;
            listed.insert(answer["ResourceTagMappingList"].as_array().unwrap().len());
        }
        listed
    };
    assert_eq!(listed().await, [0, 1].into());
    wait(&cloud).await;
    assert_eq!(listed().await, [1].into());
    assert_eq!(sqs(&cloud, "DeleteQueue", made).await.0, 200);
    assert_eq!(listed().await, [0, 1].into());
    wait(&cloud).await;
    assert_eq!(listed().await, [0].into());
    cloud.shutdown().await;
}
