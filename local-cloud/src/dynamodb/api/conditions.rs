//! The condition keys of requests on items (DynamoDB Developer Guide, "Using IAM policy conditions for
//! fine-grained access control").

use std::collections::{BTreeSet, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use dynoxide::AttributeValue;
use serde_json::Value;

use super::expressions::{Names, attributes};
use crate::dynamodb::Tables;
use crate::iam::RequiredPermission;
use crate::service::ContextValue;

/// What a request on items says of DynamoDB's condition keys.
#[derive(Debug, Default)]
pub(super) struct ItemConditions {
    /// The values of the partition keys; `None` where they cannot be told.
    pub(super) leading_keys: Option<Vec<String>>,
    /// The top-level attributes that the request names.
    pub(super) attributes: Attributes,
    /// The operation that this one is a part of.
    pub(super) enclosing_operation: Option<&'static str>,
    /// Whether consumed capacity is returned.
    pub(super) return_consumed_capacity: Option<String>,
    /// What is returned of the items that are written.
    pub(super) return_values: Option<String>,
    /// Which attributes are read.
    pub(super) select: Option<String>,
}

/// The top-level attributes that a request names; `None` where they cannot be told.
#[derive(Debug, Clone)]
pub(super) struct Attributes(Option<BTreeSet<String>>);

impl Default for Attributes {
    fn default() -> Self {
        Self(Some(BTreeSet::new()))
    }
}

impl Attributes {
    /// Attributes that cannot be told.
    pub(super) fn unknown() -> Self {
        Self(None)
    }

    /// These and more attributes.
    #[must_use]
    pub(super) fn and<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        let owned = |name: N| name.as_ref().to_owned();
        if let Some(all) = &mut self.0 {
            all.extend(names.into_iter().map(owned));
        }
        self
    }

    /// These and those of an expression.
    #[must_use]
    pub(super) fn of_expression(self, expression: Option<&str>, names: &Names) -> Self {
        let Some(expression) = expression else {
            return self;
        };
        match attributes(expression, names) {
            Some(more) => self.and(more),
            None => Self::unknown(),
        }
    }

    /// These and the members of an object, such as `Expected`.
    #[must_use]
    pub(super) fn of_members(self, object: Option<&Value>) -> Self {
        match object {
            None | Some(Value::Null) => self,
            Some(Value::Object(members)) => self.and(members.keys()),
            Some(_) => Self::unknown(),
        }
    }
}

impl ItemConditions {
    /// Adds the keys to a permission.
    pub(super) fn of(self, permission: RequiredPermission) -> RequiredPermission {
        let permission = when_known(permission, "dynamodb:LeadingKeys", self.leading_keys);
        when_known(permission, "dynamodb:Attributes", self.attributes.0)
            .when_given("dynamodb:EnclosingOperation", self.enclosing_operation)
            .when_given(
                "dynamodb:ReturnConsumedCapacity",
                self.return_consumed_capacity,
            )
            .when_given("dynamodb:ReturnValues", self.return_values)
            .when_given("dynamodb:Select", self.select)
    }
}

fn when_known(
    permission: RequiredPermission,
    key: &'static str,
    values: Option<impl IntoIterator<Item = String>>,
) -> RequiredPermission {
    match values {
        Some(values) => permission.when_all(key, values),
        None => permission.with(key, ContextValue::Unknown),
    }
}

/// The value of the partition key in each of these items or keys; `None` where that cannot be told.
pub(super) fn leading_keys<'a>(
    tables: &Tables,
    table: &str,
    items: impl IntoIterator<Item = &'a HashMap<String, AttributeValue>>,
) -> Option<Vec<String>> {
    let key = tables.schemas().partition_key(table, None)?;
    let items = items.into_iter();
    items.map(|item| item.get(&key).and_then(text)).collect()
}

/// A key's value as policies compare it: binary data in base64. `None` where that cannot be told.
pub(super) fn text(value: &AttributeValue) -> Option<String> {
    match value {
        AttributeValue::S(text) => Some(text.clone()),
        AttributeValue::N(number) => plain_number(number),
        AttributeValue::B(bytes) => Some(BASE64.encode(bytes)),
        _ => None,
    }
}

/// A number in its plain form, in which one number has one text; `None` for another form of it, under
/// which it would step around a policy that names the number.
pub(super) fn plain_number(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "1"));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    let is_plain = are_digits(digits)
        && are_digits(fraction)
        && (digits == "0" || !digits.starts_with('0'))
        && !fraction.ends_with('0')
        && text != "-0";
    is_plain.then(|| text.to_owned())
}

/// Which attributes a read returns: what it asks for, or what it gets by its other parameters.
pub(super) fn select(
    given: Option<&String>,
    has_projection: bool,
    has_index: bool,
) -> Option<String> {
    let default = match (has_projection, has_index) {
        (true, _) => "SPECIFIC_ATTRIBUTES",
        (false, true) => "ALL_PROJECTED_ATTRIBUTES",
        (false, false) => "ALL_ATTRIBUTES",
    };
    Some(given.cloned().unwrap_or_else(|| default.to_owned()))
}

/// What a write returns of the item; nothing where it does not say.
pub(super) fn return_values(given: Option<&String>) -> Option<String> {
    Some(given.cloned().unwrap_or_else(|| "NONE".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::plain_number;

    #[test]
    fn a_number_has_one_plain_form() {
        for plain in ["0", "7", "-7", "10", "0.5", "-12.25"] {
            assert_eq!(plain_number(plain).as_deref(), Some(plain));
        }
        for other in [
            "", "-", "-0", "07", "1.0", "1.", ".5", "1e1", "+1", "1.50", "1.2.3",
        ] {
            assert_eq!(plain_number(other), None, "{other}");
        }
    }
}
