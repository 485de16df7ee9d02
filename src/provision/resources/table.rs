//! The DynamoDB table of stored orders.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ProvisionedThroughput,
    ScalarAttributeType, TableDescription, TableStatus, Tag,
};

use super::compare::{Comparison, Tags, about};
use crate::aws::{Answer as _, AwsFailure, MayBeAbsent as _};
use crate::provision::resource::Described;
use crate::provision::settings::Billing;
use crate::provision::wait::{WaitReason, Waiter};
use crate::provision::{Difference, Observed, Problem, Resource};

/// Bounded like DynamoDB's own waiters: 25 attempts, 20 s apart.
const CREATING: WaitReason = WaitReason::new("DynamoDB has not made the table active yet", 500);
const DELETING: WaitReason = WaitReason::new("DynamoDB is still deleting the table", 500);

const KEY: &str = "key";
const BILLING: &str = "billing";
const PROTECTION: &str = "deletion protection";
/// Why the SDK's builders cannot fail here.
const GIVEN: &str = "every required member is given";

pub(in crate::provision) struct Table {
    pub(in crate::provision) client: aws_sdk_dynamodb::Client,
    pub(in crate::provision) name: String,
    pub(in crate::provision) arn: String,
    pub(in crate::provision) billing: Billing,
    pub(in crate::provision) tags: Tags,
}

impl Table {
    async fn describe(&self) -> Result<Option<TableDescription>, AwsFailure> {
        let call = self.client.describe_table().table_name(&self.name);
        let answer = call.send().await.of_call("dynamodb:DescribeTable");
        Ok(answer.unless_absent()?.and_then(|found| found.table))
    }

    fn differences(&self, found: &TableDescription) -> Vec<Difference> {
        let status = found.table_status().map_or("", TableStatus::as_str);
        let protection = found.deletion_protection_enabled().unwrap_or(false);
        let mut comparison = Comparison::default();
        comparison
            .of(KEY, key(found), "id (N, HASH)")
            .of(BILLING, billing(found), self.billing)
            .of(PROTECTION, protection, false)
            .of("status", status, TableStatus::Active.as_str());
        comparison.0
    }

    /// Turns deletion protection off. DynamoDB takes one change at a time.
    async fn unprotect(&self) -> Result<(), AwsFailure> {
        let call = self.client.update_table().table_name(&self.name);
        let answer = call.deletion_protection_enabled(false).send().await;
        answer.of_call("dynamodb:UpdateTable").map(drop)
    }

    async fn set_billing(&self) -> Result<(), AwsFailure> {
        let call = self
            .client
            .update_table()
            .table_name(&self.name)
            .billing_mode(mode(self.billing))
            .set_provisioned_throughput(throughput(self.billing));
        call.send().await.of_call("dynamodb:UpdateTable").map(drop)
    }

    async fn wait_until_active(&self, waiter: &Waiter) -> Result<(), Problem> {
        let is_active = || async {
            let table = self.describe().await?;
            Ok(table.is_some_and(|table| table.table_status == Some(TableStatus::Active)))
        };
        waiter.until(&CREATING, is_active).await
    }

    async fn create_it(&self) -> Result<(), AwsFailure> {
        let id = AttributeDefinition::builder()
            .attribute_name("id")
            .attribute_type(ScalarAttributeType::N);
        let key = KeySchemaElement::builder()
            .attribute_name("id")
            .key_type(KeyType::Hash);
        let call = self
            .client
            .create_table()
            .table_name(&self.name)
            .attribute_definitions(id.build().expect(GIVEN))
            .key_schema(key.build().expect(GIVEN))
            .billing_mode(mode(self.billing))
            .set_provisioned_throughput(throughput(self.billing))
            .set_tags(Some(tag_list(self.tags.map())));
        call.send().await.of_call("dynamodb:CreateTable").map(drop)
    }
}

/// The tags of the table with this ARN.
pub(in crate::provision) async fn read_tags(
    client: &aws_sdk_dynamodb::Client,
    arn: &str,
) -> Result<HashMap<String, String>, AwsFailure> {
    let mut tags = HashMap::new();
    let mut next = None;
    loop {
        let call = client
            .list_tags_of_resource()
            .resource_arn(arn)
            .set_next_token(next);
        let page = call.send().await.of_call("dynamodb:ListTagsOfResource")?;
        let pairs = page.tags().iter();
        tags.extend(pairs.map(|tag| (tag.key().to_owned(), tag.value().to_owned())));
        next = page.next_token;
        if next.is_none() {
            return Ok(tags);
        }
    }
}

fn tag_list(tags: HashMap<String, String>) -> Vec<Tag> {
    let tag = |(key, value)| Tag::builder().key(key).value(value).build().expect(GIVEN);
    tags.into_iter().map(tag).collect()
}

fn mode(billing: Billing) -> BillingMode {
    match billing {
        Billing::OnDemand => BillingMode::PayPerRequest,
        Billing::Provisioned { .. } => BillingMode::Provisioned,
    }
}

fn throughput(billing: Billing) -> Option<ProvisionedThroughput> {
    let Billing::Provisioned { read, write } = billing else {
        return None;
    };
    let throughput = ProvisionedThroughput::builder()
        .read_capacity_units(read.into())
        .write_capacity_units(write.into());
    Some(throughput.build().expect(GIVEN))
}

/// A table's key as text: `id (N, HASH)`.
fn key(table: &TableDescription) -> String {
    let kind = |name: &str| {
        let mut all = table.attribute_definitions().iter();
        let found = all.find(|one| one.attribute_name() == name);
        found.map_or("", |one| one.attribute_type().as_str())
    };
    let part = |one: &KeySchemaElement| {
        let name = one.attribute_name();
        format!("{name} ({}, {})", kind(name), one.key_type().as_str())
    };
    let parts: Vec<String> = table.key_schema().iter().map(part).collect();
    parts.join(", ")
}

fn state(differences: Vec<Difference>, found: &TableDescription) -> Observed {
    if found.table_status() == Some(&TableStatus::Deleting) {
        Observed::Broken(differences)
    } else if about(&differences, KEY) {
        Observed::Unfit(differences)
    } else {
        Observed::ours(differences)
    }
}

/// How a table is billed. A table that was never billed on demand has no summary.
fn billing(table: &TableDescription) -> String {
    let summary = table.billing_mode_summary();
    if summary.and_then(|summary| summary.billing_mode()) == Some(&BillingMode::PayPerRequest) {
        return Billing::OnDemand.to_string();
    }
    let units = |units: Option<i64>| {
        units
            .and_then(|units| u32::try_from(units).ok())
            .unwrap_or(0)
    };
    let found = table.provisioned_throughput();
    Billing::Provisioned {
        read: units(found.and_then(|found| found.read_capacity_units())),
        write: units(found.and_then(|found| found.write_capacity_units())),
    }
    .to_string()
}

impl Described for Table {
    fn kind(&self) -> &'static str {
        "table"
    }
    fn name(&self) -> String {
        self.name.clone()
    }
    fn tags(&self) -> HashMap<String, String> {
        self.tags.map()
    }
}

impl Resource for Table {
    async fn inspect(&self) -> Result<Observed, Problem> {
        let Some(table) = self.describe().await? else {
            return Ok(Observed::Absent);
        };
        let tags = match read_tags(&self.client, &self.arn).await {
            Ok(tags) => tags,
            // For a table deleted in between, DynamoDB denies access to the tags.
            Err(error) => match self.describe().await? {
                None => return Ok(Observed::Absent),
                Some(_) => return Err(error.into()),
            },
        };
        let state = |differences| state(differences, &table);
        Ok(self.tags.classify(&tags, self.differences(&table), state))
    }

    async fn create(&self, waiter: &Waiter) -> Result<(), Problem> {
        waiter.call(|| self.create_it()).await?;
        self.wait_until_active(waiter).await
    }

    async fn update(&self, differences: &[Difference], waiter: &Waiter) -> Result<(), Problem> {
        self.wait_until_active(waiter).await?;
        if about(differences, PROTECTION) {
            waiter.call(|| self.unprotect()).await?;
            self.wait_until_active(waiter).await?;
        }
        if about(differences, BILLING) {
            waiter.call(|| self.set_billing()).await?;
            self.wait_until_active(waiter).await?;
        }
        Ok(())
    }

    async fn tag(&self, tags: HashMap<String, String>, waiter: &Waiter) -> Result<(), Problem> {
        let tag = || async {
            let call = self.client.tag_resource().resource_arn(&self.arn);
            let answer = call.set_tags(Some(tag_list(tags.clone()))).send().await;
            answer.of_call("dynamodb:TagResource").map(drop)
        };
        waiter.call(tag).await
    }

    async fn delete(&self, waiter: &Waiter) -> Result<(), Problem> {
        let delete = || async {
            let call = self.client.delete_table().table_name(&self.name);
            call.send().await.of_call("dynamodb:DeleteTable").map(drop)
        };
        waiter.call(delete).await?;
        let is_gone = || async { Ok(self.describe().await?.is_none()) };
        waiter.until(&DELETING, is_gone).await
    }
}
