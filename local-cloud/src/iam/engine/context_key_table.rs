//! The table of condition keys.

use super::context_key::Source::{Nowhere, Operation, Principal, Request, Resource};
use super::context_key::ValueKind::{Arn, Arns, Bool, Date, IpAddress, Number, Text, Texts};
use super::context_key::{ContextKey, Source, ValueKind};

const fn key(
    name: &'static str,
    kind: ValueKind,
    actions: &'static [&'static str],
    source: Source,
) -> ContextKey {
    ContextKey {
        name,
        kind,
        actions,
        source,
    }
}

/// Every action.
const EVERY: &[&str] = &["*"];

/// The actions of requests that may set or remove tags.
const ACTIONS_ON_TAGS: &[&str] = &[
    "dynamodb:CreateTable",
    "dynamodb:TagResource",
    "dynamodb:UntagResource",
    "iam:CreatePolicy",
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:TagPolicy",
    "iam:TagRole",
    "iam:TagUser",
    "iam:UntagPolicy",
    "iam:UntagRole",
    "iam:UntagUser",
    "lambda:CreateEventSourceMapping",
    "lambda:CreateFunction",
    "lambda:TagResource",
    "lambda:UntagResource",
    "logs:CreateLogGroup",
    "logs:TagResource",
    "logs:UntagResource",
    "sqs:CreateQueue",
    "sqs:TagQueue",
    "sqs:UntagQueue",
];

/// The actions on single items, on several, and of PartiQL statements.
const ON_ITEMS: &[&str] = &[
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PartiQL*",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:SearchVectors",
    "dynamodb:UpdateItem",
];
const WITH_RETURN_VALUES: &[&str] = &[
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:PartiQLDelete",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
];
const WITH_SELECT: &[&str] = &[
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:PartiQLSelect",
    "dynamodb:Query",
    "dynamodb:Scan",
];
const ATTACHING: &[&str] = &["iam:Attach*Policy", "iam:Detach*Policy"];
const ON_MAPPINGS: &[&str] = &["lambda:*EventSourceMapping"];
const ASSUME_ROLE: &[&str] = &["sts:AssumeRole"];

/// Every key.
pub(super) const KEYS: &[ContextKey] = &[
    key("aws:CurrentTime", Date, EVERY, Request),
    key("aws:EpochTime", Date, EVERY, Request),
    key("aws:SecureTransport", Bool, EVERY, Request),
    key("aws:SourceIp", IpAddress, EVERY, Request),
    key("aws:UserAgent", Text, EVERY, Request),
    key("aws:referer", Text, EVERY, Request),
    key("aws:RequestedRegion", Text, EVERY, Request),
    key("aws:ViaAWSService", Bool, EVERY, Request),
    key("aws:PrincipalArn", Arn, EVERY, Principal),
    key("aws:PrincipalAccount", Text, EVERY, Principal),
    key("aws:PrincipalType", Text, EVERY, Principal),
    key("aws:PrincipalIsAWSService", Bool, EVERY, Principal),
    key("aws:PrincipalServiceName", Text, EVERY, Principal),
    key("aws:PrincipalServiceNamesList", Texts, EVERY, Principal),
    key("aws:PrincipalTag/", Text, EVERY, Principal),
    key("aws:userid", Text, EVERY, Principal),
    key("aws:username", Text, EVERY, Principal),
    key("aws:TokenIssueTime", Date, EVERY, Principal),
    key("aws:MultiFactorAuthPresent", Bool, EVERY, Principal),
    key("aws:SourceAccount", Text, EVERY, Principal),
    key("aws:ResourceAccount", Text, EVERY, Resource),
    key("aws:ResourceTag/", Text, EVERY, Resource),
    key("iam:ResourceTag/", Text, &["iam:*"], Resource),
    key("aws:RequestTag/", Text, ACTIONS_ON_TAGS, Operation),
    key("aws:TagKeys", Texts, ACTIONS_ON_TAGS, Operation),
    key("aws:CalledVia", Texts, EVERY, Nowhere),
    key("aws:CalledViaFirst", Text, EVERY, Nowhere),
    key("aws:CalledViaLast", Text, EVERY, Nowhere),
    key("aws:AssumedRoot", Bool, EVERY, Nowhere),
    key("aws:ChatbotSourceArn", Arn, EVERY, Nowhere),
    key(
        "aws:Ec2InstanceSourcePrivateIPv4",
        IpAddress,
        EVERY,
        Nowhere,
    ),
    key("aws:Ec2InstanceSourceVpc", Text, EVERY, Nowhere),
    key("aws:FederatedProvider", Text, EVERY, Nowhere),
    key("aws:MultiFactorAuthAge", Number, EVERY, Nowhere),
    key("aws:PrincipalOrgID", Text, EVERY, Nowhere),
    key("aws:PrincipalOrgPaths", Texts, EVERY, Nowhere),
    key("aws:ResourceOrgID", Text, EVERY, Nowhere),
    key("aws:ResourceOrgPaths", Texts, EVERY, Nowhere),
    key("aws:SourceIdentity", Text, EVERY, Nowhere),
    key("aws:SourceOrgID", Text, EVERY, Nowhere),
    key("aws:SourceOrgPaths", Texts, EVERY, Nowhere),
    key("aws:SourceVpc", Text, EVERY, Nowhere),
    key("aws:SourceVpcArn", Arn, EVERY, Nowhere),
    key("aws:SourceVpce", Text, EVERY, Nowhere),
    key("aws:VpcSourceIp", IpAddress, EVERY, Nowhere),
    key("aws:VpceAccount", Text, EVERY, Nowhere),
    key("aws:VpceOrgID", Text, EVERY, Nowhere),
    key("aws:VpceOrgPaths", Texts, EVERY, Nowhere),
    key("dynamodb:Attributes", Texts, ON_ITEMS, Operation),
    key("dynamodb:EnclosingOperation", Text, ON_ITEMS, Operation),
    key(
        "dynamodb:FullTableScan",
        Bool,
        &["dynamodb:PartiQLSelect"],
        Operation,
    ),
    key("dynamodb:LeadingKeys", Texts, ON_ITEMS, Operation),
    key("dynamodb:ReturnConsumedCapacity", Text, ON_ITEMS, Operation),
    key("dynamodb:ReturnValues", Text, WITH_RETURN_VALUES, Operation),
    key("dynamodb:Select", Text, WITH_SELECT, Operation),
    key("iam:PassedToService", Text, &["iam:PassRole"], Operation),
    key("iam:PermissionsBoundary", Arn, &["iam:*"], Nowhere),
    key("iam:PolicyARN", Arn, ATTACHING, Operation),
    key("lambda:CodeSigningConfigArn", Arn, &["lambda:*"], Nowhere),
    key(
        "lambda:EventSourceToken",
        Text,
        &["lambda:AddPermission"],
        Nowhere,
    ),
    key("lambda:FunctionArn", Arn, ON_MAPPINGS, Operation),
    key(
        "lambda:FunctionUrlAuthType",
        Text,
        &["lambda:*FunctionUrl*"],
        Nowhere,
    ),
    key("lambda:InvokedViaFunctionUrl", Bool, &["lambda:*"], Nowhere),
    key("lambda:Layer", Texts, &["lambda:*"], Nowhere),
    key("lambda:Principal", Text, &["lambda:*Permission"], Nowhere),
    key("lambda:SecurityGroupIds", Texts, &["lambda:*"], Nowhere),
    key("lambda:SubnetIds", Texts, &["lambda:*"], Nowhere),
    key("lambda:VpcIds", Text, &["lambda:*"], Nowhere),
    key(
        "logs:DeliveryDestinationResourceArn",
        Arn,
        &["logs:*Delivery*"],
        Nowhere,
    ),
    key(
        "logs:DestinationArn",
        Arn,
        &["logs:PutSubscriptionFilter"],
        Nowhere,
    ),
    key(
        "logs:LogGeneratingResourceArns",
        Arns,
        &["logs:*Delivery*"],
        Nowhere,
    ),
    key("sts:ExternalId", Text, ASSUME_ROLE, Operation),
    key("sts:RoleSessionName", Text, ASSUME_ROLE, Operation),
    key("sts:SourceIdentity", Text, ASSUME_ROLE, Nowhere),
    key("sts:TransitiveTagKeys", Texts, ASSUME_ROLE, Nowhere),
];
