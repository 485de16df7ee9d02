//! A second evaluator of identity policies, written from the IAM User Guide ("Policy evaluation logic",
//! "IAM JSON policy elements") without a look at the first. It parses the JSON itself, keeps nothing, and
//! is slow. Tests and fuzz targets hold the first one against it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::evaluate::Decision;

/// A request. A key that is not listed is absent from it; one without values cannot be told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    pub(crate) action: String,
    pub(crate) resource: String,
    /// By names in small letters.
    pub(crate) keys: BTreeMap<String, Vec<String>>,
}

/// Whether something holds; `None` where it cannot be told.
type Holds = Option<bool>;

/// The decision of these policies.
pub(crate) fn decide(policies: &[Value], request: &Request) -> Decision {
    let mut is_allowed = false;
    let mut is_denied = false;
    for policy in policies {
        let has_variables = policy["Version"] == "2012-10-17";
        for statement in list(&policy["Statement"]) {
            let applies = applies(statement, request, has_variables);
            match statement["Effect"].as_str() {
                Some("Allow") => is_allowed |= applies == Some(true),
                // What cannot be told denies.
                _ => is_denied |= applies != Some(false),
            }
        }
    }
    match (is_denied, is_allowed) {
        (true, _) => Decision::ExplicitDeny,
        (false, true) => Decision::Allowed,
        (false, false) => Decision::ImplicitDeny,
    }
}

fn applies(statement: &Value, request: &Request, has_variables: bool) -> Holds {
    let action = element(statement, "Action", "NotAction", |pattern, _| {
        let pattern = letters(&pattern.to_ascii_lowercase());
        let action: Vec<char> = request.action.to_ascii_lowercase().chars().collect();
        Some(wild(&pattern, &action))
    });
    let resource = element(
        statement,
        "Resource",
        "NotResource",
        |pattern, is_negated| match filled(pattern, request, has_variables) {
            Filled::Letters(pattern) => Some(arn(&pattern, &request.resource)),
            Filled::NoValue if !is_negated => Some(false),
            Filled::NoValue | Filled::Unknown => None,
        },
    );
    let mut all = vec![action, resource];
    for (operator, keys) in statement["Condition"].as_object().into_iter().flatten() {
        for (key, values) in keys.as_object().into_iter().flatten() {
            let values: Vec<String> = list(values).iter().map(|value| scalar(value)).collect();
            all.push(condition(operator, key, &values, request, has_variables));
        }
    }
    every(&all)
}

fn element(
    statement: &Value,
    name: &str,
    negated: &str,
    matches: impl Fn(&str, bool) -> Holds,
) -> Holds {
    let is_negated = statement.get(name).is_none();
    let Some(items) = statement.get(name).or_else(|| statement.get(negated)) else {
        return Some(false);
    };
    let items = list(items);
    let all: Vec<Holds> = items
        .iter()
        .map(|item| matches(item.as_str().unwrap_or_default(), is_negated))
        .collect();
    not_if(is_negated, some(&all))
}

/// Whether one condition holds.
pub(crate) fn condition(
    operator: &str,
    key: &str,
    values: &[String],
    request: &Request,
    has_variables: bool,
) -> Holds {
    let found = request.keys.get(&key.to_ascii_lowercase());
    if found.is_some_and(Vec::is_empty) {
        return None;
    }
    if operator == "Null" {
        let is_missing = if found.is_none() { "true" } else { "false" };
        return Some(values.iter().any(|value| value == is_missing));
    }
    let (set, operator) = operator.split_once(':').unwrap_or(("", operator));
    let required = operator.strip_suffix("IfExists");
    let plain = required.unwrap_or(operator);
    let is_negated = plain.contains("Not");
    let comparison = plain.replacen("Not", "", 1);
    let Some(found) = found else {
        return Some(required.is_some() || set == "ForAllValues" || (is_negated && set.is_empty()));
    };
    let one = |found: &String| {
        let all: Vec<Holds> = values
            .iter()
            .map(|value| {
                compare(
                    &comparison,
                    value,
                    found,
                    request,
                    (has_variables, is_negated),
                )
            })
            .collect();
        not_if(is_negated, some(&all))
    };
    let all: Vec<Holds> = found.iter().map(one).collect();
    match set {
        "ForAllValues" => every(&all),
        "" if found.len() > 1 => None,
        _ => some(&all),
    }
}

fn compare(
    comparison: &str,
    value: &str,
    found: &str,
    request: &Request,
    (has_variables, is_negated): (bool, bool),
) -> Holds {
    let by_text = |matches: &dyn Fn(&[Letter]) -> bool| match filled(value, request, has_variables)
    {
        Filled::Letters(letters) => Some(matches(&letters)),
        Filled::NoValue if !is_negated => Some(false),
        Filled::NoValue | Filled::Unknown => None,
    };
    let unread = if is_negated { None } else { Some(false) };
    let text = |letters: &[Letter]| letters.iter().map(|one| one.is).collect::<String>();
    let order = |read: &dyn Fn(&str) -> Option<f64>| {
        let order = read(found)?.partial_cmp(&read(value)?)?;
        let relation = comparison
            .trim_start_matches("Numeric")
            .trim_start_matches("Date");
        Some(match relation {
            "Equals" => order.is_eq(),
            "LessThan" => order.is_lt(),
            "LessThanEquals" => order.is_le(),
            "GreaterThan" => order.is_gt(),
            _ => order.is_ge(),
        })
    };
    match comparison {
        "StringEquals" | "BinaryEquals" => by_text(&|letters| text(letters) == found),
        "StringEqualsIgnoreCase" => by_text(&|letters| text(letters).eq_ignore_ascii_case(found)),
        "StringLike" => {
            let found: Vec<char> = found.chars().collect();
            by_text(&|letters| wild(letters, &found))
        }
        "ArnEquals" | "ArnLike" => by_text(&|letters| arn(letters, found)),
        "Bool" => Some(value.eq_ignore_ascii_case(found)),
        "IpAddress" => in_range(value, found).map_or(unread, Some),
        number if number.starts_with("Numeric") => {
            order(&|text| text.parse().ok()).map_or(unread, Some)
        }
        _ => order(&|text| seconds(text)).map_or(unread, Some),
    }
}

/// A character of a pattern; one of a variable's value is no wildcard.
#[derive(Debug, Clone, Copy)]
struct Letter {
    is: char,
    is_literal: bool,
}

fn letters(text: &str) -> Vec<Letter> {
    let letter = |is| Letter {
        is,
        is_literal: false,
    };
    text.chars().map(letter).collect()
}

enum Filled {
    Letters(Vec<Letter>),
    NoValue,
    Unknown,
}

fn filled(text: &str, request: &Request, has_variables: bool) -> Filled {
    if !has_variables {
        return Filled::Letters(letters(text));
    }
    let mut all = Vec::new();
    let mut parts = text.split("${");
    all.extend(letters(parts.next().unwrap_or_default()));
    let mut rest = text.strip_prefix(&*all.iter().map(|one| one.is).collect::<String>());
    while let Some(inside) = rest.and_then(|rest| rest.strip_prefix("${")) {
        let Some((variable, after)) = inside.split_once('}') else {
            return Filled::NoValue;
        };
        let (name, default) = match variable.split_once(',') {
            Some((name, default)) => (name.trim(), Some(default.trim().trim_matches('\''))),
            None => (variable.trim(), None),
        };
        let value = match request.keys.get(&name.to_ascii_lowercase()) {
            _ if ["*", "?", "$"].contains(&name) => Some(name),
            Some(values) if values.len() != 1 => return Filled::Unknown,
            Some(values) => values.first().map(String::as_str),
            None => default,
        };
        let Some(value) = value else {
            return Filled::NoValue;
        };
        all.extend(value.chars().map(|is| Letter {
            is,
            is_literal: true,
        }));
        let end = after.find("${").unwrap_or(after.len());
        let (plain, more) = after.split_at(end);
        all.extend(letters(plain));
        rest = Some(more);
    }
    Filled::Letters(all)
}

/// Whether a text matches a pattern: the table of all their prefixes.
fn wild(pattern: &[Letter], text: &[char]) -> bool {
    let mut table = vec![vec![false; text.len() + 1]; pattern.len() + 1];
    for row in 0..=pattern.len() {
        for column in 0..=text.len() {
            table[row][column] = if row == 0 {
                column == 0
            } else {
                let letter = pattern[row - 1];
                let before = column > 0 && table[row - 1][column - 1];
                match (letter.is, letter.is_literal) {
                    ('*', false) => {
                        table[row - 1][column] || (column > 0 && table[row][column - 1])
                    }
                    ('?', false) => before,
                    (is, _) => before && text[column - 1] == is,
                }
            };
        }
    }
    table[pattern.len()][text.len()]
}

/// Whether an ARN matches a pattern, each of its six parts by itself.
fn arn(pattern: &[Letter], text: &str) -> bool {
    if let [
        Letter {
            is: '*',
            is_literal: false,
        },
    ] = pattern
    {
        return true;
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let patterns: Vec<&[Letter]> = pattern.splitn(6, |letter| letter.is == ':').collect();
    if patterns.len() > parts.len() {
        return false;
    }
    let is_open = patterns
        .last()
        .and_then(|last| last.last())
        .is_some_and(|last| last.is == '*' && !last.is_literal);
    let matches = patterns
        .iter()
        .zip(&parts)
        .all(|(pattern, part)| wild(pattern, &part.chars().collect::<Vec<_>>()));
    matches && (patterns.len() == parts.len() || is_open)
}

fn in_range(range: &str, address: &str) -> Option<bool> {
    let bits = |text: &str| -> Option<Vec<bool>> {
        let bytes = match text.parse().ok()? {
            std::net::IpAddr::V4(four) => four.octets().to_vec(),
            std::net::IpAddr::V6(six) => six.octets().to_vec(),
        };
        let bits = bytes
            .iter()
            .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1));
        Some(bits.collect())
    };
    let (base, length) = match range.split_once('/') {
        Some((base, length)) => (bits(base)?, length.parse::<u32>().ok()?),
        None => (bits(range)?, u32::try_from(bits(range)?.len()).ok()?),
    };
    let address = bits(address)?;
    let length = usize::try_from(length).ok()?;
    let fits = base.len() == address.len() && length <= base.len();
    Some(
        fits && base
            .iter()
            .zip(&address)
            .take(length)
            .all(|(one, other)| one == other),
    )
}

/// Seconds since the Unix epoch.
fn seconds(text: &str) -> Option<f64> {
    if let Ok(seconds) = text.parse::<i64>() {
        let time = jiff::Timestamp::from_second(seconds).ok()?;
        return Some(time.as_second() as f64);
    }
    let time: Result<jiff::Timestamp, _> = text.parse();
    let time = time.or_else(|_| format!("{text}T00:00:00Z").parse());
    Some(time.ok()?.as_duration().as_secs_f64())
}

fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(all) => all.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn every(all: &[Holds]) -> Holds {
    if all.contains(&Some(false)) {
        Some(false)
    } else if all.contains(&None) {
        None
    } else {
        Some(true)
    }
}

fn some(all: &[Holds]) -> Holds {
    if all.contains(&Some(true)) {
        Some(true)
    } else if all.contains(&None) {
        None
    } else {
        Some(false)
    }
}

fn not_if(is_negated: bool, holds: Holds) -> Holds {
    holds.map(|holds| holds != is_negated)
}

#[cfg(test)]
mod tests;
