//! The conditions of policies: operators, condition keys, and whether a condition holds. From the IAM
//! User Guide, "IAM JSON policy elements: Condition operators".

use std::cmp::Ordering;

use jiff::Timestamp;

use super::request_context::{Found, RequestContext, UnknownVariable};
use super::truth::Truth;
use crate::wildcard::Pattern;

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
    /// Whether it is that of a found value to the value of the condition, which are in this order.
    fn holds(self, order: &Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
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
    /// Whether its values are of the operator's type. Those of variables are not known yet.
    pub(super) fn is_readable(&self) -> bool {
        let is_readable = |value: &String| match self.operator.comparison {
            _ if value.contains("${") => true,
            Comparison::Number(_) => number(value).is_some(),
            Comparison::Date(_) => date(value).is_some(),
            Comparison::IpAddress => in_network(value, "127.0.0.1").is_some(),
            Comparison::Bool | Comparison::Null => ["true", "false"].contains(&&**value),
            _ => true,
        };
        self.values.iter().all(is_readable)
    }

    /// Whether it holds; `has_variables` says whether `${…}` in its values are variables.
    pub fn holds(&self, context: &RequestContext, has_variables: bool) -> Truth {
        let Operator {
            quantifier,
            comparison,
            is_negated,
            if_exists,
        } = self.operator;
        let found = match context.find(&self.key) {
            Found::Unknown => return Truth::Unknown,
            Found::Absent => None,
            Found::Values(values) => Some(values),
        };
        if comparison == Comparison::Null {
            let is_missing = if found.is_none() { "true" } else { "false" };
            return self.values.iter().any(|value| value == is_missing).into();
        }
        let Some(found) = found else {
            // A missing key matches no value, so a negated operator holds.
            let holds = if_exists
                || quantifier == Quantifier::All
                || (is_negated && quantifier == Quantifier::Single);
            return holds.into();
        };
        let compare = Compare {
            comparison,
            is_negated,
            context,
            has_variables,
        };
        let matches = |found: &&str| {
            let values = self.values.iter();
            let matches = values.map(|value| compare.matches(value, found));
            Truth::any(matches).negated_if(is_negated)
        };
        match quantifier {
            Quantifier::All => Truth::all(found.iter().map(matches)),
            Quantifier::Any => Truth::any(found.iter().map(matches)),
            // AWS does not say which of several values counts.
            Quantifier::Single if found.len() > 1 => Truth::Unknown,
            Quantifier::Single => Truth::any(found.iter().map(matches)),
        }
    }
}

/// How the values of one condition are compared with those found in a request.
#[derive(Clone, Copy)]
struct Compare<'a> {
    comparison: Comparison,
    is_negated: bool,
    context: &'a RequestContext,
    has_variables: bool,
}

impl Compare<'_> {
    /// Whether the value found in the request matches one value of the condition.
    fn matches(self, value: &str, found: &str) -> Truth {
        let pattern = || self.context.pattern(value, self.has_variables);
        let relate = |relation: Relation, order| self.decided(order, |order| relation.holds(order));
        match self.comparison {
            Comparison::String => {
                let text = self.literal(value, str::to_owned);
                self.decided(text, |text| text.matches(found))
            }
            Comparison::StringIgnoreCase => {
                let text = self.literal(value, str::to_ascii_lowercase);
                self.decided(text, |text| text.matches(&found.to_ascii_lowercase()))
            }
            Comparison::Like => self.decided(pattern(), |pattern| pattern.matches(found)),
            Comparison::Arn => self.decided(pattern(), |pattern| pattern.matches_arn(found)),
            Comparison::Number(relation) => relate(relation, compare(found, value, number)),
            Comparison::Date(relation) => relate(relation, compare(found, value, date)),
            Comparison::Bool => value.eq_ignore_ascii_case(found).into(),
            Comparison::IpAddress => self.decided(Ok(in_network(value, found)), |is_in| *is_in),
            Comparison::Null => Truth::No,
        }
    }

    /// A text with its variables replaced, in which `*` and `?` are not wildcards; all of it changed
    /// by `change`.
    fn literal(
        self,
        text: &str,
        change: fn(&str) -> String,
    ) -> Result<Option<Pattern>, UnknownVariable> {
        let text = change(text);
        if !self.has_variables {
            return Ok(Some(Pattern::verbatim(&text)));
        }
        Pattern::literal(&text, |name| {
            let value = self.context.variable(name)?;
            Ok(value.map(|value| change(&value)))
        })
    }

    /// What `decide` says. A value that cannot be read, or has a variable without value, matches
    /// nothing. Behind a `Not`, where that would mean that the condition holds, it cannot be told.
    fn decided<T>(
        self,
        read: Result<Option<T>, UnknownVariable>,
        decide: impl FnOnce(&T) -> bool,
    ) -> Truth {
        match read {
            Ok(Some(value)) => decide(&value).into(),
            Ok(None) if !self.is_negated => Truth::No,
            Ok(None) | Err(UnknownVariable) => Truth::Unknown,
        }
    }
}

/// The order of two values; `None` where one of them cannot be read.
fn compare<T: PartialOrd>(
    found: &str,
    value: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<Ordering>, UnknownVariable> {
    let order = |(found, value): (T, T)| found.partial_cmp(&value);
    Ok(read(found).zip(read(value)).and_then(order))
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// A date in ISO 8601 or in seconds since the Unix epoch.
fn date(text: &str) -> Option<Timestamp> {
    match text.parse::<i64>() {
        Ok(seconds) => Timestamp::from_second(seconds).ok(),
        // A day alone is its beginning.
        Err(_) => text
            .parse()
            .or_else(|_| format!("{text}T00:00:00Z").parse())
            .ok(),
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
mod tests;
