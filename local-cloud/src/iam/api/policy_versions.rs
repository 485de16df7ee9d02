//! Operations on the versions of managed policies.

use super::customer_policies::PolicyArn;
use super::input::required;
use super::managed_policies::{check_arn, on_policy};
use super::paging::Paging;
use super::service::IamService;
use super::write;
use crate::error::AwsError;
use crate::protocol::http::Caller;
use crate::protocol::query::Params;
use crate::service::query::{FromParams, Output, output};
use crate::service::{CallContext, Operation, Required};

pub(super) struct CreatePolicyVersion {
    policy: PolicyArn,
    document: String,
    is_default: bool,
}

impl FromParams for CreatePolicyVersion {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            policy: PolicyArn::from_params(params)?,
            document: required(params, "PolicyDocument")?,
            is_default: params.text("SetAsDefault") == Some("true"),
        })
    }
}

impl Operation<IamService> for CreatePolicyVersion {
    const NAME: &'static str = "CreatePolicyVersion";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        Ok(vec![on_policy(service, Self::NAME, &self.policy.0)?])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let Self {
            policy: PolicyArn(arn),
            document,
            is_default,
        } = self;
        check_arn(service, &arn)?;
        let create = service.identities.change(|iam, now, _| {
            let (number, changes) = iam.create_policy_version(&arn, &document, is_default, now)?;
            Ok((iam.policy_version(&arn, &format!("v{number}"))?, changes))
        });
        let version = create.await?;
        Ok(output(move |xml| {
            xml.element("PolicyVersion", |xml| write::policy_version(xml, &version));
        }))
    }
}

pub(super) struct ListPolicyVersions {
    policy: PolicyArn,
    paging: Paging,
}

impl FromParams for ListPolicyVersions {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            policy: PolicyArn::from_params(params)?,
            paging: Paging::read(params)?,
        })
    }
}

impl Operation<IamService> for ListPolicyVersions {
    const NAME: &'static str = "ListPolicyVersions";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        Ok(vec![on_policy(service, Self::NAME, &self.policy.0)?])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        check_arn(service, &self.policy.0)?;
        let versions = service
            .identities
            .read(|iam| iam.policy_versions(&self.policy.0))?;
        // The newest is first, so its key must be the smallest.
        let ordered = versions.into_iter().enumerate();
        let page = self
            .paging
            .page(ordered, |(index, _)| format!("{index:04}"));
        Ok(output(move |xml| {
            xml.list("Versions", &page.items, |xml, (_, version)| {
                write::policy_version(xml, version);
            });
            page.write_end(xml);
        }))
    }
}

/// A version of a policy, which a request names by its id.
struct NamedVersion {
    policy: PolicyArn,
    id: String,
}

impl FromParams for NamedVersion {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            policy: PolicyArn::from_params(params)?,
            id: required(params, "VersionId")?,
        })
    }
}

pub(super) struct DeletePolicyVersion(NamedVersion);

impl FromParams for DeletePolicyVersion {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        NamedVersion::from_params(params).map(Self)
    }
}

impl Operation<IamService> for DeletePolicyVersion {
    const NAME: &'static str = "DeletePolicyVersion";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        Ok(vec![on_policy(service, Self::NAME, &self.0.policy.0)?])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let NamedVersion { policy, id } = self.0;
        check_arn(service, &policy.0)?;
        service
            .identities
            .change(|iam, _, _| iam.delete_policy_version(&policy.0, &id))
            .await?;
        Ok(None)
    }
}

pub(super) struct SetDefaultPolicyVersion(NamedVersion);

impl FromParams for SetDefaultPolicyVersion {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        NamedVersion::from_params(params).map(Self)
    }
}

impl Operation<IamService> for SetDefaultPolicyVersion {
    const NAME: &'static str = "SetDefaultPolicyVersion";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        Ok(vec![on_policy(service, Self::NAME, &self.0.policy.0)?])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let NamedVersion { policy, id } = self.0;
        check_arn(service, &policy.0)?;
        service
            .identities
            .change(|iam, now, _| iam.set_default_version(&policy.0, &id, now))
            .await?;
        Ok(None)
    }
}
