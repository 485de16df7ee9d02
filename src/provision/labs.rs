//! Finds labs by their tags, whatever their names.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_resourcegroupstagging::types::TagFilter;
use jiff::Timestamp;

use crate::aws::{Answer as _, AwsFailure, Class};
use crate::context::Context;
use crate::naming::{Names, TAG_CREATED, TAG_LAB, TAG_OWNER, TAG_REGION};
use crate::ui::age;

/// A resource with a lab's tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tagged {
    /// Its ARN.
    pub arn: String,
    /// Its tags.
    pub tags: HashMap<String, String>,
}

/// A lab as described by the tags of its resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundLab {
    /// Its name.
    pub name: String,
    /// The identity that created its oldest resource.
    pub owner: Option<String>,
    /// When its oldest resource was created.
    pub created: Option<Timestamp>,
    /// The ARNs of its resources.
    pub arns: Vec<String>,
}

impl FoundLab {
    /// Its age in the largest unit: `3d`, `2h`, `5m`, `9s`.
    pub(crate) fn age(&self, now: Timestamp) -> String {
        self.created
            .map_or_else(|| "unknown".to_owned(), |created| age(created, now))
    }
}

/// The labs of the account and region, by their tags.
///
/// # Errors
/// When the target refuses or cannot be reached.
pub(crate) async fn found_labs(context: &Context<'_>) -> Result<Vec<FoundLab>, AwsFailure> {
    Ok(labs(tagged(context, None).await?))
}

/// All resources with the tag of this lab, or of any lab for `None`. Roles are included only for
/// `None`: those of one lab are known by name. Resources removed recently may still be listed.
///
/// # Errors
/// When the target refuses or cannot be reached.
pub(crate) async fn tagged(
    context: &Context<'_>,
    lab: Option<&str>,
) -> Result<Vec<Tagged>, AwsFailure> {
    if lab.is_some() {
        return listed(context, lab).await;
    }
    let (mut all, roles) = tokio::try_join!(listed(context, None), roles(context))?;
    all.extend(roles);
    Ok(all)
}

/// The resources that the tagging service lists: all but roles.
async fn listed(context: &Context<'_>, lab: Option<&str>) -> Result<Vec<Tagged>, AwsFailure> {
    let filter = TagFilter::builder()
        .key(TAG_LAB)
        .set_values(lab.map(|lab| vec![lab.to_owned()]));
    let call = context.clients.tagging.get_resources();
    let mut pages = call.tag_filters(filter.build()).into_paginator().send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        let resources = page.of_call("tag:GetResources")?;
        for found in resources.resource_tag_mapping_list() {
            let pairs = found.tags().iter();
            all.push(Tagged {
                arn: found.resource_arn().unwrap_or_default().to_owned(),
                tags: pairs
                    .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
                    .collect(),
            });
        }
    }
    Ok(all)
}

/// The roles, which the tagging service does not list: those with a lab's names, found by their own
/// tags. A role whose tags the caller may not read, or that is deleted meanwhile, is left out.
async fn roles(context: &Context<'_>) -> Result<Vec<Tagged>, AwsFailure> {
    let mut pages = context.clients.iam.list_roles().into_paginator().send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        let listed = page.of_call("iam:ListRoles")?;
        let candidates = listed.roles().iter();
        for role in candidates.filter(|role| Names::is_role(role.role_name())) {
            let tags = match role_tags(context, role.role_name()).await {
                Err(problem) if [Class::Denied, Class::NotFound].contains(&problem.class) => {
                    continue;
                }
                tags => tags?,
            };
            let region = tags.get(TAG_REGION).map(String::as_str);
            // IAM lists the roles of all regions.
            let is_here = region.is_none_or(|region| region == context.names.region());
            if tags.contains_key(TAG_LAB) && is_here {
                let arn = role.arn().to_owned();
                all.push(Tagged { arn, tags });
            }
        }
    }
    Ok(all)
}

async fn role_tags(
    context: &Context<'_>,
    role: &str,
) -> Result<HashMap<String, String>, AwsFailure> {
    let call = context.clients.iam.list_role_tags().role_name(role);
    let listed = call.send().await.of_call("iam:ListRoleTags")?;
    let pairs = listed.tags().iter();
    Ok(pairs
        .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
        .collect())
}

/// The labs that tagged resources belong to, by name.
pub(crate) fn labs(tagged: Vec<Tagged>) -> Vec<FoundLab> {
    let mut labs: BTreeMap<String, FoundLab> = BTreeMap::new();
    for Tagged { arn, tags } in tagged {
        let Some(name) = tags.get(TAG_LAB) else {
            continue;
        };
        let lab = labs.entry(name.clone()).or_insert_with(|| FoundLab {
            name: name.clone(),
            owner: None,
            created: None,
            arns: Vec::new(),
        });
        let created: Option<Timestamp> = tags.get(TAG_CREATED).and_then(|time| time.parse().ok());
        let older = match (created, lab.created) {
            (Some(created), Some(known)) => created < known,
            (created, known) => created.is_some() || known.is_none(),
        };
        if older {
            lab.created = created;
            lab.owner = tags.get(TAG_OWNER).cloned().or(lab.owner.take());
        }
        lab.arns.push(arn);
    }
    labs.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_resource_gives_owner_and_age() {
        let tagged = |arn: &str, lab: &str, owner: &str, created: &str| Tagged {
            arn: arn.to_owned(),
            tags: [(TAG_LAB, lab), (TAG_OWNER, owner), (TAG_CREATED, created)]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into(),
        };
        let found = labs(vec![
            tagged("b", "default", "user/bob", "2026-11-02T00:00:00Z"),
            tagged("c", "zoe", "user/zoe", "not a time"),
            tagged("a", "default", "user/ann", "2026-11-01T00:00:00Z"),
        ]);
        let [default, zoe] = &found[..] else {
            panic!("two labs: {found:?}");
        };
        assert_eq!(default.name, "default");
        assert_eq!(default.owner.as_deref(), Some("user/ann"));
        assert_eq!(default.created, "2026-11-01T00:00:00Z".parse().ok());
        assert_eq!(default.arns, ["b", "a"]);
        assert_eq!(
            (zoe.owner.as_deref(), zoe.created),
            (Some("user/zoe"), None)
        );
    }
}
