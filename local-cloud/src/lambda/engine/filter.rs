//! Which messages of a queue a mapping's function receives: `FilterCriteria`.
//!
//! A pattern is an EventBridge pattern for the record that the function would receive. [`parse`]
//! reads patterns, [`matching`] applies them to records.
//!
//! Sources: Lambda's developer guide, "Control which events Lambda sends to your function" and
//! "Using event filtering with an Amazon SQS event source". Valid patterns and what they match,
//! including arrays and absent fields, are those of `aws/event-ruler`, on which EventBridge runs.

mod matching;
mod parse;
mod pattern;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::invalid;
use super::validate;
use crate::error::AwsError;
use pattern::Fields;

/// How many filters a mapping may have; AWS raises the quota to 10 on request.
const FILTERS: usize = 5;

/// The filters of a mapping. Without filters every message is accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct FilterCriteria(Arc<[Filter]>);

#[derive(Debug, PartialEq, Eq)]
struct Filter {
    text: String,
    pattern: Fields,
}

impl FilterCriteria {
    /// Reads the patterns, each a JSON object as text.
    ///
    /// # Errors
    /// `InvalidParameterValueException` for invalid patterns and for too many of them,
    /// `ValidationException` for one that is too long.
    pub fn parse(patterns: Vec<String>) -> Result<Self, AwsError> {
        if patterns.len() > FILTERS {
            return Err(invalid(format!(
                "The filter criteria may have at most {FILTERS} filters, not {}.",
                patterns.len()
            )));
        }
        let filters = patterns.into_iter().enumerate().map(|(index, text)| {
            validate::filter_pattern(&text, index + 1)?;
            let pattern = parse::pattern(&text)
                .ok_or_else(|| invalid("Invalid filter pattern definition."))?;
            Ok(Filter { text, pattern })
        });
        Ok(Self(filters.collect::<Result<_, AwsError>>()?))
    }

    /// Whether there are no filters.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The patterns as they were given.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|filter| filter.text.as_str())
    }

    /// Whether a record, as the function would receive it, matches at least one filter.
    ///
    /// A body that is a JSON object or array is matched by patterns for its members, and any other
    /// body by patterns for a plain string; if body and pattern are not of one kind, the message is
    /// dropped. AWS only documents "valid JSON". Here a number or a quoted text counts as a plain
    /// string, because it has no members.
    pub fn accept(&self, mut record: Value) -> bool {
        if self.is_empty() {
            return true;
        }
        if let Some(body) = record.get_mut(matching::BODY)
            && let Some(text) = body.as_str()
            && let Ok(json) = serde_json::from_str::<Value>(text)
            && (json.is_object() || json.is_array())
        {
            *body = json;
        }
        let matches = |filter: &Filter| matching::matches(&filter.pattern, &record);
        self.0.iter().any(matches)
    }
}

impl TryFrom<Vec<String>> for FilterCriteria {
    type Error = AwsError;

    fn try_from(patterns: Vec<String>) -> Result<Self, AwsError> {
        Self::parse(patterns)
    }
}

impl From<FilterCriteria> for Vec<String> {
    fn from(criteria: FilterCriteria) -> Self {
        criteria.patterns().map(ToOwned::to_owned).collect()
    }
}

#[cfg(test)]
mod tests;
