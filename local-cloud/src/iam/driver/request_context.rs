//! The condition keys that every request has, whatever it asks for.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::identities::Identities;
use crate::clock::{Now, WallMs};
use crate::iam::RequiredPermission;
use crate::iam::engine::policy::Document;
use crate::iam::engine::request_context::{RESOURCE_ACCOUNT, RequestContext};
use crate::iam::engine::{Iam, Role, User};
use crate::protocol::http::Caller;
use crate::service::{ContextValue, RequestOrigin};

/// The region of the requests to services that belong to none.
const GLOBAL_REGION: &str = "us-east-1";

/// The only address that the cloud listens on, so that of all clients.
const LOOPBACK: &str = "127.0.0.1";

/// Where a request came from and to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestFacts<'a> {
    /// What the request says of its sender.
    pub(crate) origin: &'a RequestOrigin,
    /// Whether its service belongs to no region.
    pub(crate) is_global: bool,
}

/// The user or role that acts, as it was when the request came: its policies are evaluated after the
/// state is unlocked.
#[derive(Debug)]
pub(super) struct ActingPrincipal {
    /// The user's ARN, or the role's.
    pub(super) arn: String,
    /// `AssumedRole` or `User`.
    kind: &'static str,
    user_id: String,
    user_name: Option<String>,
    tags: BTreeMap<String, String>,
    session: Option<ContextValue>,
    /// What it may do.
    pub(super) documents: Vec<Arc<Document>>,
}

impl ActingPrincipal {
    pub(super) fn user(iam: &Iam, user: &User) -> Self {
        Self {
            arn: user.arn.clone(),
            kind: "User",
            user_id: user.id.clone(),
            user_name: Some(user.name.clone()),
            tags: user.principal_policies.tags.clone(),
            session: None,
            documents: iam.documents(&user.principal_policies),
        }
    }

    /// A role in a session that was issued then; an unknown time is that of an earlier version of
    /// this program.
    pub(super) fn role(iam: &Iam, role: &Role, user_id: &str, issued: Option<WallMs>) -> Self {
        let issued = issued.map(|issued| ContextValue::Text(iso(issued)));
        Self {
            arn: role.arn.clone(),
            kind: "AssumedRole",
            user_id: user_id.to_owned(),
            user_name: None,
            tags: role.principal_policies.tags.clone(),
            session: Some(issued.unwrap_or(ContextValue::Unknown)),
            documents: iam.documents(&role.principal_policies),
        }
    }
}

impl Identities {
    /// The condition keys of a principal's request.
    pub(super) fn context(
        &self,
        principal: &ActingPrincipal,
        request: Option<RequestFacts<'_>>,
        now: Now,
    ) -> RequestContext {
        let mut context = self
            .context_of_time(now)
            .when("aws:PrincipalAccount", &*self.account)
            .when("aws:PrincipalArn", &*principal.arn)
            .when("aws:PrincipalIsAWSService", "false")
            .when("aws:PrincipalType", principal.kind)
            .when("aws:ViaAWSService", "false")
            .when("aws:userid", &*principal.user_id)
            .with_tags("aws:PrincipalTag/", &principal.tags);
        if let Some(name) = &principal.user_name {
            context = context.when("aws:username", &**name);
        }
        if let Some(issued) = &principal.session {
            context = context
                .with("aws:TokenIssueTime", issued.clone())
                .when("aws:MultiFactorAuthPresent", "false");
        }
        match request {
            Some(request) => self.with_request(context, request),
            None => context.when("aws:RequestedRegion", &*self.region),
        }
    }

    /// The condition keys of the owner's request, which stands for the account's root user.
    pub(super) fn owner_context(
        &self,
        owner: &Caller,
        request: RequestFacts<'_>,
        now: Now,
    ) -> RequestContext {
        let context = self
            .context_of_time(now)
            .when("aws:PrincipalAccount", &*self.account)
            .when("aws:PrincipalArn", &*owner.arn)
            .when("aws:PrincipalIsAWSService", "false")
            .when("aws:PrincipalType", "Account")
            .when("aws:ViaAWSService", "false")
            .when("aws:userid", &*owner.user_id);
        self.with_request(context, request)
    }

    /// The condition keys of the request of a service to assume a role.
    pub(super) fn service_context(&self, service: &str, now: Now) -> RequestContext {
        self.context_of_time(now)
            .when("aws:SourceAccount", &*self.account)
            .when("aws:PrincipalIsAWSService", "true")
            .when("aws:PrincipalServiceName", service)
            .when("aws:PrincipalServiceNamesList", service)
            .when("aws:ViaAWSService", "false")
            .when("aws:RequestedRegion", GLOBAL_REGION)
    }

    /// The context with whose the permission's resource is and its tags, as far as they are known.
    pub(super) fn with_resource(
        &self,
        context: RequestContext,
        permission: &RequiredPermission,
    ) -> RequestContext {
        let Some(tags) = self.resource_tags.get(&permission.resource) else {
            return context;
        };
        let context = context
            .when(RESOURCE_ACCOUNT, &*self.account)
            .with_tags("aws:ResourceTag/", &tags);
        if permission.action.starts_with("iam:") {
            context.with_tags("iam:ResourceTag/", &tags)
        } else {
            context
        }
    }

    fn context_of_time(&self, now: Now) -> RequestContext {
        RequestContext::default()
            .when("aws:CurrentTime", iso(now.wall))
            .when("aws:EpochTime", now.wall.seconds().to_string())
    }

    fn with_request(&self, context: RequestContext, request: RequestFacts<'_>) -> RequestContext {
        let RequestFacts { origin, is_global } = request;
        let region = if is_global {
            GLOBAL_REGION
        } else {
            &self.region
        };
        let mut context = context
            .when("aws:RequestedRegion", region)
            .when("aws:SecureTransport", "false")
            .when("aws:SourceIp", LOOPBACK);
        if let Some(agent) = &origin.user_agent {
            context = context.when("aws:UserAgent", &**agent);
        }
        if let Some(referer) = &origin.referer {
            context = context.when("aws:referer", &**referer);
        }
        context
    }
}

fn iso(time: WallMs) -> String {
    let time = i64::try_from(time.0).map(Timestamp::from_millisecond);
    time.ok()
        .and_then(Result::ok)
        .unwrap_or(Timestamp::MAX)
        .to_string()
}
