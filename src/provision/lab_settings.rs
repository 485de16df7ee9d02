//! Reads the settings with which a lab was built from the tags of the lab's resources.

use std::collections::HashMap;

use super::LabSettings;
use super::resources::read_table_tags;
use crate::aws::{Answer as _, AwsFailure, MayBeAbsent as _};
use crate::context::Context;
use crate::naming::{TAG_LAB, TAG_SETTINGS};

/// The settings in the tags of the lab's orders queue, or else of its table; the defaults where
/// neither exists. An invalid tag causes a warning, and is replaced by the next `up`.
///
/// # Errors
/// When the target refuses or cannot be reached.
pub(crate) async fn lab_settings(context: &Context<'_>) -> Result<LabSettings, AwsFailure> {
    let lab = context.names.lab().as_str();
    let is_ours = |tags: &HashMap<String, String>| tags.get(TAG_LAB).is_some_and(|tag| tag == lab);
    let tags = match queue_tags(context).await?.filter(is_ours) {
        Some(tags) => Some(tags),
        None => table_tags(context).await?.filter(is_ours),
    };
    let text = tags
        .as_ref()
        .and_then(|tags| tags.get(TAG_SETTINGS))
        .map_or("", String::as_str);
    Ok(LabSettings::parse(text).unwrap_or_else(|problem| {
        context.events().warn(format!(
            "The lab's tag {TAG_SETTINGS} is invalid ({problem}); the default settings are used."
        ));
        LabSettings::default()
    }))
}

async fn queue_tags(context: &Context<'_>) -> Result<Option<HashMap<String, String>>, AwsFailure> {
    let sqs = &context.clients.sqs;
    let name = context.names.orders_queue();
    let answer = sqs.get_queue_url().queue_name(name).send().await;
    let found = answer.of_call("sqs:GetQueueUrl").unless_absent()?;
    let Some(url) = found.and_then(|found| found.queue_url) else {
        return Ok(None);
    };
    let answer = sqs.list_queue_tags().queue_url(url).send().await;
    let listed = answer.of_call("sqs:ListQueueTags").unless_absent()?;
    Ok(listed.and_then(|listed| listed.tags))
}

async fn table_tags(context: &Context<'_>) -> Result<Option<HashMap<String, String>>, AwsFailure> {
    let dynamodb = &context.clients.dynamodb;
    let name = context.names.table();
    // DynamoDB denies access to the tags of a table that does not exist.
    let answer = dynamodb.describe_table().table_name(&name).send().await;
    let found = answer.of_call("dynamodb:DescribeTable").unless_absent()?;
    if found.is_none() {
        return Ok(None);
    }
    let tags = read_table_tags(dynamodb, &context.names.table_arn(&name)).await;
    tags.unless_absent()
}
