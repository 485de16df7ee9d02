//! A function's role with its one inline policy.

use std::collections::HashMap;

use aws_sdk_iam::types::Tag;
use futures_util::future::BoxFuture;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{Comparison, Tags, about};
use crate::aws::{AwsFailure, Class, failure};
use crate::provision::wait::Patience;
use crate::provision::{Difference, Observed, Problem, Resource, policy};

/// The inline policy's name.
const POLICY: &str = "orders-lab";

const TRUST: &str = "trust policy";
const GRANTED: &str = "policy";
const OTHERS: &str = "other policies";

pub(in crate::provision) struct Role {
    pub(in crate::provision) client: aws_sdk_iam::Client,
    pub(in crate::provision) name: String,
    pub(in crate::provision) policy: Value,
    pub(in crate::provision) tags: Tags,
}

/// Policies of a role beside the lab's own.
#[derive(Debug, Default)]
struct Others {
    /// The names of inline ones.
    inline: Vec<String>,
    /// The ARNs of attached ones.
    attached: Vec<String>,
}

/// IAM gives documents percent-encoded.
fn same(found: &str, wanted: &Value) -> bool {
    let text = percent_decode_str(found).decode_utf8_lossy();
    serde_json::from_str::<Value>(&text).is_ok_and(|value| value == *wanted)
}

fn tag_list(tags: HashMap<String, String>) -> Vec<Tag> {
    let tag = |(key, value): (String, String)| {
        let tag = Tag::builder().key(key).value(value).build();
        tag.expect("key and value are given")
    };
    tags.into_iter().map(tag).collect()
}

impl Role {
    async fn look(&self) -> Result<Observed, Problem> {
        let answer = self.client.get_role().role_name(&self.name).send().await;
        let role = match answer.map_err(|error| failure("iam:GetRole", error)) {
            Ok(answer) => answer.role.ok_or(Problem::Answer("iam:GetRole"))?,
            Err(error) if error.class == Class::NotFound => return Ok(Observed::Absent),
            Err(error) => return Err(error.into()),
        };
        let found = role.tags().iter();
        let found = found.map(|tag| (tag.key().to_owned(), tag.value().to_owned()));
        let Some(mut differ) = self.tags.differences(&found.collect()) else {
            return Ok(Observed::Foreign);
        };
        let trust = role.assume_role_policy_document().unwrap_or_default();
        let (granted, others) = tokio::try_join!(self.granted(), self.others())?;
        let names: Vec<String> = [others.inline, others.attached].concat();
        let mut comparison = Comparison::default();
        comparison
            .is(TRUST, same(trust, &policy::trust()))
            .is(GRANTED, granted)
            .of(OTHERS, names.join(", "), "");
        differ.extend(comparison.0);
        Ok(Observed::ours(differ))
    }

    /// Whether the role has its policy as it should be.
    async fn granted(&self) -> Result<bool, AwsFailure> {
        let call = self.client.get_role_policy().role_name(&self.name);
        let answer = call.policy_name(POLICY).send().await;
        match answer.map_err(|error| failure("iam:GetRolePolicy", error)) {
            Ok(answer) => Ok(same(answer.policy_document(), &self.policy)),
            Err(error) if error.class == Class::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn others(&self) -> Result<Others, AwsFailure> {
        let mut others = Others::default();
        let call = self.client.list_role_policies().role_name(&self.name);
        let mut pages = call.into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failure("iam:ListRolePolicies", error))?;
            others.inline.extend(page.policy_names);
        }
        others.inline.retain(|name| name != POLICY);
        let call = self.client.list_attached_role_policies();
        let mut pages = call.role_name(&self.name).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failure("iam:ListAttachedRolePolicies", error))?;
            let attached = page.attached_policies.unwrap_or_default().into_iter();
            others
                .attached
                .extend(attached.filter_map(|one| one.policy_arn));
        }
        Ok(others)
    }

    async fn create_it(&self) -> Result<(), AwsFailure> {
        let call = self.client.create_role().role_name(&self.name);
        let call = call
            .assume_role_policy_document(policy::trust().to_string())
            .set_tags(Some(tag_list(self.tags.map())));
        let sent = call.send().await;
        sent.map(drop)
            .map_err(|error| failure("iam:CreateRole", error))
    }

    async fn trust(&self) -> Result<(), AwsFailure> {
        let call = self.client.update_assume_role_policy();
        let call = call.role_name(&self.name);
        let sent = call.policy_document(policy::trust().to_string()).send();
        sent.await
            .map(drop)
            .map_err(|error| failure("iam:UpdateAssumeRolePolicy", error))
    }

    async fn grant(&self) -> Result<(), AwsFailure> {
        let call = self.client.put_role_policy().role_name(&self.name);
        let call = call.policy_name(POLICY);
        let sent = call.policy_document(self.policy.to_string()).send().await;
        sent.map(drop)
            .map_err(|error| failure("iam:PutRolePolicy", error))
    }

    async fn revoke(&self, policy: &str) -> Result<(), AwsFailure> {
        let call = self.client.delete_role_policy().role_name(&self.name);
        let sent = call.policy_name(policy).send().await;
        unless_gone(
            sent.map(drop)
                .map_err(|error| failure("iam:DeleteRolePolicy", error)),
        )
    }

    async fn detach(&self, arn: &str) -> Result<(), AwsFailure> {
        let call = self.client.detach_role_policy().role_name(&self.name);
        let sent = call.policy_arn(arn).send().await;
        unless_gone(
            sent.map(drop)
                .map_err(|error| failure("iam:DetachRolePolicy", error)),
        )
    }

    /// Takes every policy but the lab's own from the role.
    async fn take_others(&self, patience: &Patience) -> Result<(), Problem> {
        let others = patience.call(|| self.others()).await?;
        for name in &others.inline {
            patience.call(|| self.revoke(name)).await?;
        }
        for arn in &others.attached {
            patience.call(|| self.detach(arn)).await?;
        }
        Ok(())
    }
}

/// What is gone already need not be taken away.
fn unless_gone(answer: Result<(), AwsFailure>) -> Result<(), AwsFailure> {
    match answer {
        Err(error) if error.class == Class::NotFound => Ok(()),
        answer => answer,
    }
}

impl Resource for Role {
    fn kind(&self) -> &'static str {
        "role"
    }
    fn name(&self) -> String {
        self.name.clone()
    }
    fn inspect(&self) -> BoxFuture<'_, Result<Observed, Problem>> {
        Box::pin(self.look())
    }

    fn create<'a>(&'a self, patience: &'a Patience) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            patience.call(|| self.create_it()).await?;
            patience.call(|| self.grant()).await
        })
    }

    fn mend<'a>(
        &'a self,
        differences: &'a [Difference],
        patience: &'a Patience,
    ) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            if about(differences, TRUST) {
                patience.call(|| self.trust()).await?;
            }
            if about(differences, GRANTED) {
                patience.call(|| self.grant()).await?;
            }
            if about(differences, OTHERS) {
                self.take_others(patience).await?;
            }
            Ok(())
        })
    }

    fn tag<'a>(
        &'a self,
        tags: HashMap<String, String>,
        patience: &'a Patience,
    ) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let tag = || async {
                let call = self.client.tag_role().role_name(&self.name);
                let sent = call.set_tags(Some(tag_list(tags.clone()))).send().await;
                sent.map(drop)
                    .map_err(|error| failure("iam:TagRole", error))
            };
            patience.call(tag).await
        })
    }
    fn tags(&self) -> HashMap<String, String> {
        self.tags.map()
    }

    /// IAM deletes a role only when it has no policies any more.
    fn delete<'a>(&'a self, patience: &'a Patience) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            self.take_others(patience).await?;
            patience.call(|| self.revoke(POLICY)).await?;
            let delete = || async {
                let sent = self.client.delete_role().role_name(&self.name).send().await;
                sent.map(drop)
                    .map_err(|error| failure("iam:DeleteRole", error))
            };
            patience.call(delete).await
        })
    }
}
