//! What a lab holds: the depths of its queues and the orders in its table.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::scan::builders::ScanFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Select};
use aws_sdk_sqs::types::QueueAttributeName;
use order::wire::table;

use super::Redelivery;
use crate::aws::{Answer as _, AwsFailure, Class, Clients};
use crate::context::Context;
use crate::error::CommandError;
use crate::messages::{QueueDepth, depth, redrive_policy};
use crate::runs::OrderId;

/// Reads the queues and the table of a lab.
#[derive(Debug, Clone)]
pub(crate) struct LabReader {
    clients: Clients,
    orders_url: String,
    dead_letter_url: String,
    table: String,
    is_local: bool,
}

/// How often an order may be received before SQS moves it to the dead-letter queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReceiveLimit {
    /// How often; `None` for any number of times.
    max_receives: Option<u32>,
    /// When a setting of the queue was last changed, in seconds since the Unix epoch; `None` where the
    /// server does not say.
    since_seconds: Option<u64>,
}

impl ReceiveLimit {
    /// The limit that has held ever since a time in milliseconds since the Unix epoch; `None` where
    /// there is none, or it may have been another one.
    pub(crate) fn ever_since(self, milliseconds: u64) -> Option<u32> {
        let is_same = self.since_seconds? < milliseconds / 1000;
        self.max_receives.filter(|_| is_same)
    }
}

/// How many orders the table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OrderCount {
    /// How many, at least.
    pub orders: u64,
    /// Whether there are no more.
    pub is_exact: bool,
}

/// How many pages of 1 MB are counted on AWS, about 60,000 orders. Each takes 128 read units, so
/// all of them cost about $0.0002.
const COUNTED_PAGES: u32 = 10;

/// A stored order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredOrder {
    /// The order's number: the key.
    pub number: u64,
    /// The order's other fields as JSON text.
    pub details: String,
    /// Which order of which run it is, where the message said so.
    pub id: Option<OrderId>,
}

impl LabReader {
    /// Finds the lab; `None` where one of its queues does not exist.
    ///
    /// # Errors
    /// When its target refuses.
    pub(crate) async fn find(context: &Context<'_>) -> Result<Option<Self>, AwsFailure> {
        let clients = context.clients.clone();
        let names = &context.names;
        let urls = tokio::try_join!(
            queue_url(&clients, names.orders_queue()),
            queue_url(&clients, names.dead_letter_queue()),
        );
        match urls {
            Ok((orders_url, dead_letter_url)) => Ok(Some(Self {
                clients,
                orders_url,
                dead_letter_url,
                table: names.table(),
                is_local: context.target.is_local(),
            })),
            Err(failure) if failure.class == Class::NotFound => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// The URL of the queue of orders.
    pub(crate) fn orders_url(&self) -> &str {
        &self.orders_url
    }

    /// The URL of the dead-letter queue.
    pub(crate) fn dead_letter_url(&self) -> &str {
        &self.dead_letter_url
    }

    /// How many messages the queue of orders holds. On AWS the counts may lag by a minute.
    ///
    /// # Errors
    /// When the target refuses or cannot be reached.
    pub(crate) async fn orders_depth(&self) -> Result<QueueDepth, AwsFailure> {
        depth(&self.clients.sqs, &self.orders_url).await
    }

    /// How many messages the dead-letter queue holds. On AWS the counts may lag by a minute.
    ///
    /// # Errors
    /// When the target refuses or cannot be reached.
    pub(crate) async fn dead_letter_depth(&self) -> Result<QueueDepth, AwsFailure> {
        depth(&self.clients.sqs, &self.dead_letter_url).await
    }

    /// The rules by which the queue of orders delivers again, whose time passes `speed` times as fast
    /// as on AWS.
    ///
    /// # Errors
    /// When the target refuses or cannot be reached.
    pub(crate) async fn redelivery(&self, speed: u32) -> Result<Redelivery, AwsFailure> {
        use QueueAttributeName as Name;
        let names = [Name::VisibilityTimeout, Name::RedrivePolicy];
        let attributes = self.attributes(&self.orders_url, &names).await?;
        let text = |name: &Name| attributes.get(name).map(String::as_str);
        Ok(Redelivery {
            visibility_timeout: text(&names[0])
                .and_then(|text| text.parse().ok())
                .unwrap_or_default(),
            max_receives: text(&names[1]).and_then(max_receives),
            speed,
        })
    }

    /// How often an order may be received, and since when that is so.
    ///
    /// # Errors
    /// When the target refuses or cannot be reached.
    pub(crate) async fn receive_limit(&self) -> Result<ReceiveLimit, AwsFailure> {
        use QueueAttributeName as Name;
        let names = [Name::RedrivePolicy, Name::LastModifiedTimestamp];
        let attributes = self.attributes(&self.orders_url, &names).await?;
        let text = |name: &Name| attributes.get(name).map(String::as_str);
        Ok(ReceiveLimit {
            max_receives: text(&names[0]).and_then(max_receives),
            since_seconds: text(&names[1]).and_then(|text| text.parse().ok()),
        })
    }

    async fn attributes(
        &self,
        url: &str,
        names: &[QueueAttributeName],
    ) -> Result<HashMap<QueueAttributeName, String>, AwsFailure> {
        let request = self.clients.sqs.get_queue_attributes().queue_url(url);
        let reply = request.set_attribute_names(Some(names.to_vec())).send();
        let attributes = reply.await.of_call("sqs:GetQueueAttributes")?.attributes;
        Ok(attributes.unwrap_or_default())
    }

    /// How many orders the table holds.
    ///
    /// The local cloud's own count is exact. AWS's may be six hours old, so there the orders are
    /// counted, which is billed as reading them, as far as [`COUNTED_PAGES`]; of a larger table
    /// at least so many are known.
    ///
    /// # Errors
    /// When the target refuses or cannot be reached.
    pub(crate) async fn count_orders(&self) -> Result<OrderCount, AwsFailure> {
        if self.is_local {
            return Ok(OrderCount {
                orders: self.described_count().await?,
                is_exact: true,
            });
        }
        let counted = self.scan().consistent_read(false).select(Select::Count);
        let mut pages = counted.into_paginator().send();
        let (mut orders, mut read) = (0, 0);
        while let Some(page) = pages.next().await {
            let page = page.of_call("dynamodb:Scan")?;
            orders += u64::try_from(page.count()).unwrap_or_default();
            read += 1;
            if read == COUNTED_PAGES && page.last_evaluated_key().is_some() {
                return Ok(OrderCount {
                    orders: orders.max(self.described_count().await?),
                    is_exact: false,
                });
            }
        }
        Ok(OrderCount {
            orders,
            is_exact: true,
        })
    }

    /// The number of items by the table's description.
    async fn described_count(&self) -> Result<u64, AwsFailure> {
        let call = self.clients.dynamodb.describe_table();
        let answer = call.table_name(&self.table).send().await;
        let table = answer.of_call("dynamodb:DescribeTable")?.table;
        let count = table.and_then(|table| table.item_count);
        Ok(count
            .and_then(|count| u64::try_from(count).ok())
            .unwrap_or_default())
    }

    /// Passes every stored order to `each`, with one page in memory at a time.
    ///
    /// # Errors
    /// When the target refuses or cannot be reached.
    pub(crate) async fn for_each_order(
        &self,
        mut each: impl FnMut(StoredOrder),
    ) -> Result<(), AwsFailure> {
        let mut pages = self.scan().into_paginator().send();
        while let Some(page) = pages.next().await {
            page.of_call("dynamodb:Scan")?
                .items
                .unwrap_or_default()
                .iter()
                .map(stored_order)
                .for_each(&mut each);
        }
        Ok(())
    }

    fn scan(&self) -> ScanFluentBuilder {
        let scan = self.clients.dynamodb.scan();
        scan.table_name(&self.table).consistent_read(true)
    }
}

/// The maximum receive count of a redrive policy.
fn max_receives(policy: &str) -> Option<u32> {
    redrive_policy(policy).map(|policy| policy.max_receives)
}

async fn queue_url(clients: &Clients, name: String) -> Result<String, AwsFailure> {
    let reply = clients.sqs.get_queue_url().queue_name(name).send().await;
    let found = reply.of_call("sqs:GetQueueUrl")?;
    Ok(found.queue_url.unwrap_or_default())
}

/// The error for a lab that does not exist.
pub(crate) fn does_not_exist(context: &Context<'_>) -> CommandError {
    let lab = context.names.lab();
    CommandError::not_found(format!(
        "the lab {lab} does not exist, in {}",
        context.target
    ))
    .hint(format!("{} builds it.", context.command("up")))
}

fn stored_order(attributes: &HashMap<String, AttributeValue>) -> StoredOrder {
    let number = |name: &str| attributes.get(name)?.as_n().ok()?.parse().ok();
    let text = |name: &str| attributes.get(name)?.as_s().ok().cloned();
    StoredOrder {
        // A key that is not an order number was written by somebody else; no order has number 0.
        number: number(table::ID).unwrap_or_default(),
        details: text(table::ORDER_DETAILS).unwrap_or_default(),
        id: text(table::RUN)
            .zip(number(table::RUN_INDEX))
            .map(|(run, index)| OrderId { run, index }),
    }
}
