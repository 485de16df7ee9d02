//! Operations on the account's alias.

use super::entity::permission;
use super::input::required;
use super::paging::Paging;
use super::service::IamService;
use super::write;
use crate::error::AwsError;
use crate::protocol::http::Caller;
use crate::protocol::query::Params;
use crate::service::query::{FromParams, Output, output};
use crate::service::{CallContext, Operation, Required};

pub(super) struct CreateAccountAlias {
    alias: String,
}

impl FromParams for CreateAccountAlias {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            alias: required(params, "AccountAlias")?,
        })
    }
}

impl Operation<IamService> for CreateAccountAlias {
    const NAME: &'static str = "CreateAccountAlias";
    type Output = Output;

    fn required_permissions(&self, _: &IamService, _: &Caller) -> Required {
        Ok(vec![permission(Self::NAME, "*")])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        service
            .identities
            .change(|iam, _, _| iam.create_alias(&self.alias))
            .await?;
        Ok(None)
    }
}

pub(super) struct ListAccountAliases {
    paging: Paging,
}

impl FromParams for ListAccountAliases {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            paging: Paging::read(params)?,
        })
    }
}

impl Operation<IamService> for ListAccountAliases {
    const NAME: &'static str = "ListAccountAliases";
    type Output = Output;

    fn required_permissions(&self, _: &IamService, _: &Caller) -> Required {
        Ok(vec![permission(Self::NAME, "*")])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let identities = &service.identities;
        let alias = identities.read(|iam| iam.alias().map(str::to_owned));
        let page = self.paging.page(alias.into_iter(), String::clone);
        Ok(output(move |xml| {
            write::names(xml, "AccountAliases", &page.items);
            page.write_end(xml);
        }))
    }
}

pub(super) struct DeleteAccountAlias {
    alias: String,
}

impl FromParams for DeleteAccountAlias {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            alias: required(params, "AccountAlias")?,
        })
    }
}

impl Operation<IamService> for DeleteAccountAlias {
    const NAME: &'static str = "DeleteAccountAlias";
    type Output = Output;

    fn required_permissions(&self, _: &IamService, _: &Caller) -> Required {
        Ok(vec![permission(Self::NAME, "*")])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        service
            .identities
            .change(|iam, _, _| iam.delete_alias(&self.alias))
            .await?;
        Ok(None)
    }
}
