//! The conditions of policies: operators, condition keys, and whether a condition holds. From the IAM
//! User Guide, "IAM JSON policy elements: Condition operators".

use jiff::Timestamp;

use crate::wildcard::Pattern;

/// The values of a request's condition keys. Keys that differ only in case are the same; a key may
/// have several values.
#[derive(Debug, Clone, Default)]
pub struct RequestContext(Vec<(&'static str, String)>);

impl RequestContext {
    /// The context with these keys, each with one of its values.
    pub fn new(values: Vec<(&'static str, String)>) -> Self {
        Self(values)
    }

    /// The same context with more keys.
    #[must_use]
    pub fn with(mut self, more: &[(&'static str, String)]) -> Self {
        self.0.extend_from_slice(more);
        self
    }

    fn values<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        let has_key = move |(name, _): &&(&'static str, String)| name.eq_ignore_ascii_case(key);
        self.0.iter().filter(has_key).map(|(_, value)| &**value)
    }

    /// The value of a policy variable.
    pub fn variable(&self, name: &str) -> Option<String> {
        self.values(name).next().map(str::to_owned)
    }
}

/// One line of a `Condition` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// How the key's values are compared.
    pub operator: Operator,
    /// For example `aws:SourceAccount`.
    pub key: String,
    /// The values of which one must match.
    pub values: Vec<String>,
}

/// A condition operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operator {
    quantifier: Quantifier,
    comparison: Comparison,
    is_negated: bool,
    if_exists: bool,
}

/// How many of a key's values must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantifier {
    /// The one that there is.
    Single,
    /// `ForAllValues`
    All,
    /// `ForAnyValue`
    Any,
}

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    String,
    StringIgnoreCase,
    Like,
    Arn,
    Number(Relation),
    Date(Relation),
    Bool,
    IpAddress,
    Null,
}

/// The relation in which numbers or dates must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Relation {
    fn holds<T: PartialOrd>(self, found: &T, value: &T) -> bool {
        match self {
            Self::Equal => found == value,
            Self::Less => found < value,
            Self::LessOrEqual => found <= value,
            Self::Greater => found > value,
            Self::GreaterOrEqual => found >= value,
        }
    }

    /// The relation with this name, for example `LessThanEquals`, and whether it is `NotEquals`.
    fn parse(name: &str) -> Option<(Self, bool)> {
        Some(match name {
            "Equals" => (Self::Equal, false),
            "NotEquals" => (Self::Equal, true),
            "LessThan" => (Self::Less, false),
            "LessThanEquals" => (Self::LessOrEqual, false),
            "GreaterThan" => (Self::Greater, false),
            "GreaterThanEquals" => (Self::GreaterOrEqual, false),
            _ => return None,
        })
    }
}

impl Operator {
    /// The operator with this name; `None` where there is none.
    pub fn parse(name: &str) -> Option<Self> {
        let (quantifier, operator) = match name.split_once(':') {
            None => (Quantifier::Single, name),
            Some(("ForAllValues", operator)) => (Quantifier::All, operator),
            Some(("ForAnyValue", operator)) => (Quantifier::Any, operator),
            Some(_) => return None,
        };
        let required = operator.strip_suffix("IfExists");
        let if_exists = required.is_some();
        let (comparison, is_negated) = Self::comparison(required.unwrap_or(operator))?;
        // `Null` itself is about whether a key exists.
        let is_plain = !if_exists && quantifier == Quantifier::Single;
        (comparison != Comparison::Null || is_plain).then_some(Self {
            quantifier,
            comparison,
            is_negated,
            if_exists,
        })
    }

    /// The comparison with this name, and whether its result is negated.
    fn comparison(name: &str) -> Option<(Comparison, bool)> {
        if let Some(relation) = name.strip_prefix("Numeric") {
            let (relation, is_negated) = Relation::parse(relation)?;
            return Some((Comparison::Number(relation), is_negated));
        }
        if let Some(relation) = name.strip_prefix("Date") {
            let (relation, is_negated) = Relation::parse(relation)?;
            return Some((Comparison::Date(relation), is_negated));
        }
        Some(match name {
            "StringEquals" | "BinaryEquals" => (Comparison::String, false),
            "StringNotEquals" => (Comparison::String, true),
            "StringEqualsIgnoreCase" => (Comparison::StringIgnoreCase, false),
            "StringNotEqualsIgnoreCase" => (Comparison::StringIgnoreCase, true),
            "StringLike" => (Comparison::Like, false),
            "StringNotLike" => (Comparison::Like, true),
            "ArnEquals" | "ArnLike" => (Comparison::Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (Comparison::Arn, true),
            "Bool" => (Comparison::Bool, false),
            "IpAddress" => (Comparison::IpAddress, false),
            "NotIpAddress" => (Comparison::IpAddress, true),
            "Null" => (Comparison::Null, false),
            _ => return None,
        })
    }
}

impl Condition {
    /// Whether it holds; `has_variables` says whether `${…}` in its values are variables.
    pub fn holds(&self, context: &RequestContext, has_variables: bool) -> bool {
        let Operator {
            quantifier,
            comparison,
            is_negated,
            if_exists,
        } = self.operator;
        let found: Vec<&str> = context.values(&self.key).collect();
        if comparison == Comparison::Null {
            let is_missing = if found.is_empty() { "true" } else { "false" };
            return self.values.iter().any(|value| value == is_missing);
        }
        if found.is_empty() {
            // A missing key matches no value, so a negated operator holds.
            return if_exists
                || quantifier == Quantifier::All
                || (is_negated && quantifier == Quantifier::Single);
        }
        let matches = |found: &&str| {
            let is_match =
                |value: &String| comparison.matches(value, found, context, has_variables);
            self.values.iter().any(is_match) != is_negated
        };
        match quantifier {
            Quantifier::All => found.iter().all(matches),
            Quantifier::Single | Quantifier::Any => found.iter().any(matches),
        }
    }
}

impl Comparison {
    /// Whether the value found in the request matches one value of the condition. A value that
    /// cannot be parsed never does.
    fn matches(
        self,
        value: &str,
        found: &str,
        context: &RequestContext,
        has_variables: bool,
    ) -> bool {
        let variable = |name: &str| context.variable(name);
        let pattern = || match has_variables {
            true => Pattern::with_variables(value, variable),
            false => Some(Pattern::new(value)),
        };
        match self {
            Self::String if !has_variables => value == found,
            Self::String => {
                Pattern::literal(value, variable).is_some_and(|text| text.matches(found))
            }
            Self::StringIgnoreCase => value.eq_ignore_ascii_case(found),
            Self::Like => pattern().is_some_and(|pattern| pattern.matches(found)),
            Self::Arn => pattern().is_some_and(|pattern| pattern.matches_arn(found)),
            Self::Number(relation) => parse_both(value, found, |text| text.parse::<f64>().ok())
                .is_some_and(|(value, found)| relation.holds(&found, &value)),
            Self::Date(relation) => parse_both(value, found, date)
                .is_some_and(|(value, found)| relation.holds(&found, &value)),
            Self::Bool => value.eq_ignore_ascii_case(found),
            Self::IpAddress => in_network(value, found).unwrap_or(false),
            Self::Null => false,
        }
    }
}

fn parse_both<T>(value: &str, found: &str, parse: impl Fn(&str) -> Option<T>) -> Option<(T, T)> {
    Some((parse(value)?, parse(found)?))
}

/// A date in ISO 8601 or in seconds since the Unix epoch.
fn date(text: &str) -> Option<Timestamp> {
    match text.parse::<i64>() {
        Ok(seconds) => Timestamp::from_second(seconds).ok(),
        Err(_) => text.parse().ok(),
    }
}

/// Whether an IPv4 or IPv6 address lies in a network written as `address[/bits]`.
fn in_network(network: &str, address: &str) -> Option<bool> {
    // The address in the upper bits, and its width.
    let bits_of = |text: &str| -> Option<(u128, u32)> {
        match text.parse().ok()? {
            std::net::IpAddr::V4(four) => Some((u128::from(u32::from(four)) << 96, 32)),
            std::net::IpAddr::V6(six) => Some((u128::from(six), 128)),
        }
    };
    let (base, prefix) = match network.split_once('/') {
        Some((base, prefix)) => (base, Some(prefix.parse::<u32>().ok()?)),
        None => (network, None),
    };
    let ((base, width), (address, address_width)) = (bits_of(base)?, bits_of(address)?);
    let prefix = prefix.unwrap_or(width);
    if width != address_width || prefix > width {
        return Some(false);
    }
    let differing = base ^ address;
    Some(prefix == 0 || differing >> (128 - prefix) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(operator: &str, key: &str, values: &[&str], context: &RequestContext) -> bool {
        let condition = Condition {
            operator: Operator::parse(operator).expect("an operator"),
            key: key.to_owned(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        };
        condition.holds(context, true)
    }

    fn context() -> RequestContext {
        RequestContext::new(vec![
            ("aws:PrincipalAccount", "000000000000".to_owned()),
            ("aws:SourceIp", "127.0.0.1".to_owned()),
            ("aws:CurrentTime", "2026-11-23T10:00:00Z".to_owned()),
            ("aws:SecureTransport", "false".to_owned()),
            ("aws:TagKeys", "one".to_owned()),
            ("aws:TagKeys", "two".to_owned()),
            ("x:Size", "10".to_owned()),
        ])
    }

    #[test]
    fn operators_compare_as_their_names_say() {
        let context = context();
        let holds = |operator, key, values: &[&str]| holds(operator, key, values, &context);
        assert!(holds(
            "StringEquals",
            "aws:principalaccount",
            &["1", "000000000000"]
        ));
        assert!(!holds(
            "StringNotEquals",
            "aws:PrincipalAccount",
            &["000000000000"]
        ));
        assert!(holds("StringLike", "aws:PrincipalAccount", &["0000*"]));
        assert!(!holds("StringEquals", "aws:PrincipalAccount", &["0000*"]));
        assert!(holds(
            "StringEquals",
            "aws:PrincipalAccount",
            &["${aws:PrincipalAccount}"]
        ));
        assert!(holds("NumericLessThan", "x:Size", &["11"]));
        assert!(!holds("NumericGreaterThanEquals", "x:Size", &["11"]));
        assert!(!holds("NumericEquals", "x:Size", &["ten"]));
        assert!(holds(
            "DateGreaterThan",
            "aws:CurrentTime",
            &["2026-01-01T00:00:00Z"]
        ));
        assert!(holds("DateLessThan", "aws:CurrentTime", &["4000000000"]));
        assert!(holds(
            "IpAddress",
            "aws:SourceIp",
            &["10.0.0.0/8", "127.0.0.0/8"]
        ));
        assert!(holds("NotIpAddress", "aws:SourceIp", &["::1/128"]));
        assert!(holds("Bool", "aws:SecureTransport", &["false"]));
        assert!(holds("Null", "aws:username", &["true"]));
        assert!(holds("Null", "x:Size", &["false"]));
    }

    #[test]
    fn missing_keys_match_negated_and_if_exists() {
        let context = context();
        let holds = |operator, values: &[&str]| holds(operator, "aws:username", values, &context);
        assert!(!holds("StringEquals", &["a"]));
        assert!(holds("StringNotEquals", &["a"]));
        assert!(holds("StringEqualsIfExists", &["a"]));
        assert!(holds("ForAllValues:StringEquals", &["a"]));
        assert!(!holds("ForAnyValue:StringEquals", &["a"]));
    }

    #[test]
    fn set_operators_compare_value_by_value() {
        let context = context();
        let holds = |operator, values: &[&str]| holds(operator, "aws:TagKeys", values, &context);
        assert!(holds("ForAllValues:StringEquals", &["one", "two", "three"]));
        assert!(!holds("ForAllValues:StringEquals", &["one"]));
        assert!(holds("ForAnyValue:StringLike", &["tw*"]));
    }

    #[test]
    fn unknown_operators_are_not_parsed() {
        for name in [
            "",
            "Equals",
            "StringEqual",
            "ForSome:StringEquals",
            "NullIfExists",
        ] {
            assert_eq!(Operator::parse(name), None, "{name}");
        }
    }
}
