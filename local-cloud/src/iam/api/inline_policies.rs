//! Operations on the inline policies of roles and users.

use super::entity::{Kind, Named};
use super::input::required;
use super::paging::Paging;
use super::service::IamService;
use super::write;
use crate::error::AwsError;
use crate::protocol::http::Caller;
use crate::protocol::query::Params;
use crate::service::query::{FromParams, Output, output};
use crate::service::{CallContext, Operation, Required};

pub(super) struct PutPolicy<K> {
    entity: Named<K>,
    policy: String,
    document: String,
}

impl<K: Kind> FromParams for PutPolicy<K> {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            entity: Named::read(params),
            policy: required(params, "PolicyName")?,
            document: required(params, "PolicyDocument")?,
        })
    }
}

impl<K: Kind> Operation<IamService> for PutPolicy<K> {
    const NAME: &'static str = K::KIND.pick("PutRolePolicy", "PutUserPolicy");
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        Ok(vec![self.entity.permission(service, Self::NAME)?])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let entity = self.entity.known(service)?;
        service
            .identities
            .change(|iam, _, _| iam.put_policy(entity, &self.policy, &self.document))
            .await?;
        Ok(None)
    }
}

pub(super) struct GetPolicy<K> {
    entity: Named<K>,
    policy: String,
}

impl<K: Kind> FromParams for GetPolicy<K> {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            entity: Named::read(params),
            policy: required(params, "PolicyName")?,
        })
    }
}

impl<K: Kind> Operation<IamService> for GetPolicy<K> {
    const NAME: &'static str = K::KIND.pick("GetRolePolicy", "GetUserPolicy");
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        Ok(vec![self.entity.permission(service, Self::NAME)?])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let Self { entity, policy } = self;
        let entity = entity.known(service)?;
        let (name, document) = service.identities.read(|iam| {
            let (name, policy) = iam.inline_policy(entity, &policy)?;
            Ok::<_, AwsError>((name.to_owned(), policy.text().to_owned()))
        })?;
        Ok(output(move |xml| {
            xml.text(K::KIND.name_member(), name)
                .text("PolicyName", policy)
                .text("PolicyDocument", write::document(&document));
        }))
    }
}

pub(super) struct ListPolicies<K> {
    entity: Named<K>,
    paging: Paging,
}

impl<K: Kind> FromParams for ListPolicies<K> {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            entity: Named::read(params),
            paging: Paging::read(params)?,
        })
    }
}

impl<K: Kind> Operation<IamService> for ListPolicies<K> {
    const NAME: &'static str = K::KIND.pick("ListRolePolicies", "ListUserPolicies");
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        Ok(vec![self.entity.permission(service, Self::NAME)?])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let entity = self.entity.known(service)?;
        let page = service.identities.read(|iam| {
            let policies = &iam.principal_policies(entity)?.1.inline;
            let names = policies.keys().cloned();
            Ok::<_, AwsError>(self.paging.page(names, String::clone))
        })?;
        Ok(output(move |xml| {
            write::names(xml, "PolicyNames", &page.items);
            page.write_end(xml);
        }))
    }
}

pub(super) struct DeletePolicy<K> {
    entity: Named<K>,
    policy: String,
}

impl<K: Kind> FromParams for DeletePolicy<K> {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            entity: Named::read(params),
            policy: required(params, "PolicyName")?,
        })
    }
}

impl<K: Kind> Operation<IamService> for DeletePolicy<K> {
    const NAME: &'static str = K::KIND.pick("DeleteRolePolicy", "DeleteUserPolicy");
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        Ok(vec![self.entity.permission(service, Self::NAME)?])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let entity = self.entity.known(service)?;
        service
            .identities
            .change(|iam, _, _| iam.delete_policy(entity, &self.policy))
            .await?;
        Ok(None)
    }
}
