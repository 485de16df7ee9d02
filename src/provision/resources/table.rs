//! The DynamoDB table of stored orders.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    TableDescription, TableStatus, Tag,
};
use futures_util::future::BoxFuture;

use super::Tags;
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
        Ok(match self.tags.are_on(lab) {
            false => Observed::Foreign,
            true if table.table_status() == Some(&TableStatus::Active) => Observed::InSync,
            true => Observed::Drifted(vec!["status".to_owned()]),
        })
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
            if *observed == Observed::Absent {
                patience.call(|| self.create()).await?;
            }
            let active = || async {
                let table = self.describe().await?;
                Ok(table.is_some_and(|table| table.table_status == Some(TableStatus::Active)))
            };
            patience
                .until("DynamoDB has not made the table active yet", active)
                .await
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
