//! The ARNs of tables and streams. Those that dynoxide writes have a fixed region and account.

use dynoxide::DynoxideError;

use crate::location::Location;

/// How every ARN begins that dynoxide writes.
const DYNOXIDE: &str = "arn:aws:dynamodb:dynoxide:000000000000:";

/// Translates between the ARNs of this cloud and those of dynoxide.
#[derive(Debug, Clone)]
pub(super) struct Arns {
    /// How every ARN of this cloud's DynamoDB begins.
    prefix: String,
}

impl Arns {
    /// The ARNs of a cloud at this location.
    pub(super) fn new(location: &Location) -> Self {
        Self {
            prefix: location.arn("dynamodb", ""),
        }
    }

    /// The ARN of the table with this name.
    pub(super) fn of_table(&self, name: &str) -> String {
        format!("{}table/{name}", self.prefix)
    }

    /// The name of the table that is given by its name or its ARN.
    ///
    /// # Errors
    /// `ValidationException` for an ARN that is not of a table of this account and region.
    pub(super) fn named_table<'a>(&self, table: &'a str) -> Result<&'a str, DynoxideError> {
        if table.starts_with("arn:") {
            self.table(table)
        } else {
            Ok(table)
        }
    }

    /// The name of the table with this ARN.
    ///
    /// # Errors
    /// `ValidationException` for what is not the ARN of a table of this account and region.
    pub(super) fn table<'a>(&self, arn: &'a str) -> Result<&'a str, DynoxideError> {
        let resource = arn.strip_prefix(&self.prefix);
        let name = resource.and_then(|resource| resource.strip_prefix("table/"));
        let name = name.filter(|name| is_name(name));
        name.ok_or_else(|| {
            DynoxideError::ValidationException(if arn.is_empty() {
                "Invalid TableArn".to_owned()
            } else {
                format!("Invalid TableArn: Invalid ResourceArn provided as input {arn}")
            })
        })
    }

    /// The name of the table whose stream has this ARN. Whether the table has this stream is for the
    /// tables to tell.
    ///
    /// # Errors
    /// `ValidationException` for what is not the ARN of a stream of this account and region.
    pub(super) fn table_of_stream<'a>(&self, arn: &'a str) -> Result<&'a str, DynoxideError> {
        let resource = arn.strip_prefix(&self.prefix);
        let path = resource.and_then(|resource| resource.strip_prefix("table/"));
        let parts = path.and_then(|path| path.split_once("/stream/"));
        let table = parts.filter(|(table, label)| is_name(table) && !label.contains('/'));
        table
            .map(|(table, _)| table)
            .ok_or_else(|| DynoxideError::ValidationException(format!("Invalid StreamArn: {arn}")))
    }

    /// The text with dynoxide's ARNs replaced by this cloud's.
    pub(super) fn to_cloud(&self, text: &str) -> String {
        text.replace(DYNOXIDE, &self.prefix)
    }

    /// The ARN as dynoxide writes it.
    pub(super) fn to_dynoxide(&self, arn: &str) -> String {
        match arn.strip_prefix(&self.prefix) {
            Some(resource) => format!("{DYNOXIDE}{resource}"),
            None => arn.to_owned(),
        }
    }
}

/// Whether a text can be the name of a table.
pub(super) fn is_name(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    !text.is_empty() && text.bytes().all(is_allowed)
}

/// The ARN by which dynoxide knows the table with this name.
pub(super) fn dynoxide_arn(table: &str) -> String {
    format!("{DYNOXIDE}table/{table}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arns() -> Arns {
        Arns::new(&Location::new("111122223333", "eu-west-1"))
    }

    #[test]
    fn tables_are_named_by_arns_of_this_place() {
        let ours = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";
        assert_eq!(arns().table(ours).unwrap(), "orders");
        assert_eq!(arns().named_table("orders").unwrap(), "orders");
        for other in [
            "arn:aws:dynamodb:us-east-1:111122223333:table/orders",
            "arn:aws:dynamodb:eu-west-1:000000000000:table/orders",
            "arn:aws-cn:dynamodb:eu-west-1:111122223333:table/orders",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/index/by-date",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/stream/2026",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/",
            "arn:aws:dynamodb:eu-west-1:111122223333:orders",
            "arn:aws:dynamodb:dynoxide:000000000000:table/orders",
            "orders",
            "",
        ] {
            assert!(arns().table(other).is_err(), "{other}");
        }
    }

    #[test]
    fn streams_are_named_by_arns_of_this_place() {
        let ours = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/stream/2026-11-27";
        assert_eq!(arns().table_of_stream(ours).unwrap(), "orders");
        for other in [
            ours.replace("eu-west-1", "us-east-1"),
            ours.replace("/stream/", "/index/"),
            ours.replace("orders/", ""),
            format!("{ours}/x"),
            "x/orders".to_owned(),
        ] {
            assert!(arns().table_of_stream(&other).is_err(), "{other}");
        }
    }
}
