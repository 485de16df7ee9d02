//! What policies need to know of DynamoDB's expressions: which attributes they name, and the value
//! that a key condition gives the partition key.

use std::collections::HashMap;

use dynoxide::AttributeValue;

/// The words of expressions that are not attributes. DynamoDB reserves them.
const KEYWORDS: [&str; 9] = [
    "ADD", "AND", "BETWEEN", "DELETE", "IN", "NOT", "OR", "REMOVE", "SET",
];

/// The names behind the `#name`s of a request.
pub(super) type Names = Option<HashMap<String, String>>;

/// The values behind the `:value`s of a request.
pub(super) type Values = Option<HashMap<String, AttributeValue>>;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token<'a> {
    /// A top-level attribute.
    Attribute(String),
    /// A `:value`, with its colon.
    Value(&'a str),
    Equals,
    /// Anything else.
    Other,
}

/// The top-level attributes that an expression names; `None` where that cannot be told.
pub(super) fn attributes(expression: &str, names: &Names) -> Option<Vec<String>> {
    let tokens = tokens(expression, names)?.into_iter();
    let attributes = tokens.filter_map(|token| match token {
        Token::Attribute(name) => Some(name),
        _ => None,
    });
    Some(attributes.collect())
}

/// The value that a key condition gives the partition key; `None` where that cannot be told.
pub(super) fn partition_value<'a>(
    expression: &str,
    (names, values): (&Names, &'a Values),
    partition_key: &str,
) -> Option<&'a AttributeValue> {
    let tokens = tokens(expression, names)?;
    let mut equalities = tokens.windows(3).filter_map(|three| match three {
        [Token::Attribute(name), Token::Equals, Token::Value(value)] if name == partition_key => {
            Some(*value)
        }
        _ => None,
    });
    let (value, None) = (equalities.next()?, equalities.next()) else {
        return None;
    };
    let mentions =
        |token: &&Token<'_>| matches!(token, Token::Attribute(name) if name == partition_key);
    let is_once = tokens.iter().filter(mentions).count() == 1;
    values.as_ref()?.get(value).filter(|_| is_once)
}

fn tokens<'a>(expression: &'a str, names: &Names) -> Option<Vec<Token<'a>>> {
    let mut tokens = Vec::new();
    let mut rest = expression.trim_ascii_start();
    let mut is_nested = false;
    while let Some(first) = rest.chars().next() {
        let after = rest.get(first.len_utf8()..)?;
        let end = after.find(|c| !is_of_name(c)).unwrap_or(after.len());
        let tail = after.get(end..)?;
        let (token, tail) = match first {
            '#' => {
                let alias = rest.get(..=end)?;
                let name = names.as_ref()?.get(alias)?.clone();
                (Token::Attribute(name), tail)
            }
            ':' => (Token::Value(rest.get(..=end)?), tail),
            c if c.is_ascii_alphabetic() || c == '_' => {
                let word = rest.get(..=end)?;
                let is_keyword = KEYWORDS.iter().any(|one| one.eq_ignore_ascii_case(word));
                let is_function = tail.trim_ascii_start().starts_with('(');
                let attribute = || Token::Attribute(word.to_owned());
                let is_other = is_keyword || is_function;
                (if is_other { Token::Other } else { attribute() }, tail)
            }
            '=' => (Token::Equals, after),
            '<' | '>' | '+' | '-' | '(' | ')' | '[' | ']' | ',' | '.' | '0'..='9' => {
                (Token::Other, after)
            }
            _ => return None,
        };
        // What follows a dot is inside the attribute before it.
        if is_nested && matches!(token, Token::Attribute(_)) {
            tokens.push(Token::Other);
        } else {
            tokens.push(token);
        }
        is_nested = first == '.';
        rest = tail.trim_ascii_start();
    }
    Some(tokens)
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Some(
            [("#d", "date"), ("#x", "a.b")]
                .map(|(a, b)| (a.to_owned(), b.to_owned()))
                .into(),
        )
    }

    #[test]
    fn expressions_name_their_attributes() {
        let attributes = |text| attributes(text, &names());
        let some = |all: &[&str]| Some(all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>());
        assert_eq!(
            attributes("a, #d, m.c[0].d, #x.#d"),
            some(&["a", "date", "m", "a.b"])
        );
        assert_eq!(
            attributes("SET a = if_not_exists(b, :v), c.d = c.d + :one REMOVE e"),
            some(&["a", "b", "c", "c", "e"])
        );
        assert_eq!(
            attributes("attribute_not_exists (id) AND NOT size(x) BETWEEN :a AND :b"),
            some(&["id", "x"])
        );
        assert_eq!(attributes("#unknown = :v"), None);
        assert_eq!(attributes("a ? b"), None);
    }

    #[test]
    fn key_conditions_give_the_partition_key() {
        let value = AttributeValue::S("mine".to_owned());
        let values: Values = Some([(":v".to_owned(), value.clone())].into());
        let find = |text| partition_value(text, (&names(), &values), "date");
        assert_eq!(find("#d = :v AND begins_with(b, :p)"), Some(&value));
        assert_eq!(find("(date=:v)"), Some(&value));
        assert_eq!(find("other = :v"), None);
        assert_eq!(find("date = :v AND date = :v"), None);
        assert_eq!(find("m.date = :v"), None);
        assert_eq!(find("date = :unknown"), None);
    }
}
