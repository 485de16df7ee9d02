//! From a lab's name to the names, ARNs and tags of its resources. Pure: the name alone is enough
//! to find a lab.

use std::fmt;
use std::str::FromStr;

/// The tag with the name of the lab that a resource belongs to.
pub(crate) const TAG_LAB: &str = "orders-lab:lab";
/// The tag with the version of this program that created a resource.
pub(crate) const TAG_VERSION: &str = "orders-lab:version";
/// The tag with the time at which a resource was created (RFC 3339).
pub(crate) const TAG_CREATED: &str = "orders-lab:created";
/// The tag with the identity that created a resource, as IAM names it: `user/alice`.
pub(crate) const TAG_OWNER: &str = "orders-lab:owner";
/// The tag of queue and table with the settings that differ from the defaults.
pub(crate) const TAG_SETTINGS: &str = "orders-lab:settings";

/// The tag of roles with the lab's region: roles themselves have none.
pub(crate) const TAG_REGION: &str = "orders-lab:region";

const DEFAULT: &str = "default";
const LONGEST: usize = 24;

/// The name of a lab: 1 to 24 lower-case letters, digits and hyphens, the first a letter. The
/// default lab has the plain resource names; every other one prefixes them, so that many labs can
/// share an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LabName(String);

/// A text that is not a lab name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a lab name has 1 to {LONGEST} lower-case letters, digits and hyphens and begins with a letter"
)]
pub struct BadLabName;

impl LabName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the lab with the plain names.
    pub fn is_default(&self) -> bool {
        self.0 == DEFAULT
    }

    fn prefixed(&self, name: &str) -> String {
        if self.is_default() {
            name.to_owned()
        } else {
            format!("{}-{name}", self.0)
        }
    }
}

impl Default for LabName {
    fn default() -> Self {
        Self(DEFAULT.to_owned())
    }
}

impl fmt::Display for LabName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for LabName {
    type Err = BadLabName;

    fn from_str(text: &str) -> Result<Self, BadLabName> {
        let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let good = (1..=LONGEST).contains(&text.len())
            && text.bytes().all(legal)
            && text.starts_with(|first: char| first.is_ascii_lowercase());
        if good {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadLabName)
        }
    }
}

/// The names of everything in a lab, and its ARNs in one account and region.
#[derive(Debug, Clone)]
pub struct Names {
    lab: LabName,
    account: String,
    region: String,
}

impl Names {
    /// The names of `lab` in `account` (12 digits) and `region`.
    pub fn new(lab: LabName, account: impl Into<String>, region: impl Into<String>) -> Self {
        Self {
            lab,
            account: account.into(),
            region: region.into(),
        }
    }

    /// The lab.
    pub fn lab(&self) -> &LabName {
        &self.lab
    }

    /// The orders queue.
    pub fn orders_queue(&self) -> String {
        self.lab.prefixed("orders-queue")
    }

    /// The dead-letter queue.
    pub fn dead_letter_queue(&self) -> String {
        self.lab.prefixed("orders-dl-queue")
    }

    /// The table of stored orders.
    pub fn table(&self) -> String {
        self.lab.prefixed("orders")
    }

    /// The simulator function.
    pub fn simulator(&self) -> String {
        self.lab.prefixed("lab-order-simulator")
    }

    /// The processor function.
    pub fn processor(&self) -> String {
        self.lab.prefixed("lab-order-processor")
    }

    /// The simulator's role.
    pub fn simulator_role(&self) -> String {
        self.lab.prefixed("lab-lambda-sqs-order-simulator")
    }

    /// The processor's role.
    pub fn processor_role(&self) -> String {
        self.lab.prefixed("lab-lambda-sqs-order-processor")
    }

    /// The log group that Lambda writes a function's logs to.
    pub fn log_group(function: &str) -> String {
        format!("/aws/lambda/{function}")
    }

    /// A queue's ARN.
    pub fn queue_arn(&self, queue: &str) -> String {
        self.arn("sqs", queue)
    }

    /// A table's ARN.
    pub fn table_arn(&self, table: &str) -> String {
        self.arn("dynamodb", &format!("table/{table}"))
    }

    /// A function's ARN.
    pub fn function_arn(&self, function: &str) -> String {
        self.arn("lambda", &format!("function:{function}"))
    }

    /// A role's ARN.
    pub fn role_arn(&self, role: &str) -> String {
        let partition = self.partition().name;
        format!("arn:{partition}:iam::{}:role/{role}", self.account)
    }

    /// A log group's ARN, as policies name it.
    pub fn log_group_arn(&self, group: &str) -> String {
        self.arn("logs", &format!("log-group:{group}"))
    }

    fn arn(&self, service: &str, resource: &str) -> String {
        let Self {
            account, region, ..
        } = self;
        let partition = self.partition().name;
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }

    /// The host name of SQS, as in queue URLs.
    pub fn sqs_host(&self) -> String {
        format!("sqs.{}.{}", self.region, self.partition().domain)
    }

    fn partition(&self) -> Partition {
        PARTITIONS
            .iter()
            .find(|(prefix, _)| self.region.starts_with(prefix))
            .map_or(COMMERCIAL, |(_, partition)| *partition)
    }

    /// The ARNs of everything with a name: all of the lab but the event source mapping.
    pub fn arns(&self) -> Vec<String> {
        let functions = [self.simulator(), self.processor()];
        let groups = functions
            .each_ref()
            .map(|function| Self::log_group(function));
        let mut arns = vec![
            self.queue_arn(&self.orders_queue()),
            self.queue_arn(&self.dead_letter_queue()),
            self.table_arn(&self.table()),
            self.role_arn(&self.simulator_role()),
            self.role_arn(&self.processor_role()),
        ];
        arns.extend(functions.map(|function| self.function_arn(&function)));
        arns.extend(groups.map(|group| self.log_group_arn(&group)));
        arns
    }

    /// Whether a role may belong to a lab, by its name.
    pub fn is_role(name: &str) -> bool {
        let plain = Self::new(LabName::default(), "", "");
        name.ends_with(&plain.simulator_role()) || name.ends_with(&plain.processor_role())
    }

    /// The account id.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The region.
    pub fn region(&self) -> &str {
        &self.region
    }
}

/// An AWS partition: a part of AWS with separate accounts.
#[derive(Debug, Clone, Copy)]
struct Partition {
    /// Its name in ARNs.
    name: &'static str,
    /// The domain of its host names.
    domain: &'static str,
}

const COMMERCIAL: Partition = Partition {
    name: "aws",
    domain: "amazonaws.com",
};

/// The other partitions, by the prefix of their regions. Source: the SDKs' `partitions.json`.
const PARTITIONS: [(&str, Partition); 3] = [
    (
        "cn-",
        Partition {
            name: "aws-cn",
            domain: "amazonaws.com.cn",
        },
    ),
    (
        "us-gov-",
        Partition {
            name: "aws-us-gov",
            domain: "amazonaws.com",
        },
    ),
    (
        "eusc-",
        Partition {
            name: "aws-eusc",
            domain: "amazonaws.eu",
        },
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_lab_has_the_plain_names() {
        let names = Names::new(LabName::default(), "000000000000", "us-east-1");
        assert_eq!(names.orders_queue(), "orders-queue");
        assert_eq!(
            names.table_arn(&names.table()),
            "arn:aws:dynamodb:us-east-1:000000000000:table/orders"
        );
    }

    #[test]
    fn partitions_have_their_arns_and_hosts() {
        let names = |region| Names::new(LabName::default(), "123456789012", region);
        let china = names("cn-north-1");
        assert_eq!(
            china.queue_arn("q"),
            "arn:aws-cn:sqs:cn-north-1:123456789012:q"
        );
        assert_eq!(china.sqs_host(), "sqs.cn-north-1.amazonaws.com.cn");
        let government = names("us-gov-west-1");
        assert_eq!(
            government.role_arn("r"),
            "arn:aws-us-gov:iam::123456789012:role/r"
        );
        assert_eq!(names("eu-west-1").sqs_host(), "sqs.eu-west-1.amazonaws.com");
    }

    #[test]
    fn other_labs_prefix_within_awss_limits() {
        let longest: LabName = "a23456789-123456789-1234".parse().expect("24 characters");
        let names = Names::new(longest, "000000000000", "us-east-1");
        assert_eq!(
            names.simulator(),
            "a23456789-123456789-1234-lab-order-simulator"
        );
        assert!(names.simulator().len() <= 64 && names.simulator_role().len() <= 64);
    }

    #[test]
    fn illegal_lab_names_are_refused() {
        for bad in [
            "",
            "A",
            "1a",
            "-a",
            "a_b",
            "a b",
            "a2345678901234567890123456",
        ] {
            assert_eq!(bad.parse::<LabName>(), Err(BadLabName), "{bad:?}");
        }
    }
}
