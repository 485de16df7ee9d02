//! The ways to name a function: `NAME`, `ACCOUNT:function:NAME` or its ARN, each with or without
//! `:$LATEST`.

use super::error::not_found;
use super::registry::Registry;
use super::validate;
use crate::error::AwsError;

impl Registry {
    /// The function's name in its name, partial ARN or ARN.
    ///
    /// # Errors
    /// `ValidationException` for an invalid name; `ResourceNotFoundException` for a version or
    /// alias (this cloud has none), and for another account or region.
    pub fn name_of<'a>(&self, name_or_arn: &'a str) -> Result<&'a str, AwsError> {
        let parts: Vec<&str> = name_or_arn.split(':').collect();
        let (location, rest) = match parts.as_slice() {
            [
                "arn",
                "aws",
                "lambda",
                region,
                account,
                "function",
                rest @ ..,
            ] => (Some((Some(*region), *account)), rest),
            [account, "function", rest @ ..] => (Some((None, *account)), rest),
            ["function", rest @ ..] if !rest.is_empty() => (None, rest),
            rest => (None, rest),
        };
        let (name, qualifier) = match rest {
            [name] => (*name, None),
            [name, qualifier] => (*name, Some(*qualifier)),
            _ => return Err(validate::bad_name(name_or_arn)),
        };
        validate::name(name)?;
        let is_here = location.is_none_or(|(region, account)| {
            account == self.account && region.is_none_or(|region| region == self.region)
        });
        match qualifier {
            None | Some("$LATEST") if is_here => Ok(name),
            _ if !is_here => Err(not_found(format!("Function not found: {name_or_arn}"))),
            qualifier => Err(not_found(format!(
                "Function not found: {}:{}",
                self.function_arn(name),
                qualifier.unwrap_or_default()
            ))),
        }
    }

    /// The ARN of a function with this name, which may not exist.
    pub fn function_arn(&self, name: &str) -> String {
        let Self {
            region, account, ..
        } = self;
        format!("arn:aws:lambda:{region}:{account}:function:{name}")
    }

    /// The ARN of a mapping with this UUID, which may not exist.
    pub fn mapping_arn(&self, uuid: &str) -> String {
        let Self {
            region, account, ..
        } = self;
        format!("arn:aws:lambda:{region}:{account}:event-source-mapping:{uuid}")
    }
}
