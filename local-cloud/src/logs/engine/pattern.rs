//! Filter patterns: terms, phrases, and a comparison on a JSON event.
//!
//! See "Filter pattern syntax" in the CloudWatch Logs User Guide. Space-delimited and regular
//! expression patterns and compound JSON patterns are refused.

use serde_json::Value;

use crate::error::AwsError;

/// A parsed pattern.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pattern {
    required: Vec<String>,
    optional: Vec<String>,
    excluded: Vec<String>,
    json: Option<Comparison>,
}

#[derive(Debug, Clone, PartialEq)]
struct Comparison {
    pointer: String,
    equal: bool,
    operand: String,
}

impl Pattern {
    /// Parses a pattern; an empty one matches everything.
    ///
    /// # Errors
    /// `InvalidParameterException` for a pattern that is malformed or not supported.
    pub fn parse(text: &str) -> Result<Self, AwsError> {
        let text = text.trim();
        if let Some(inner) = text.strip_prefix('{') {
            let inner = inner.strip_suffix('}').ok_or_else(|| invalid(text))?;
            return Ok(Self {
                json: Some(Comparison::parse(inner).ok_or_else(|| invalid(text))?),
                ..Self::default()
            });
        }
        if text.starts_with(['[', '%']) {
            return Err(invalid(text));
        }
        let mut pattern = Self::default();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let (list, tail) = match first {
                '?' => (&mut pattern.optional, rest.get(1..)),
                '-' => (&mut pattern.excluded, rest.get(1..)),
                _ => (&mut pattern.required, Some(rest)),
            };
            let (term, after) = term(tail.unwrap_or_default()).ok_or_else(|| invalid(text))?;
            list.push(term);
            rest = after.trim_start();
        }
        Ok(pattern)
    }

    /// Whether the pattern matches the message of an event.
    pub fn matches(&self, message: &str) -> bool {
        let has = |term: &String| message.contains(term.as_str());
        self.json.as_ref().is_none_or(|json| json.matches(message))
            && self.required.iter().all(has)
            && !self.excluded.iter().any(has)
            && (self.optional.is_empty()
                || !self.required.is_empty()
                || self.optional.iter().any(has))
    }
}

/// The first term of `text`, quoted or not, and the rest of the text.
fn term(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        let (term, after) = text.split_at_checked(end)?;
        let plain = !term.is_empty() && !term.contains('"');
        return plain.then(|| (term.to_owned(), after));
    };
    let mut term = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((term, quoted.get(at + 1..)?)),
            '\\' => term.push(chars.next()?.1),
            _ => term.push(c),
        }
    }
    None
}

impl Comparison {
    fn parse(text: &str) -> Option<Self> {
        let selector = text.trim().strip_prefix("$.")?;
        let end = selector.find(['=', '!', '<', '>', ' '])?;
        let (path, rest) = selector.split_at_checked(end)?;
        let is_allowed = |c: char| c.is_alphanumeric() || "_-.".contains(c);
        if path.is_empty() || !path.chars().all(is_allowed) {
            return None;
        }
        let rest = rest.trim_start();
        let (equal, operand) = match rest.strip_prefix("!=") {
            Some(operand) => (false, operand),
            None => (true, rest.strip_prefix('=')?),
        };
        let (operand, after) = term(operand.trim())?;
        after.trim().is_empty().then(|| Self {
            pointer: format!("/{}", path.replace('.', "/")),
            equal,
            operand,
        })
    }

    /// An event that is not JSON, or does not have the property, never matches.
    fn matches(&self, message: &str) -> bool {
        let event: Value = serde_json::from_str(message).unwrap_or_default();
        let is = match event.pointer(&self.pointer) {
            Some(Value::String(text)) => like(&self.operand, text),
            Some(Value::Number(number)) => match self.operand.parse::<f64>() {
                Ok(operand) => number.as_f64() == Some(operand),
                Err(_) => false,
            },
            _ => return false,
        };
        is == self.equal
    }
}

/// Compares a text with a pattern in which `*` stands for any characters.
fn like(pattern: &str, text: &str) -> bool {
    crate::wildcard::Pattern::stars(pattern).matches(text)
}

fn invalid(pattern: &str) -> AwsError {
    AwsError::new(
        "InvalidParameterException",
        400,
        format!("Invalid filter pattern, or one that this local cloud does not support: {pattern}"),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(pattern: &str, message: &str) -> bool {
        Pattern::parse(pattern).unwrap().matches(message)
    }

    #[test]
    fn terms_phrases_and_signs_are_matched() {
        assert!(matches("", "anything"));
        assert!(matches("ERROR order", "an order ERROR"));
        assert!(!matches("ERROR order", "ERROR"));
        assert!(matches("\"bad order\"", "a bad order"));
        assert!(!matches("\"bad order\"", "order bad"));
        assert!(matches("?a ?b", "xb"));
        assert!(!matches("?a ?b", "xc"));
        assert!(!matches("ERROR -order", "ERROR order"));
    }

    #[test]
    fn json_properties_are_compared() {
        let line = r#"{"reason":"bad_price","n":{"k":3}}"#;
        assert!(matches(r#"{ $.reason = "bad_price" }"#, line));
        assert!(matches(r#"{$.reason="bad*"}"#, line));
        assert!(matches("{ $.n.k = 3 }", line));
        assert!(!matches("{ $.n.k != 3 }", line));
        assert!(!matches(r#"{ $.none != "x" }"#, line));
        for refused in [
            "{ $.a = 1 && $.b = 2 }",
            "[a, b]",
            "%x%",
            "{ $.a > 1 }",
            "\"open",
        ] {
            assert!(Pattern::parse(refused).is_err(), "{refused}");
        }
    }

    proptest! {
        #[test]
        fn no_pattern_panics(pattern in any::<String>(), message in any::<String>()) {
            if let Ok(pattern) = Pattern::parse(&pattern) {
                pattern.matches(&message);
            }
        }
    }
}
