//! What the lab holds: how deep its queues are and what is in its table.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, Select};
use aws_sdk_sqs::types::QueueAttributeName;
use order::wire::table;
use serde::Serialize;

use crate::aws::{Answer as _, AwsFailure, Class, Clients};
use crate::context::Context;
use crate::error::CommandError;

/// A lab that is there.
#[derive(Debug, Clone)]
pub struct LabReader {
    clients: Clients,
    /// The URL of the queue of orders.
    pub orders_url: String,
    /// The URL of the dead-letter queue.
    pub dead_url: String,
    table: String,
}

/// How many messages a queue holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct QueueDepth {
    /// Ready to be received.
    pub visible: u64,
    /// Received and neither deleted nor visible again.
    pub in_flight: u64,
    /// Sent with a delay that has not ended.
    pub delayed: u64,
}

impl QueueDepth {
    /// All of them.
    pub fn total(self) -> u64 {
        self.visible + self.in_flight + self.delayed
    }
}

/// A stored order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOrder {
    /// The order's number: the key.
    pub number: u64,
    /// The order's other fields as JSON text.
    pub details: String,
    /// The run and the index in it, where the message told them.
    pub place: Option<(String, u64)>,
}

impl LabReader {
    /// Finds the lab; `None` where one of its queues is not there.
    ///
    /// # Errors
    /// When its target refuses.
    pub async fn find(context: &Context<'_>) -> Result<Option<Self>, AwsFailure> {
        let clients = context.clients.clone();
        let names = &context.names;
        let urls = tokio::try_join!(
            queue_url(&clients, names.orders_queue()),
            queue_url(&clients, names.dead_letter_queue()),
        );
        match urls {
            Ok((orders_url, dead_url)) => Ok(Some(Self {
                clients,
                orders_url,
                dead_url,
                table: names.table(),
            })),
            Err(failure) if failure.class == Class::NotFound => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Finds the lab.
    ///
    /// # Errors
    /// When it is not there, or its target refuses.
    pub async fn at(context: &Context<'_>) -> Result<Self, CommandError> {
        let found = Self::find(context).await?;
        found.ok_or_else(|| not_there(context))
    }

    /// How many messages a queue holds.
    ///
    /// # Errors
    /// When the target refuses or cannot be reached.
    pub async fn depth(&self, url: &str) -> Result<QueueDepth, AwsFailure> {
        use QueueAttributeName as Name;
        let names = [
            Name::ApproximateNumberOfMessages,
            Name::ApproximateNumberOfMessagesNotVisible,
            Name::ApproximateNumberOfMessagesDelayed,
        ];
        let request = self.clients.sqs.get_queue_attributes().queue_url(url);
        let reply = request
            .set_attribute_names(Some(names.to_vec()))
            .send()
            .await;
        let reply = reply.of_call("sqs:GetQueueAttributes")?;
        let attributes = reply.attributes.unwrap_or_default();
        let [visible, in_flight, delayed] = names.map(|name| {
            attributes
                .get(&name)
                .and_then(|text| text.parse().ok())
                .unwrap_or_default()
        });
        Ok(QueueDepth {
            visible,
            in_flight,
            delayed,
        })
    }

    /// How many orders the table holds.
    ///
    /// # Errors
    /// When the target refuses or cannot be reached.
    pub async fn count_items(&self) -> Result<u64, AwsFailure> {
        let request = self
            .clients
            .dynamodb
            .scan()
            .table_name(&self.table)
            .consistent_read(true);
        let mut pages = request.select(Select::Count).into_paginator().send();
        let mut count = 0;
        while let Some(page) = pages.next().await {
            let page = page.of_call("dynamodb:Scan")?;
            count += u64::try_from(page.count()).unwrap_or_default();
        }
        Ok(count)
    }

    /// Hands every stored order to `each`, a page in memory at a time.
    ///
    /// # Errors
    /// When the target refuses or cannot be reached.
    pub async fn items(&self, mut each: impl FnMut(StoredOrder)) -> Result<(), AwsFailure> {
        let request = self
            .clients
            .dynamodb
            .scan()
            .table_name(&self.table)
            .consistent_read(true);
        let mut pages = request.into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.of_call("dynamodb:Scan")?;
            page.items
                .unwrap_or_default()
                .iter()
                .map(item)
                .for_each(&mut each);
        }
        Ok(())
    }
}

async fn queue_url(clients: &Clients, name: String) -> Result<String, AwsFailure> {
    let reply = clients.sqs.get_queue_url().queue_name(name).send().await;
    let reply = reply.of_call("sqs:GetQueueUrl")?;
    Ok(reply.queue_url.unwrap_or_default())
}

/// The error for a lab that is not there.
pub fn not_there(context: &Context<'_>) -> CommandError {
    let lab = context.names.lab();
    CommandError::not_found(format!(
        "the lab {lab} does not exist, in {}",
        context.target
    ))
    .hint(format!("{} builds it.", context.command("up")))
}

fn item(attributes: &HashMap<String, AttributeValue>) -> StoredOrder {
    let number = |name: &str| attributes.get(name)?.as_n().ok()?.parse().ok();
    let text = |name: &str| attributes.get(name)?.as_s().ok().cloned();
    StoredOrder {
        // A key that is no order number was written by somebody else; 0 is no order's number.
        number: number(table::ID).unwrap_or_default(),
        details: text(table::ORDER_DETAILS).unwrap_or_default(),
        place: text(table::RUN).zip(number(table::RUN_INDEX)),
    }
}
