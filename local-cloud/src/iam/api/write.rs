//! How IAM writes roles, users, tags, documents and pages.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::AwsError;
use crate::iam::engine::{PrincipalPolicies, Role, User};
use crate::protocol::query::{Params, Xml, constraint};
use crate::protocol::{page_token, time};

/// What RFC 3986 leaves as it is; IAM returns policy documents encoded so.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A policy document as IAM returns it.
pub(super) fn document(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// A role; lists leave out its tags, as AWS's do.
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

/// A user; lists leave out its tags, as AWS's do.
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

/// A list of texts.
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

/// A whole list with nothing in it.
pub(super) fn empty_list(xml: &mut Xml, name: &str) {
    xml.list::<()>(name, [], |_, ()| {});
    xml.text("IsTruncated", false);
}

/// Writes whether and where a list goes on.
pub(super) fn page_end(xml: &mut Xml, marker: Option<String>) {
    xml.text("IsTruncated", marker.is_some())
        .optional("Marker", marker);
}

/// The page of a list, ordered by `key`, that the request's `Marker` and `MaxItems` ask for, and
/// the marker of the next. A marker is the key of the last item before the page, so that items
/// that come and go meanwhile shift nothing.
pub(super) fn page<T>(
    params: &Params,
    items: impl Iterator<Item = T>,
    key: impl Fn(&T) -> String,
) -> Result<(Vec<T>, Option<String>), AwsError> {
    let most = params.number("MaxItems", 1, 1000)?.unwrap_or(100);
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let after = params.text("Marker").map(|marker| {
        page_token::read(marker).ok_or_else(|| constraint("Marker", Some(marker), "Invalid Marker"))
    });
    let after = after.transpose()?;
    let later = |item: &T| after.as_ref().is_none_or(|after| key(item) > *after);
    let mut page: Vec<T> = items.filter(later).take(most + 1).collect();
    let truncated = page.len() > most;
    page.truncate(most);
    let marker = page
        .last()
        .filter(|_| truncated)
        .map(|item| page_token::write(&key(item)));
    Ok((page, marker))
}
