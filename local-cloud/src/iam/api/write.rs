//! How IAM writes roles, users, tags and policy documents.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::iam::engine::{PrincipalPolicies, Role, User};
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
