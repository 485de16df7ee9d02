//! The settings with which a lab was built, read where they are kept: in the lab.

use std::collections::HashMap;

use super::LabSettings;
use super::resources::read_table_tags;
use crate::aws::{Answer as _, AwsFailure, MayBeAbsent as _};
use crate::context::Context;
use crate::naming::{TAG_LAB, TAG_SETTINGS};

/// The settings of the lab as its queue of orders tells them, or its table; the usual ones where
/// neither is there. Tags that make no sense are warned of, and mended by the next `up`.
///
/// # Errors
/// When the target refuses or cannot be reached.
pub async fn lab_settings(context: &Context<'_>) -> Result<LabSettings, AwsFailure> {
    let lab = context.names.lab().as_str();
    let ours = |tags: &HashMap<String, String>| tags.get(TAG_LAB).is_some_and(|tag| tag == lab);
    let tags = match queue_tags(context).await?.filter(ours) {
        Some(tags) => Some(tags),
        None => table_tags(context).await?.filter(ours),
    };
    let text = tags.as_ref().and_then(|tags| tags.get(TAG_SETTINGS));
    let text = text.map_or("", String::as_str);
    Ok(LabSettings::parse(text).unwrap_or_else(|problem| {
        context.events().warn(format!(
            "The lab's tag {TAG_SETTINGS} makes no sense ({problem}); the usual settings are taken."
        ));
        LabSettings::default()
    }))
}

async fn queue_tags(context: &Context<'_>) -> Result<Option<HashMap<String, String>>, AwsFailure> {
    let sqs = &context.clients.sqs;
    let name = context.names.orders_queue();
    let found = sqs.get_queue_url().queue_name(name).send().await;
    let found = found.of_call("sqs:GetQueueUrl").unless_absent()?;
    let Some(url) = found.and_then(|found| found.queue_url) else {
        return Ok(None);
    };
    let tags = sqs.list_queue_tags().queue_url(url).send().await;
    let tags = tags.of_call("sqs:ListQueueTags").unless_absent()?;
    Ok(tags.and_then(|found| found.tags))
}

async fn table_tags(context: &Context<'_>) -> Result<Option<HashMap<String, String>>, AwsFailure> {
    let dynamodb = &context.clients.dynamodb;
    let name = context.names.table();
    // Asked for the tags of a table that is not there, DynamoDB says that access is denied.
    let found = dynamodb.describe_table().table_name(&name).send().await;
    let found = found.of_call("dynamodb:DescribeTable").unless_absent()?;
    if found.is_none() {
        return Ok(None);
    }
    let tags = read_table_tags(dynamodb, &context.names.table_arn(&name)).await;
    tags.unless_absent()
}
