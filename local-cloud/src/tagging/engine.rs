//! Tagged resources of all services: which of them a request asks for, page by page. The rules are
//! those of the Resource Groups Tagging API's reference.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::AwsError;
use crate::protocol::page_token;

/// The most resources of a page.
const LARGEST_PAGE: u32 = 100;

/// The most filters by tags, and values of one of them.
const MAX_FILTERS: usize = 50;
const MAX_VALUES: usize = 20;

/// A resource with its tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagged {
    /// Its ARN.
    pub arn: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// What a request asks for: resources that fit in all three ways. An empty list is no bound.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Keys of tags, each with the values of which one must be there; any where there is none.
    pub tags: Vec<(String, Vec<String>)>,
    /// Kinds, `sqs` or `dynamodb:table`, of which one must be the resource's.
    pub types: Vec<String>,
    /// ARNs.
    pub arns: BTreeSet<String>,
}

impl Selection {
    /// Refuses what AWS refuses.
    ///
    /// # Errors
    /// `InvalidParameterException`.
    pub fn check(&self) -> Result<(), AwsError> {
        let filters = self.tags.len() + self.types.len();
        if !self.arns.is_empty() && filters > 0 {
            return Err(invalid(
                "ResourceARNList cannot be used together with TagFilters or ResourceTypeFilters.",
            ));
        }
        if self.arns.len() > 100 {
            return Err(invalid("ResourceARNList can have at most 100 ARNs."));
        }
        if self.tags.len() > MAX_FILTERS {
            let message = format!("TagFilters can have at most {MAX_FILTERS} filters.");
            return Err(invalid(message));
        }
        for (key, values) in &self.tags {
            if key.is_empty() || key.chars().count() > 128 {
                return Err(invalid("A filter's Key has 1 to 128 characters."));
            }
            if values.len() > MAX_VALUES || values.iter().any(|value| value.chars().count() > 256) {
                let message =
                    format!("A filter has at most {MAX_VALUES} values of at most 256 characters.");
                return Err(invalid(message));
            }
        }
        let is_name = |part: &str| {
            let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_./".contains(letter);
            !part.is_empty() && part.chars().all(fits)
        };
        for kind in &self.types {
            let (service, kind_of) = kind.split_once(':').unwrap_or((kind, "any"));
            if !is_name(service) || !is_name(kind_of) {
                let message = format!(
                    "'{kind}' is no resource type: it is SERVICE or SERVICE:TYPE, as in an ARN."
                );
                return Err(invalid(message));
            }
        }
        Ok(())
    }

    /// Whether a resource is asked for.
    pub fn takes(&self, resource: &Tagged) -> bool {
        let tagged = |(key, values): &(String, Vec<String>)| {
            let own = resource.tags.get(key);
            own.is_some_and(|own| values.is_empty() || values.contains(own))
        };
        (self.arns.is_empty() || self.arns.contains(&resource.arn))
            && (self.types.is_empty() || self.types.iter().any(|kind| is_of(&resource.arn, kind)))
            && self.tags.iter().all(tagged)
    }
}

/// Whether an ARN is one of this kind: `SERVICE`, or `SERVICE:TYPE` where the ARN names its type.
fn is_of(arn: &str, kind: &str) -> bool {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (service, resource) = (parts.next(), parts.nth(2).unwrap_or_default());
    match kind.split_once(':') {
        None => service == Some(kind),
        Some((of, kind)) => {
            let own = resource.split_once([':', '/']).map(|(own, _)| own);
            service == Some(of) && own == Some(kind)
        }
    }
}

/// The page of a list, ordered by `key`, behind the one that `token` ended, and its own token,
/// which is empty where nothing follows. Without a size a page is as large as it may be.
///
/// # Errors
/// `InvalidParameterException` for a token that is none and a size that is out of range.
pub fn page<T>(
    mut items: Vec<T>,
    key: impl Fn(&T) -> String,
    size: Option<u32>,
    token: &str,
) -> Result<(Vec<T>, String), AwsError> {
    let size = size.unwrap_or(LARGEST_PAGE);
    if !(1..=LARGEST_PAGE).contains(&size) {
        let message = format!("ResourcesPerPage is 1 to {LARGEST_PAGE}, not {size}.");
        return Err(invalid(message));
    }
    if !token.is_empty() {
        let after = page_token::read(token)
            .ok_or_else(|| invalid("The PaginationToken is none that was given out."))?;
        items.retain(|item| key(item) > after);
    }
    items.sort_by_key(&key);
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let more = items.len() > size;
    items.truncate(size);
    let last = items.last().filter(|_| more);
    let token = last
        .map(|item| page_token::write(&key(item)))
        .unwrap_or_default();
    Ok((items, token))
}

/// The error for what a request must not say.
pub fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidParameterException", 400, message)
}

#[cfg(test)]
mod tests;
