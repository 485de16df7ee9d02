//! What the fuzz target checks of the requests to the tagging API.

use super::{GetResources, GetTagKeys, GetTagValues};
use crate::error::AwsError;
use crate::fuzzing::engines::first_line;
use crate::fuzzing::services::{check_refusal, typed};
use crate::protocol::json::read;
use crate::tagging::DIALECT;
use crate::tagging::engine::{Tagged, page};

/// An operation's name, then a body, which is read or refused. A resource that is selected has all
/// the keys that the selection names, and no page is larger than requested.
pub fn tagging_json(data: &[u8]) {
    let (operation, body) = first_line(data);
    check_refusal(
        &DIALECT,
        match operation {
            b"GetTagKeys" => typed::<GetTagKeys>(body),
            b"GetTagValues" => typed::<GetTagValues>(body),
            _ => resources(body),
        },
    );
}

fn resources(body: &[u8]) -> Result<(), AwsError> {
    let input: GetResources = read(body)?;
    let (size, token) = (input.resources_per_page, input.pagination_token.clone());
    let selection = input.selection()?;
    let resource = Tagged {
        arn: "arn:aws:sqs:us-east-1:000000000000:q".to_owned(),
        tags: [("lab".to_owned(), "a".to_owned())].into(),
    };
    if selection.matches(&resource) {
        let mut keys = selection.tags.iter().map(|(key, _)| key);
        assert!(keys.all(|key| key == "lab"));
        let named = selection.arns.contains(&resource.arn);
        assert!(named || selection.arns.is_empty());
    }
    let all = vec!["c", "a", "b"];
    let (found, next) = page(all, |name| (*name).to_owned(), size, &token)?;
    assert!(found.is_sorted() && found.len() <= size.map_or(3, |size| size as usize));
    assert!(next.is_empty() || !found.is_empty());
    Ok(())
}
