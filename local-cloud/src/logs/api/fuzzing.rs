//! Properties of CloudWatch Logs' JSON.

use super::{DIALECT, events, groups};
use crate::error::AwsError;
use crate::fuzzing::engines::{PLACE, first_line};
use crate::fuzzing::services::{check_refusal, typed};
use crate::logs::engine::{Loaded, LogStore};

/// An operation's name, then a body: it is read or refused; so are the tokens of pages.
pub fn logs_json(data: &[u8]) {
    let (operation, body) = first_line(data);
    check_refusal(&DIALECT, read(operation, body));
}

fn read(operation: &[u8], body: &[u8]) -> Result<(), AwsError> {
    match operation {
        b"CreateLogGroup" | b"DeleteLogGroup" => typed::<groups::GroupInput>(body),
        b"CreateLogStream" | b"DeleteLogStream" => typed::<groups::StreamInput>(body),
        b"PutRetentionPolicy" => typed::<groups::RetentionInput>(body),
        b"DescribeLogGroups" => typed::<groups::DescribeGroupsInput>(body),
        b"DescribeLogStreams" => typed::<groups::DescribeStreamsInput>(body),
        b"TagResource" => typed::<groups::TagsInput>(body),
        b"PutLogEvents" => typed::<events::PutInput>(body),
        b"GetLogEvents" => typed::<events::GetInput>(body),
        b"FilterLogEvents" => typed::<events::FilterInput>(body),
        b"token" => {
            let text = String::from_utf8_lossy(body);
            events::direction(&text).map(drop)?;
            events::position(&text).map(drop)
        }
        _ => Ok(()),
    }
}

/// The name of the group that the service would take a request to be about.
pub(crate) fn named(name: Option<&str>, identifier: Option<&str>) -> Option<String> {
    let store = LogStore::load(PLACE.0, PLACE.1, Loaded::default()).ok()?;
    let name = groups::group_name(&store, name, identifier).ok()?;
    Some(name.to_owned())
}
