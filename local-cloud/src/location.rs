//! Where the cloud's resources are.

/// An account in a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The account id: 12 digits.
    pub account: String,
    /// The region, for example `us-east-1`.
    pub region: String,
}

impl Location {
    /// The location of this account and region.
    pub fn new(account: &str, region: &str) -> Self {
        Self {
            account: account.to_owned(),
            region: region.to_owned(),
        }
    }

    /// The ARN of a service's resource here.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        let Self { account, region } = self;
        format!("arn:aws:{service}:{region}:{account}:{resource}")
    }
}
