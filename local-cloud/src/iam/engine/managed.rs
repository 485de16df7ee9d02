//! The AWS managed policies that the cloud knows. The documents are AWS's (AWS Managed Policy
//! Reference Guide), without the permissions on services that this cloud does not have.

use std::sync::{Arc, LazyLock};

use super::policy::Document;

/// A policy that AWS manages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ManagedPolicy {
    /// Its name, for example `ReadOnlyAccess`.
    pub name: &'static str,
    /// `/` or `/service-role/`.
    pub path: &'static str,
    /// `ANPA…`
    pub id: &'static str,
    /// What it is for, in AWS's words.
    pub description: &'static str,
    /// When AWS created it, as IAM writes it.
    pub created: &'static str,
    /// The default version.
    pub version: &'static str,
    /// That version's document.
    pub document: &'static str,
}

impl ManagedPolicy {
    /// Its ARN.
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::aws:policy{}{}", self.path, self.name)
    }

    /// The default version's document, parsed.
    pub fn parsed(&self) -> &'static Arc<Document> {
        let index = CATALOGUE.iter().position(|policy| policy == self);
        let document = index.and_then(|index| DOCUMENTS.get(index));
        document.expect("every policy comes from the catalogue")
    }
}

/// The documents of the default versions in the catalogue's order, parsed at their first use.
static DOCUMENTS: LazyLock<Vec<Arc<Document>>> = LazyLock::new(|| {
    let parse = |policy: &ManagedPolicy| {
        let document = Document::parse(policy.document);
        Arc::new(document.expect("the catalogue's documents are well formed"))
    };
    CATALOGUE.iter().map(parse).collect()
});

/// The managed policy with this ARN.
pub fn find(arn: &str) -> Option<&'static ManagedPolicy> {
    CATALOGUE.iter().find(|policy| policy.arn() == arn)
}

/// Every policy that the cloud knows.
pub const CATALOGUE: [ManagedPolicy; 7] = [
    ManagedPolicy {
        name: "AWSLambdaBasicExecutionRole",
        path: "/service-role/",
        id: "ANPAJNCQGXC42545SKXIK",
        description: "Provides write permissions to CloudWatch Logs.",
        created: "2015-04-09T15:03:43Z",
        version: "v1",
        document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]}"#,
    },
    ManagedPolicy {
        name: "AWSLambdaSQSQueueExecutionRole",
        path: "/service-role/",
        id: "ANPAJFWJZI6JNND4TSELK",
        description: "Provides receive message, delete message, and read attribute access to SQS queues, and write permissions to CloudWatch logs.",
        created: "2018-06-14T21:50:45Z",
        version: "v1",
        document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:ReceiveMessage","sqs:DeleteMessage","sqs:GetQueueAttributes","logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]}"#,
    },
    ManagedPolicy {
        name: "AmazonSQSFullAccess",
        path: "/",
        id: "ANPAI65L554VRJ33ECQS6",
        description: "Provides full access to Amazon SQS via the AWS Management Console.",
        created: "2015-02-06T18:41:07Z",
        version: "v1",
        document: r#"{"Version":"2012-10-17","Statement":[{"Action":["sqs:*"],"Effect":"Allow","Resource":"*"}]}"#,
    },
    ManagedPolicy {
        name: "AmazonDynamoDBFullAccess",
        path: "/",
        id: "ANPAINUGF2JSOSUY76KYA",
        description: "Provides full access to Amazon DynamoDB via the AWS Management Console.",
        created: "2015-02-06T18:40:11Z",
        version: "v1",
        document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["dynamodb:*"],"Resource":"*"}]}"#,
    },
    ManagedPolicy {
        name: "AdministratorAccess",
        path: "/",
        id: "ANPAIWMBCKSKIEE64ZLYK",
        description: "Provides full access to AWS services and resources.",
        created: "2015-02-06T18:39:46Z",
        version: "v1",
        document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    },
    ManagedPolicy {
        name: "PowerUserAccess",
        path: "/",
        id: "ANPAJYRXTHIB4FOVS3ZXS",
        description: "Provides full access to AWS services and resources, but does not allow management of Users and groups.",
        created: "2015-02-06T18:39:47Z",
        version: "v12",
        document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"},{"Effect":"Allow","Action":["iam:CreateServiceLinkedRole","iam:DeleteServiceLinkedRole","iam:ListRoles"],"Resource":"*"}]}"#,
    },
    ManagedPolicy {
        name: "ReadOnlyAccess",
        path: "/",
        id: "ANPAILL3HVNFSB6DCOWYQ",
        description: "Provides read-only access to AWS services and resources.",
        created: "2015-02-06T18:39:48Z",
        version: "v190",
        document: r#"{"Version":"2012-10-17","Statement":[{"Sid":"ReadOnlyActionsGroup1","Effect":"Allow","Action":["dynamodb:BatchGet*","dynamodb:Describe*","dynamodb:Get*","dynamodb:List*","dynamodb:PartiQLSelect","dynamodb:Query","dynamodb:Scan","dynamodb:ReadDataForReplication","dynamodb:SearchVectors","iam:Generate*","iam:Get*","iam:List*","iam:Simulate*"],"Resource":"*"},{"Sid":"ReadOnlyActionsGroup2","Effect":"Allow","Action":["lambda:Get*","lambda:List*","logs:Describe*","logs:FilterLogEvents","logs:Get*","logs:ListTagsForResource","logs:ListTagsLogGroup","sqs:Get*","sqs:List*","sqs:Receive*","sts:GetAccessKeyInfo","sts:GetCallerIdentity","sts:GetSessionToken","tag:DescribeReportCreation","tag:Get*"],"Resource":"*"}]}"#,
    },
];
