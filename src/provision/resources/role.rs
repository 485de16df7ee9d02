//! A function's role with its one inline policy.

use aws_sdk_iam::types::Tag;
use futures_util::future::BoxFuture;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{Tags, differences, drifted};
use crate::aws::{AwsFailure, Class, failure};
use crate::naming::TAG_LAB;
use crate::provision::wait::Patience;
use crate::provision::{Observed, Problem, Resource, policy};

/// The inline policy's name.
const POLICY: &str = "orders-lab";

pub(in crate::provision) struct Role {
    pub(in crate::provision) client: aws_sdk_iam::Client,
    pub(in crate::provision) name: String,
    pub(in crate::provision) policy: Value,
    pub(in crate::provision) tags: Tags,
}

/// IAM gives documents percent-encoded.
fn same(found: &str, wanted: &Value) -> bool {
    let text = percent_decode_str(found).decode_utf8_lossy();
    serde_json::from_str::<Value>(&text).is_ok_and(|value| value == *wanted)
}

impl Role {
    async fn look(&self) -> Result<Observed, Problem> {
        let answer = self.client.get_role().role_name(&self.name).send().await;
        let role = match answer.map_err(|error| failure("iam:GetRole", error)) {
            Ok(answer) => answer.role.ok_or(Problem::Answer("iam:GetRole"))?,
            Err(error) if error.class == Class::NotFound => return Ok(Observed::Absent),
            Err(error) => return Err(error.into()),
        };
        let lab = role
            .tags()
            .iter()
            .find(|tag| tag.key() == TAG_LAB)
            .map(Tag::value);
        if !self.tags.are_on(lab) {
            return Ok(Observed::Foreign);
        }
        let call = self
            .client
            .get_role_policy()
            .role_name(&self.name)
            .policy_name(POLICY);
        let answer = call
            .send()
            .await
            .map_err(|error| failure("iam:GetRolePolicy", error));
        let granted = match answer {
            Ok(answer) => same(answer.policy_document(), &self.policy),
            Err(error) if error.class == Class::NotFound => false,
            Err(error) => return Err(error.into()),
        };
        let trusted = same(
            role.assume_role_policy_document().unwrap_or_default(),
            &policy::trust(),
        );
        Ok(drifted(differences(&[
            ("trust policy", trusted),
            ("policy", granted),
        ])))
    }

    async fn create(&self) -> Result<(), AwsFailure> {
        let tag = |(key, value): (String, String)| {
            Tag::builder()
                .key(key)
                .value(value)
                .build()
                .expect("key and value are given")
        };
        let call = self.client.create_role().role_name(&self.name);
        let call = call.assume_role_policy_document(policy::trust().to_string());
        let sent = call
            .set_tags(Some(self.tags.map().into_iter().map(tag).collect()))
            .send()
            .await;
        sent.map(drop)
            .map_err(|error| failure("iam:CreateRole", error))
    }

    async fn trust(&self) -> Result<(), AwsFailure> {
        let call = self
            .client
            .update_assume_role_policy()
            .role_name(&self.name);
        let sent = call
            .policy_document(policy::trust().to_string())
            .send()
            .await;
        sent.map(drop)
            .map_err(|error| failure("iam:UpdateAssumeRolePolicy", error))
    }

    async fn grant(&self) -> Result<(), AwsFailure> {
        let call = self
            .client
            .put_role_policy()
            .role_name(&self.name)
            .policy_name(POLICY);
        let sent = call.policy_document(self.policy.to_string()).send().await;
        sent.map(drop)
            .map_err(|error| failure("iam:PutRolePolicy", error))
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

    fn ensure<'a>(
        &'a self,
        observed: &'a Observed,
        patience: &'a Patience,
    ) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            if *observed == Observed::Absent {
                patience.call(|| self.create()).await?;
            } else {
                patience.call(|| self.trust()).await?;
            }
            patience.call(|| self.grant()).await
        })
    }

    fn delete<'a>(&'a self, patience: &'a Patience) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let revoke = || async {
                let call = self.client.delete_role_policy().role_name(&self.name);
                let sent = call.policy_name(POLICY).send().await;
                sent.map(drop)
                    .map_err(|error| failure("iam:DeleteRolePolicy", error))
            };
            match patience.call(revoke).await {
                Err(problem) if !problem.is(Class::NotFound) => return Err(problem),
                _ => {}
            }
            let delete = || async {
                let sent = self.client.delete_role().role_name(&self.name).send().await;
                sent.map(drop)
                    .map_err(|error| failure("iam:DeleteRole", error))
            };
            patience.call(delete).await
        })
    }
}
