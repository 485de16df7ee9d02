//! The conditions of policies: operators, the keys they look at, and whether they hold. From the
//! IAM User Guide, "IAM JSON policy elements: Condition operators".

use jiff::Timestamp;

use crate::wildcard::Pattern;

/// What is known of a request, by condition key. Keys are told apart without regard to case; a
/// key may have several values.
#[derive(Debug, Clone, Default)]
pub struct Context(Vec<(&'static str, String)>);

impl Context {
    /// What is known: each key with one of its values.
    pub fn new(values: Vec<(&'static str, String)>) -> Self {
        Self(values)
    }

    /// The same and more.
    #[must_use]
    pub fn with(mut self, more: &[(&'static str, String)]) -> Self {
        self.0.extend_from_slice(more);
        self
    }

    fn values<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        let of_key = move |(known, _): &&(&'static str, String)| known.eq_ignore_ascii_case(key);
        self.0.iter().filter(of_key).map(|(_, value)| &**value)
    }

    /// The value of a policy variable.
    pub fn variable(&self, name: &str) -> Option<String> {
        self.values(name).next().map(str::to_owned)
    }
}

/// One line of a `Condition` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// How it compares.
    pub operator: Operator,
    /// For example `aws:SourceAccount`.
    pub key: String,
    /// Of which one must fit.
    pub values: Vec<String>,
}

/// A condition operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operator {
    set: Set,
    test: Test,
    negated: bool,
    if_exists: bool,
}

/// How a key with several values is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    /// A key of one value.
    Single,
    /// Each of its values must fit.
    All,
    /// One of its values must fit.
    Any,
}

/// What fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    Text,
    TextIgnoringCase,
    Like,
    Arn,
    Number(Order),
    Date(Order),
    Bool,
    Address,
    Null,
}

/// How numbers and dates compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    fn holds<T: PartialOrd>(self, found: &T, value: &T) -> bool {
        match self {
            Self::Equal => found == value,
            Self::Less => found < value,
            Self::LessOrEqual => found <= value,
            Self::Greater => found > value,
            Self::GreaterOrEqual => found >= value,
        }
    }

    /// `LessThanEquals` and the like, and whether it is `NotEquals`.
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
        let (set, name) = match name.split_once(':') {
            None => (Set::Single, name),
            Some(("ForAllValues", name)) => (Set::All, name),
            Some(("ForAnyValue", name)) => (Set::Any, name),
            Some(_) => return None,
        };
        let (name, if_exists) = match name.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let (test, negated) = Self::test(name)?;
        // Whether a key is there is what `Null` itself asks.
        let sensible = test != Test::Null || (!if_exists && set == Set::Single);
        sensible.then_some(Self {
            set,
            test,
            negated,
            if_exists,
        })
    }

    fn test(name: &str) -> Option<(Test, bool)> {
        if let Some(order) = name.strip_prefix("Numeric") {
            let (order, negated) = Order::parse(order)?;
            return Some((Test::Number(order), negated));
        }
        if let Some(order) = name.strip_prefix("Date") {
            let (order, negated) = Order::parse(order)?;
            return Some((Test::Date(order), negated));
        }
        Some(match name {
            "StringEquals" | "BinaryEquals" => (Test::Text, false),
            "StringNotEquals" => (Test::Text, true),
            "StringEqualsIgnoreCase" => (Test::TextIgnoringCase, false),
            "StringNotEqualsIgnoreCase" => (Test::TextIgnoringCase, true),
            "StringLike" => (Test::Like, false),
            "StringNotLike" => (Test::Like, true),
            "ArnEquals" | "ArnLike" => (Test::Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (Test::Arn, true),
            "Bool" => (Test::Bool, false),
            "IpAddress" => (Test::Address, false),
            "NotIpAddress" => (Test::Address, true),
            "Null" => (Test::Null, false),
            _ => return None,
        })
    }
}

impl Condition {
    /// Whether it holds; `variables` tells whether `${…}` in its values are variables.
    pub fn holds(&self, context: &Context, variables: bool) -> bool {
        let Operator {
            set,
            test,
            negated,
            if_exists,
        } = self.operator;
        let found: Vec<&str> = context.values(&self.key).collect();
        if test == Test::Null {
            let asked = if found.is_empty() { "true" } else { "false" };
            return self.values.iter().any(|value| value == asked);
        }
        if found.is_empty() {
            // Of no value all is true; one that is not there is unlike any other.
            return if_exists || set == Set::All || (negated && set == Set::Single);
        }
        let fits = |found: &&str| {
            let one_of = |value: &String| test.fits(value, found, context, variables);
            self.values.iter().any(one_of) != negated
        };
        match set {
            Set::All => found.iter().all(fits),
            Set::Single | Set::Any => found.iter().any(fits),
        }
    }
}

impl Test {
    /// Whether what was found fits one value of the condition. What cannot be read never fits.
    fn fits(self, value: &str, found: &str, context: &Context, variables: bool) -> bool {
        let variable = |name: &str| context.variable(name);
        let pattern = || match variables {
            true => Pattern::with_variables(value, variable),
            false => Some(Pattern::new(value)),
        };
        match self {
            Self::Text if !variables => value == found,
            Self::Text => Pattern::literal(value, variable).is_some_and(|text| text.matches(found)),
            Self::TextIgnoringCase => value.eq_ignore_ascii_case(found),
            Self::Like => pattern().is_some_and(|pattern| pattern.matches(found)),
            Self::Arn => pattern().is_some_and(|pattern| pattern.matches_arn(found)),
            Self::Number(order) => both(value, found, |text| text.parse::<f64>().ok())
                .is_some_and(|(value, found)| order.holds(&found, &value)),
            Self::Date(order) => {
                both(value, found, date).is_some_and(|(value, found)| order.holds(&found, &value))
            }
            Self::Bool => value.eq_ignore_ascii_case(found),
            Self::Address => in_network(value, found).unwrap_or(false),
            Self::Null => false,
        }
    }
}

fn both<T>(value: &str, found: &str, read: impl Fn(&str) -> Option<T>) -> Option<(T, T)> {
    Some((read(value)?, read(found)?))
}

/// A date in ISO 8601, or seconds since the epoch.
fn date(text: &str) -> Option<Timestamp> {
    match text.parse::<i64>() {
        Ok(seconds) => Timestamp::from_second(seconds).ok(),
        Err(_) => text.parse().ok(),
    }
}

/// Whether an IPv4 or IPv6 address lies in a network written as `address[/bits]`.
fn in_network(network: &str, address: &str) -> Option<bool> {
    let bits_of = |text: &str| -> Option<(u128, u32)> {
        match text.parse().ok()? {
            std::net::IpAddr::V4(four) => Some((u128::from(u32::from(four)) << 96, 32)),
            std::net::IpAddr::V6(six) => Some((u128::from(six), 128)),
        }
    };
    let (base, length) = match network.split_once('/') {
        Some((base, length)) => (base, Some(length.parse::<u32>().ok()?)),
        None => (network, None),
    };
    let ((base, width), (address, other)) = (bits_of(base)?, bits_of(address)?);
    let length = length.unwrap_or(width);
    if width != other || length > width {
        return Some(false);
    }
    let differing = base ^ address;
    Some(length == 0 || differing >> (128 - length) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(operator: &str, key: &str, values: &[&str], context: &Context) -> bool {
        let condition = Condition {
            operator: Operator::parse(operator).expect("an operator"),
            key: key.to_owned(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        };
        condition.holds(context, true)
    }

    fn context() -> Context {
        Context::new(vec![
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
    fn each_operator_compares_as_its_name_says() {
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
    fn a_key_that_is_not_there_fits_only_what_is_negated_or_conditional() {
        let context = context();
        let holds = |operator, values: &[&str]| holds(operator, "aws:username", values, &context);
        assert!(!holds("StringEquals", &["a"]));
        assert!(holds("StringNotEquals", &["a"]));
        assert!(holds("StringEqualsIfExists", &["a"]));
        assert!(holds("ForAllValues:StringEquals", &["a"]));
        assert!(!holds("ForAnyValue:StringEquals", &["a"]));
    }

    #[test]
    fn sets_are_compared_value_by_value() {
        let context = context();
        let holds = |operator, values: &[&str]| holds(operator, "aws:TagKeys", values, &context);
        assert!(holds("ForAllValues:StringEquals", &["one", "two", "three"]));
        assert!(!holds("ForAllValues:StringEquals", &["one"]));
        assert!(holds("ForAnyValue:StringLike", &["tw*"]));
    }

    #[test]
    fn what_is_no_operator_is_none() {
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
