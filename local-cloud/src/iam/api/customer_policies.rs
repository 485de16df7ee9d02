//! Operations on customer managed policies.

use super::entity::{permission, with_tags};
use super::input::{optional, required};
use super::managed_policies::{check_arn, on_policy};
use super::paging::Paging;
use super::service::IamService;
use super::write;
use crate::error::AwsError;
use crate::iam::engine::NewPolicy;
use crate::protocol::http::Caller;
use crate::protocol::query::{Params, Xml, constraint};
use crate::service::query::{FromParams, Output, output};
use crate::service::{CallContext, Operation, Required};

pub(super) struct CreatePolicy {
    name: String,
    path: Option<String>,
    document: String,
    description: Option<String>,
    tags: Vec<(String, String)>,
}

impl FromParams for CreatePolicy {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            name: required(params, "PolicyName")?,
            path: optional(params, "Path"),
            document: required(params, "PolicyDocument")?,
            description: optional(params, "Description"),
            tags: params.tags("Tags"),
        })
    }
}

impl Operation<IamService> for CreatePolicy {
    const NAME: &'static str = "CreatePolicy";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        let path = self.path.as_deref().unwrap_or("/");
        let identities = &service.identities;
        let arn = identities.read(|iam| iam.policy_arn(&self.name, path));
        let with_tags = |operation| with_tags(permission(operation, &*arn), &self.tags);
        let tag = (!self.tags.is_empty()).then(|| with_tags(TagPolicy::NAME));
        let create = with_tags(Self::NAME);
        Ok(std::iter::once(create).chain(tag).collect())
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let new = NewPolicy {
            name: &self.name,
            path: self.path.as_deref(),
            document: &self.document,
            description: self.description.as_deref(),
            tags: &self.tags,
        };
        let identities = &service.identities;
        let create = identities.change(|iam, now, ids| {
            let (created, changes) = iam.create_policy(new, now, ids)?;
            Ok((iam.managed_policy(&created.arn)?, changes))
        });
        let mut policy = create.await?;
        // AWS returns the tags here, and not the description.
        policy.description = None;
        Ok(output(move |xml| {
            xml.element("Policy", |xml| write::policy(xml, &policy, true));
        }))
    }
}

pub(super) struct ListPolicies {
    scope: Scope,
    only_attached: bool,
    path_prefix: Option<String>,
    paging: Paging,
}

/// Whose policies are listed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    All,
    Aws,
    Local,
}

impl FromParams for ListPolicies {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        let scope = match params.text("Scope") {
            None | Some("All") => Scope::All,
            Some("AWS") => Scope::Aws,
            Some("Local") => Scope::Local,
            other => {
                let rule = "Member must satisfy enum value set: [All, AWS, Local]";
                return Err(constraint("Scope", other, rule));
            }
        };
        if params.text("PolicyUsageFilter") == Some("PermissionsBoundary") {
            let message = "Permissions boundaries are not supported by this local cloud.";
            return Err(AwsError::new("InvalidInput", 400, message));
        }
        Ok(Self {
            scope,
            only_attached: params.text("OnlyAttached") == Some("true"),
            path_prefix: optional(params, "PathPrefix"),
            paging: Paging::read(params)?,
        })
    }
}

impl Operation<IamService> for ListPolicies {
    const NAME: &'static str = "ListPolicies";
    type Output = Output;

    fn required_permissions(&self, _: &IamService, _: &Caller) -> Required {
        Ok(vec![permission(Self::NAME, "*")])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        let page = service.identities.read(|iam| {
            let mut policies: Vec<_> = iam.managed_policies().collect();
            policies.retain(|policy| {
                let is_of_aws = policy.arn.starts_with("arn:aws:iam::aws:");
                policy.path.starts_with(prefix)
                    && (self.scope == Scope::All || is_of_aws == (self.scope == Scope::Aws))
                    && (!self.only_attached || policy.attachments > 0)
            });
            policies.sort_by(|one, other| one.arn.cmp(&other.arn));
            let policies = policies.into_iter();
            self.paging.page(policies, |policy| policy.arn.clone())
        });
        Ok(output(move |xml| {
            xml.list("Policies", &page.items, |xml, policy| {
                write::policy(xml, policy, false);
            });
            page.write_end(xml);
        }))
    }
}

/// The policy that a request names by its ARN.
pub(super) struct PolicyArn(pub(super) String);

impl FromParams for PolicyArn {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        required(params, "PolicyArn").map(Self)
    }
}

pub(super) struct DeletePolicy(PolicyArn);

impl FromParams for DeletePolicy {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        PolicyArn::from_params(params).map(Self)
    }
}

impl Operation<IamService> for DeletePolicy {
    const NAME: &'static str = "DeletePolicy";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        Ok(vec![on_policy(service, Self::NAME, &self.0.0)?])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let Self(PolicyArn(arn)) = self;
        check_arn(service, &arn)?;
        service
            .identities
            .change(|iam, _, _| iam.delete_customer_policy(&arn))
            .await?;
        Ok(None)
    }
}

pub(super) struct ListEntitiesForPolicy {
    policy: PolicyArn,
    /// `None` for entities of every kind.
    filter: Option<String>,
}

impl FromParams for ListEntitiesForPolicy {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        // All entities are on one page.
        Paging::read(params)?;
        Ok(Self {
            policy: PolicyArn::from_params(params)?,
            filter: optional(params, "EntityFilter"),
        })
    }
}

impl Operation<IamService> for ListEntitiesForPolicy {
    const NAME: &'static str = "ListEntitiesForPolicy";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        Ok(vec![on_policy(service, Self::NAME, &self.policy.0)?])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        let PolicyArn(arn) = &self.policy;
        check_arn(service, arn)?;
        let (roles, users) = service.identities.read(|iam| {
            iam.managed_policy(arn)?;
            let roles = iam.attached_roles(arn);
            let users = iam.attached_users(arn);
            let roles: Vec<_> = roles
                .map(|role| (role.name.clone(), role.id.clone()))
                .collect();
            let users: Vec<_> = users
                .map(|user| (user.name.clone(), user.id.clone()))
                .collect();
            Ok::<_, AwsError>((roles, users))
        })?;
        let is_wanted = move |kind: &str| self.filter.as_ref().is_none_or(|filter| filter == kind);
        Ok(output(move |xml| {
            xml.list::<()>("PolicyGroups", [], |_, ()| {});
            if is_wanted("User") {
                entities(xml, "PolicyUsers", ["UserName", "UserId"], &users);
            }
            if is_wanted("Role") {
                entities(xml, "PolicyRoles", ["RoleName", "RoleId"], &roles);
            }
            xml.text("IsTruncated", false);
        }))
    }
}

fn entities(xml: &mut Xml, list: &str, [name, id]: [&str; 2], all: &[(String, String)]) {
    xml.list(list, all, |xml, (its_name, its_id)| {
        xml.text(name, its_name).text(id, its_id);
    });
}

pub(super) struct TagPolicy {
    policy: PolicyArn,
    tags: Vec<(String, String)>,
}

impl FromParams for TagPolicy {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            policy: PolicyArn::from_params(params)?,
            tags: params.tags("Tags"),
        })
    }
}

impl Operation<IamService> for TagPolicy {
    const NAME: &'static str = "TagPolicy";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        let tag = on_policy(service, Self::NAME, &self.policy.0)?;
        Ok(vec![with_tags(tag, &self.tags)])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        check_arn(service, &self.policy.0)?;
        service
            .identities
            .change(|iam, _, _| iam.tag_policy(&self.policy.0, &self.tags))
            .await?;
        Ok(None)
    }
}

pub(super) struct UntagPolicy {
    policy: PolicyArn,
    keys: Vec<String>,
}

impl FromParams for UntagPolicy {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        let keys = params.list("TagKeys").into_iter();
        Ok(Self {
            policy: PolicyArn::from_params(params)?,
            keys: keys.map(str::to_owned).collect(),
        })
    }
}

impl Operation<IamService> for UntagPolicy {
    const NAME: &'static str = "UntagPolicy";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        let untag = on_policy(service, Self::NAME, &self.policy.0)?;
        Ok(vec![untag.with_tag_keys(self.keys.iter())])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        check_arn(service, &self.policy.0)?;
        service
            .identities
            .change(|iam, _, _| iam.untag_policy(&self.policy.0, &self.keys))
            .await?;
        Ok(None)
    }
}

pub(super) struct ListPolicyTags {
    policy: PolicyArn,
    paging: Paging,
}

impl FromParams for ListPolicyTags {
    fn from_params(params: &Params) -> Result<Self, AwsError> {
        Ok(Self {
            policy: PolicyArn::from_params(params)?,
            paging: Paging::read(params)?,
        })
    }
}

impl Operation<IamService> for ListPolicyTags {
    const NAME: &'static str = "ListPolicyTags";
    type Output = Output;

    fn required_permissions(&self, service: &IamService, _: &Caller) -> Required {
        Ok(vec![on_policy(service, Self::NAME, &self.policy.0)?])
    }

    async fn run(self, service: &IamService, _: &CallContext) -> Result<Output, AwsError> {
        check_arn(service, &self.policy.0)?;
        let page = service.identities.read(|iam| {
            let tags = iam.managed_policy(&self.policy.0)?.tags.into_iter();
            Ok::<_, AwsError>(self.paging.page(tags, |(key, _)| key.clone()))
        })?;
        Ok(output(move |xml| {
            write::tags(xml, &page.items);
            page.write_end(xml);
        }))
    }
}
