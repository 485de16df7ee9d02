//! The condition keys of PartiQL statements (DynamoDB Developer Guide, "IAM security policies with
//! PartiQL for DynamoDB"). What cannot be told for certain is unknown.

use dynoxide::AttributeValue;

use super::conditions::{Attributes, ItemConditions, plain_number, return_values, text};
use super::partiql::Statement;
use super::partiql_tokens::Token;
use crate::dynamodb::Tables;
use crate::iam::RequiredPermission;
use crate::service::ContextValue;

/// Words that are not attributes.
const KEYWORDS: [&str; 21] = [
    "SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "BETWEEN", "IS", "MISSING", "NULL",
    "TRUE", "FALSE", "SET", "REMOVE", "VALUE", "INSERT", "INTO", "UPDATE", "DELETE", "EXISTS",
];

/// A statement with its parameters.
pub(super) struct Call<'a> {
    pub(super) statement: &'a Statement,
    pub(super) parameters: &'a [AttributeValue],
    pub(super) enclosing_operation: Option<&'static str>,
    pub(super) return_consumed_capacity: Option<String>,
}

impl Call<'_> {
    /// Adds the condition keys to a permission.
    pub(super) fn conditions(self, tables: &Tables, on: RequiredPermission) -> RequiredPermission {
        let Statement {
            action,
            table,
            index,
            rest,
            projection,
        } = self.statement;
        let key = tables.schemas().partition_key(table, index.as_deref());
        let value = key.and_then(|key| match *action {
            "PartiQLInsert" => inserted(rest, &key, self.parameters),
            _ => selected(rest, &key, self.parameters),
        });
        let is_select = *action == "PartiQLSelect";
        let is_all = projection.iter().any(|token| token.is_sign("*"));
        let select = if is_all {
            "ALL_ATTRIBUTES"
        } else {
            "SPECIFIC_ATTRIBUTES"
        };
        let leading_keys = value.as_ref().map(|value| match value {
            Leading::Value(value) => vec![value.clone()],
            Leading::None => Vec::new(),
        });
        let conditions = ItemConditions {
            leading_keys,
            attributes: attributes(action, projection, rest),
            enclosing_operation: self.enclosing_operation,
            return_consumed_capacity: self.return_consumed_capacity,
            return_values: (!is_select).then(|| returned(rest)).flatten(),
            select: is_select.then(|| select.to_owned()),
        };
        let scan = match value {
            Some(Leading::Value(_)) => ContextValue::Text("false".to_owned()),
            Some(Leading::None) => ContextValue::Text("true".to_owned()),
            None => ContextValue::Unknown,
        };
        let scan = if is_select {
            scan
        } else {
            ContextValue::Absent
        };
        conditions.of(on).with("dynamodb:FullTableScan", scan)
    }
}

/// Which partition key a statement is for.
enum Leading {
    Value(String),
    /// All of them.
    None,
}

/// The partition key of the item that a statement inserts; `None` where it cannot be told.
fn inserted(rest: &[Token], key: &str, parameters: &[AttributeValue]) -> Option<Leading> {
    let mut depth = 0;
    let mut found = None;
    for (at, token) in rest.iter().enumerate() {
        match token {
            Token::Sign(sign) if "{[(<".contains(&**sign) => depth += 1,
            Token::Sign(sign) if "}])>".contains(&**sign) => depth -= 1,
            Token::Text(name) | Token::Quoted(name)
                if depth == 1
                    && name == key
                    && rest.get(at + 1).is_some_and(|next| next.is_sign(":")) =>
            {
                let value = value(rest, at + 2, parameters)?;
                if found.replace(value).is_some() {
                    return None;
                }
            }
            _ => {}
        }
    }
    found.map(Leading::Value)
}

/// The partition key that a statement's `WHERE` gives; `None` where it cannot be told.
fn selected(rest: &[Token], key: &str, parameters: &[AttributeValue]) -> Option<Leading> {
    let Some(start) = rest.iter().position(|token| token.is("WHERE")) else {
        return Some(Leading::None);
    };
    let conditions = rest.get(start + 1..)?;
    let is_unclear = |token: &Token| {
        token.is_any(&["OR", "NOT", "IN", "CASE", "EXISTS"])
            || token.is_any(&["SELECT", "WHERE"])
            || matches!(token, Token::Sign(sign) if "([{".contains(&**sign))
    };
    if conditions.iter().any(is_unclear) {
        return None;
    }
    let mut found = None;
    for (at, token) in conditions.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| conditions.get(before));
        if before.is_some_and(|before| before.is_sign(".")) || token.name() != Some(key) {
            continue;
        }
        let begins = before.is_none_or(|before| before.is("AND"));
        let is_equal = conditions.get(at + 1).is_some_and(|next| next.is_sign("="));
        let ends = conditions.get(at + 3).is_none_or(|next| {
            next.is_sign(";") || next.is_any(&["AND", "ORDER", "RETURNING", "SET", "REMOVE"])
        });
        if !begins || !is_equal || !ends || found.is_some() {
            return None;
        }
        let read = |position| value(rest, position, parameters);
        found = Some(read(start + 1 + at + 2)?);
    }
    Some(found.map_or(Leading::None, Leading::Value))
}

/// The value at a position: a literal, or the parameter that its `?` stands for.
fn value(rest: &[Token], at: usize, parameters: &[AttributeValue]) -> Option<String> {
    match rest.get(at)? {
        Token::Text(text) => Some(text.clone()),
        Token::Number(number) => plain_number(number),
        token if token.is_sign("?") => {
            let before = rest.get(..at)?;
            let index = before.iter().filter(|token| token.is_sign("?")).count();
            text(parameters.get(index)?)
        }
        _ => None,
    }
}

/// The top-level attributes that a statement names. Where one of its keywords may be an attribute they
/// cannot be told.
fn attributes(action: &str, projection: &[Token], rest: &[Token]) -> Attributes {
    let rest = match rest
        .iter()
        .position(|token| token.is_any(&["RETURNING", "ORDER"]))
    {
        Some(end) => rest.get(..end).unwrap_or_default(),
        None => rest,
    };
    let count = |keyword| {
        let all = projection.iter().chain(rest);
        all.filter(|token| token.is(keyword)).count()
    };
    let is_inserted = action == "PartiQLInsert";
    // A parameter may stand for the whole item.
    let is_written_out = rest.first().is_some_and(|token| token.is("VALUE"))
        && rest.get(1).is_some_and(|token| token.is_sign("{"));
    let are_clear = KEYWORDS[..3].iter().all(|keyword| count(keyword) <= 1)
        && count("VALUE") <= usize::from(is_inserted)
        && projection.iter().all(|token| !token.is_any(&KEYWORDS));
    if !are_clear || is_inserted && !is_written_out {
        return Attributes::unknown();
    }
    let mut depth = 0;
    let mut names = Vec::new();
    for list in [projection, rest] {
        for (at, token) in list.iter().enumerate() {
            let next = list.get(at + 1);
            let before = at.checked_sub(1).and_then(|before| list.get(before));
            let is_nested = before.is_some_and(|before| before.is_sign("."));
            let is_call = next.is_some_and(|next| next.is_sign("("));
            match token {
                Token::Sign(sign) if "{[".contains(&**sign) => depth += 1,
                Token::Sign(sign) if "}]".contains(&**sign) => depth -= 1,
                Token::Text(name) if is_inserted && depth == 1 => {
                    names.extend(next.filter(|next| next.is_sign(":")).map(|_| name.clone()));
                }
                Token::Quoted(name) if !is_nested => names.push(name.clone()),
                Token::Word(name) if !is_nested && !is_call && !token.is_any(&KEYWORDS) => {
                    names.push(name.clone());
                }
                _ => {}
            }
        }
    }
    Attributes::default().and(names)
}

/// What a statement returns of the item that it writes.
fn returned(rest: &[Token]) -> Option<String> {
    let Some(at) = rest.iter().position(|token| token.is("RETURNING")) else {
        return return_values(None);
    };
    let word = |at: usize| Some(rest.get(at)?.name()?.to_ascii_uppercase());
    let which = match word(at + 1)?.as_str() {
        "ALL" => "ALL",
        _ => "UPDATED",
    };
    Some(format!("{which}_{}", word(at + 2)?))
}
