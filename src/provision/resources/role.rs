//! A function's role with its one inline policy.

use std::collections::HashMap;

use aws_sdk_iam::types::Tag;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::compare::{Comparison, Tags, about};
use crate::aws::{Answer as _, AwsFailure, MayBeAbsent as _};
use crate::naming::{TAG_LAB, TAG_REGION};
use crate::provision::resource::Described;
use crate::provision::wait::{WaitReason, Waiter};
use crate::provision::{Difference, Observed, Problem, Resource, policy};

/// The inline policy's name.
const POLICY: &str = "orders-lab";

const CREATING: WaitReason =
    WaitReason::new("IAM has not propagated the new role everywhere yet", 120);

const TRUST: &str = "trust policy";
const GRANTED: &str = "policy";
const OTHERS: &str = "other policies";

pub(in crate::provision) struct Role {
    pub(in crate::provision) client: aws_sdk_iam::Client,
    pub(in crate::provision) name: String,
    pub(in crate::provision) policy: Value,
    pub(in crate::provision) tags: Tags,
}

/// The policies of a role other than the lab's.
#[derive(Debug, Default)]
struct Others {
    /// The names of inline ones.
    inline: Vec<String>,
    /// The ARNs of attached ones.
    attached: Vec<String>,
}

/// Whether a policy document is as wanted. IAM returns documents percent-encoded.
fn is_same(found: &str, wanted: &Value) -> bool {
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
    /// The owner of a role that has the lab's tag and another region's; `None` for other roles. Roles
    /// are global, so labs of the same name in two regions would share them.
    fn other_owner(&self, found: &HashMap<String, String>) -> Option<String> {
        let lab = found
            .get(TAG_LAB)
            .filter(|lab| self.tags.0.get(TAG_LAB) == Some(lab))?;
        let ours = self.tags.0.get(TAG_REGION);
        let region = found
            .get(TAG_REGION)
            .filter(|region| ours != Some(region))?;
        Some(format!(
            "the lab {lab} in {region}, because roles are shared by all regions"
        ))
    }

    /// What differs, except tags.
    async fn differences(
        &self,
        found: &aws_sdk_iam::types::Role,
    ) -> Result<Vec<Difference>, AwsFailure> {
        let trust = found.assume_role_policy_document().unwrap_or_default();
        let (granted, others) = tokio::try_join!(self.has_policy(), self.others())?;
        let names: Vec<String> = [others.inline, others.attached].concat();
        let mut comparison = Comparison::default();
        comparison
            .is(TRUST, is_same(trust, &policy::trust()))
            .is(GRANTED, granted)
            .of(OTHERS, names.join(", "), "");
        Ok(comparison.0)
    }

    /// Whether the role has its policy as wanted.
    async fn has_policy(&self) -> Result<bool, AwsFailure> {
        let call = self.client.get_role_policy().role_name(&self.name);
        let answer = call.policy_name(POLICY).send().await;
        let found = answer.of_call("iam:GetRolePolicy").unless_absent()?;
        Ok(found.is_some_and(|found| is_same(found.policy_document(), &self.policy)))
    }

    async fn others(&self) -> Result<Others, AwsFailure> {
        let mut others = Others::default();
        let mut inline = self
            .client
            .list_role_policies()
            .role_name(&self.name)
            .into_paginator()
            .send();
        while let Some(page) = inline.next().await {
            let names = page.of_call("iam:ListRolePolicies")?.policy_names;
            others.inline.extend(names);
        }
        others.inline.retain(|name| name != POLICY);
        let mut attached = self
            .client
            .list_attached_role_policies()
            .role_name(&self.name)
            .into_paginator()
            .send();
        while let Some(page) = attached.next().await {
            let policies = page
                .of_call("iam:ListAttachedRolePolicies")?
                .attached_policies
                .unwrap_or_default();
            let arns = policies.into_iter().filter_map(|policy| policy.policy_arn);
            others.attached.extend(arns);
        }
        Ok(others)
    }

    async fn create_it(&self) -> Result<(), AwsFailure> {
        let call = self
            .client
            .create_role()
            .role_name(&self.name)
            .assume_role_policy_document(policy::trust().to_string())
            .set_tags(Some(tag_list(self.tags.map())));
        call.send().await.of_call("iam:CreateRole").map(drop)
    }

    async fn put_trust_policy(&self) -> Result<(), AwsFailure> {
        let call = self
            .client
            .update_assume_role_policy()
            .role_name(&self.name)
            .policy_document(policy::trust().to_string());
        let answer = call.send().await;
        answer.of_call("iam:UpdateAssumeRolePolicy").map(drop)
    }

    async fn put_policy(&self) -> Result<(), AwsFailure> {
        let call = self
            .client
            .put_role_policy()
            .role_name(&self.name)
            .policy_name(POLICY)
            .policy_document(self.policy.to_string());
        call.send().await.of_call("iam:PutRolePolicy").map(drop)
    }

    async fn delete_policy(&self, policy: &str) -> Result<(), AwsFailure> {
        let call = self.client.delete_role_policy().role_name(&self.name);
        let answer = call.policy_name(policy).send().await;
        answer
            .of_call("iam:DeleteRolePolicy")
            .unless_absent()
            .map(drop)
    }

    async fn detach(&self, arn: &str) -> Result<(), AwsFailure> {
        let call = self.client.detach_role_policy().role_name(&self.name);
        let answer = call.policy_arn(arn).send().await;
        answer
            .of_call("iam:DetachRolePolicy")
            .unless_absent()
            .map(drop)
    }

    /// Removes all policies but the lab's from the role.
    async fn remove_others(&self, waiter: &Waiter) -> Result<(), Problem> {
        let others = waiter.call(|| self.others()).await?;
        for name in &others.inline {
            waiter.call(|| self.delete_policy(name)).await?;
        }
        for arn in &others.attached {
            waiter.call(|| self.detach(arn)).await?;
        }
        Ok(())
    }
}

impl Described for Role {
    fn kind(&self) -> &'static str {
        "role"
    }
    fn name(&self) -> String {
        self.name.clone()
    }
    fn tags(&self) -> HashMap<String, String> {
        self.tags.map()
    }
}

impl Resource for Role {
    async fn inspect(&self) -> Result<Observed, Problem> {
        let answer = self.client.get_role().role_name(&self.name).send().await;
        let Some(found) = answer.of_call("iam:GetRole").unless_absent()? else {
            return Ok(Observed::Absent);
        };
        let role = found.role.ok_or(Problem::Answer("iam:GetRole"))?;
        let tags = role
            .tags()
            .iter()
            .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
            .collect();
        if let Some(owner) = self.other_owner(&tags) {
            return Ok(Observed::Taken(owner));
        }
        let differences = self.differences(&role).await?;
        Ok(self.tags.classify(&tags, differences, Observed::ours))
    }

    async fn create(&self, waiter: &Waiter) -> Result<(), Problem> {
        waiter.call(|| self.create_it()).await?;
        waiter.call_on_new(&CREATING, || self.put_policy()).await
    }

    async fn update(&self, differences: &[Difference], waiter: &Waiter) -> Result<(), Problem> {
        if about(differences, TRUST) {
            waiter.call(|| self.put_trust_policy()).await?;
        }
        if about(differences, GRANTED) {
            waiter.call(|| self.put_policy()).await?;
        }
        if about(differences, OTHERS) {
            self.remove_others(waiter).await?;
        }
        Ok(())
    }

    async fn tag(&self, tags: HashMap<String, String>, waiter: &Waiter) -> Result<(), Problem> {
        let tag = || async {
            let call = self.client.tag_role().role_name(&self.name);
            let answer = call.set_tags(Some(tag_list(tags.clone()))).send().await;
            answer.of_call("iam:TagRole").map(drop)
        };
        waiter.call(tag).await
    }

    /// Removes the policies first: IAM deletes only a role without any.
    async fn delete(&self, waiter: &Waiter) -> Result<(), Problem> {
        self.remove_others(waiter).await?;
        waiter.call(|| self.delete_policy(POLICY)).await?;
        let delete = || async {
            let call = self.client.delete_role().role_name(&self.name);
            call.send().await.of_call("iam:DeleteRole").map(drop)
        };
        waiter.call(delete).await
    }
}
