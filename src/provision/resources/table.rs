//! The DynamoDB table of stored orders.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    TableDescription, TableStatus, Tag,
};
use futures_util::future::BoxFuture;

use super::{Tags, differences, drifted};
use crate::aws::{AwsFailure, Class, failure};
use crate::naming::TAG_LAB;
use crate::provision::wait::Patience;
use crate::provision::{Observed, Problem, Resource};

pub(in crate::provision) struct Table {
    pub(in crate::provision) client: aws_sdk_dynamodb::Client,
    pub(in crate::provision) name: String,
    pub(in crate::provision) tags: Tags,
}

impl Table {
    async fn describe(&self) -> Result<Option<TableDescription>, Problem> {
        let answer = self
            .client
            .describe_table()
            .table_name(&self.name)
            .send()
            .await;
        match answer.map_err(|error| failure("dynamodb:DescribeTable", error)) {
            Ok(answer) => Ok(answer.table),
            Err(error) if error.class == Class::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn look(&self) -> Result<Observed, Problem> {
        let Some(table) = self.describe().await? else {
            return Ok(Observed::Absent);
        };
        let call = self.client.list_tags_of_resource();
        let tags = call
            .resource_arn(table.table_arn().unwrap_or_default())
            .send()
            .await;
        let tags = tags.map_err(|error| failure("dynamodb:ListTagsOfResource", error))?;
        let lab = tags
            .tags()
            .iter()
            .find(|tag| tag.key() == TAG_LAB)
            .map(Tag::value);
        Ok(if self.tags.are_on(lab) {
            drifted(differing(&table))
        } else {
            Observed::Foreign
        })
    }

    async fn bill_on_demand(&self) -> Result<(), AwsFailure> {
        let call = self.client.update_table().table_name(&self.name);
        let sent = call.billing_mode(BillingMode::PayPerRequest).send().await;
        sent.map(drop)
            .map_err(|error| failure("dynamodb:UpdateTable", error))
    }

    async fn active(&self, patience: &Patience) -> Result<(), Problem> {
        let active = || async {
            let table = self.describe().await?;
            Ok(table.is_some_and(|table| table.table_status == Some(TableStatus::Active)))
        };
        patience
            .until("DynamoDB has not made the table active yet", active)
            .await
    }

    async fn create(&self) -> Result<(), AwsFailure> {
        let missing = "every required member is given";
        let tag = |(key, value): (String, String)| {
            Tag::builder().key(key).value(value).build().expect(missing)
        };
        let id = AttributeDefinition::builder()
            .attribute_name("id")
            .attribute_type(ScalarAttributeType::N);
        let key = KeySchemaElement::builder()
            .attribute_name("id")
            .key_type(KeyType::Hash);
        let call = self.client.create_table().table_name(&self.name);
        let call = call.attribute_definitions(id.build().expect(missing));
        let call = call
            .key_schema(key.build().expect(missing))
            .billing_mode(BillingMode::PayPerRequest);
        let sent = call
            .set_tags(Some(self.tags.map().into_iter().map(tag).collect()))
            .send()
            .await;
        sent.map(drop)
            .map_err(|error| failure("dynamodb:CreateTable", error))
    }
}

const KEY: &str = "key";
const BILLING: &str = "billing mode";

/// The names of the settings that are not as wanted.
fn differing(table: &TableDescription) -> Vec<String> {
    let key = match table.key_schema() {
        [one] => one.attribute_name() == "id" && one.key_type() == &KeyType::Hash,
        _ => false,
    };
    let number = table
        .attribute_definitions()
        .iter()
        .any(|one| one.attribute_name() == "id" && one.attribute_type() == &ScalarAttributeType::N);
    // A table that never was billed on demand has no summary.
    let billing = table
        .billing_mode_summary()
        .and_then(|summary| summary.billing_mode());
    differences(&[
        (KEY, key && number),
        (BILLING, billing == Some(&BillingMode::PayPerRequest)),
        ("status", table.table_status() == Some(&TableStatus::Active)),
    ])
}

impl Resource for Table {
    fn kind(&self) -> &'static str {
        "table"
    }
    fn name(&self) -> String {
        self.name.clone()
    }
    fn inspect(&self) -> BoxFuture<'_, Result<Observed, Problem>> {
        Box::pin(self.look())
    }

    fn ensure<'a>(
        &'a self,
        observed: &'a Observed,
        patience: &'a Patience,
    ) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let differs = |what: &str| matches!(observed, Observed::Drifted(all) if all.iter().any(|one| one == what));
            if differs(KEY) {
                return Err(Problem::Key);
            }
            if *observed == Observed::Absent {
                patience.call(|| self.create()).await?;
            }
            self.active(patience).await?;
            if differs(BILLING) {
                patience.call(|| self.bill_on_demand()).await?;
                self.active(patience).await?;
            }
            Ok(())
        })
    }

    fn delete<'a>(&'a self, patience: &'a Patience) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let delete = || async {
                let sent = self
                    .client
                    .delete_table()
                    .table_name(&self.name)
                    .send()
                    .await;
                sent.map(drop)
                    .map_err(|error| failure("dynamodb:DeleteTable", error))
            };
            patience.call(delete).await?;
            let gone = || async { Ok(self.describe().await?.is_none()) };
            patience
                .until("DynamoDB is still deleting the table", gone)
                .await
        })
    }
}
