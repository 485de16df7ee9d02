//! How IAM writes roles, users, tags and policy documents.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::iam::engine::{PolicySummary, PrincipalPolicies, Role, User, VersionView};
use crate::protocol::query::Xml;
use crate::protocol::time;

/// All but the unreserved characters of RFC 3986. IAM returns policy documents encoded so.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A policy document as IAM returns it.
pub(super) fn document(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// A role. AWS leaves out the tags in lists.
pub(super) fn role(xml: &mut Xml, role: &Role, with_tags: bool) {
    xml.text("Path", &role.path)
        .text("RoleName", &role.name)
        .text("RoleId", &role.id)
        .text("Arn", &role.arn)
        .text("CreateDate", time::iso(role.created))
        .text("AssumeRolePolicyDocument", document(role.trust.text()))
        .optional("Description", role.description.as_ref())
        .text("MaxSessionDuration", role.max_session_seconds);
    if with_tags {
        own_tags(xml, &role.principal_policies);
        xml.element("RoleLastUsed", |_| {});
    }
}

/// A user. AWS leaves out the tags in lists.
pub(super) fn user(xml: &mut Xml, user: &User, with_tags: bool) {
    xml.text("Path", &user.path)
        .text("UserName", &user.name)
        .text("UserId", &user.id)
        .text("Arn", &user.arn)
        .text("CreateDate", time::iso(user.created));
    if with_tags {
        own_tags(xml, &user.principal_policies);
    }
}

/// A managed policy. AWS leaves out the description and tags where it does not describe one alone.
pub(super) fn policy(xml: &mut Xml, policy: &PolicySummary, alone: bool) {
    xml.text("PolicyName", &policy.name)
        .text("PolicyId", &policy.id)
        .text("Arn", &policy.arn)
        .text("Path", &policy.path)
        .text("DefaultVersionId", &policy.default_version)
        .text("AttachmentCount", policy.attachments)
        .text("PermissionsBoundaryUsageCount", 0)
        .text("IsAttachable", true);
    if alone {
        xml.optional("Description", policy.description.as_ref());
    }
    xml.text("CreateDate", &policy.created)
        .text("UpdateDate", &policy.updated);
    if alone && !policy.tags.is_empty() {
        tags(xml, &policy.tags.clone().into_iter().collect::<Vec<_>>());
    }
}

/// A version of a managed policy, without its document.
pub(super) fn policy_version(xml: &mut Xml, version: &VersionView) {
    xml.text("VersionId", &version.id)
        .text("IsDefaultVersion", version.is_default)
        .text("CreateDate", &version.created);
}

fn own_tags(xml: &mut Xml, principal_policies: &PrincipalPolicies) {
    if !principal_policies.tags.is_empty() {
        let all = principal_policies.tags.clone().into_iter();
        tags(xml, &all.collect::<Vec<_>>());
    }
}

/// A list of strings.
pub(super) fn names(xml: &mut Xml, list: &str, names: &[String]) {
    xml.element(list, |xml| {
        for name in names {
            xml.text("member", name);
        }
    });
}

/// A list of tags.
pub(super) fn tags(xml: &mut Xml, tags: &[(String, String)]) {
    xml.list("Tags", tags, |xml, (key, value)| {
        xml.text("Key", key).text("Value", value);
    });
}

/// An empty list.
pub(super) fn empty_list(xml: &mut Xml, name: &str) {
    xml.list::<()>(name, [], |_, ()| {});
    xml.text("IsTruncated", false);
}
