//! What was verified to be gone, as data and in words.

use schemars::JsonSchema;
use serde::Serialize;

use super::contents::Contents;
use super::remove::Removal;
use crate::context::Context;
use crate::naming::LabName;
use crate::provision::summary;
use crate::provision::verify::RemovalReport;
use crate::system;
use crate::ui::{Time, counted, listed};

/// What was verified after the removal of a lab.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Certificate {
    /// The account id.
    account: String,
    /// The region.
    region: String,
    /// The lab's name.
    lab: String,
    /// When it was verified.
    verified_at: Time,
    /// Whether resources were looked for by tag too, not only by name.
    by_tag: bool,
    #[serde(flatten)]
    removal: RemovalReport,
}

/// What was done before it was verified.
pub(super) struct Done {
    resources: usize,
    seconds: f64,
    was_there: bool,
    held: Option<Contents>,
}

impl Done {
    pub(super) fn of(removal: &Removal) -> Self {
        let (resources, seconds) = summary::removed(&removal.applied);
        Self {
            resources,
            seconds,
            was_there: removal.was_there(),
            held: removal.held,
        }
    }
}

impl Certificate {
    pub(super) fn new(context: &Context<'_>, removal: RemovalReport) -> Self {
        Self {
            account: context.target.account.clone(),
            region: context.target.region.clone(),
            lab: context.names.lab().to_string(),
            verified_at: Time(system::now()),
            by_tag: removal.not_by_tag.is_none(),
            removal,
        }
    }

    /// Whether nothing is left.
    pub(super) fn is_whole(&self) -> bool {
        self.removal.left.is_empty()
    }

    /// The paragraphs for people; with `details`, also where and how it was verified.
    pub(super) fn text(&self, context: &Context<'_>, done: &Done, details: bool) -> Vec<String> {
        if !self.is_whole() {
            let left = self.removal.left.iter();
            let left: Vec<String> = left
                .map(|left| format!("{}: {}.", left.what, left.reason))
                .collect();
            return vec![
                format!("Not everything is gone:\n{}", left.join("\n")),
                format!("{} again continues from here.", context.command("down")),
            ];
        }
        if !done.was_there {
            return vec![self.nothing_there(context)];
        }
        let mut texts = vec![self.gone(done, context.target.is_local())];
        texts.extend(details.then(|| self.verified()));
        texts
    }

    /// `Removed 10 resources, 18 orders and 2 dead letters in 1.2 s; verified that nothing is left.`
    fn gone(&self, done: &Done, exact: bool) -> String {
        let held = done.held.map(|held| held.words(exact));
        let removed: Vec<String> = std::iter::once(counted(done.resources, "resource"))
            .chain(held.into_iter().flatten())
            .collect();
        let verified = match &self.removal.not_by_tag {
            None => "verified that nothing is left".to_owned(),
            Some(problem) => {
                format!("verified by name that nothing is left; tags were not checked: {problem}")
            }
        };
        format!(
            "Removed {} in {:.1} s; {verified}.",
            listed(&removed),
            done.seconds
        )
    }

    /// What was looked for, when and where.
    fn verified(&self) -> String {
        let at = self.verified_at.0.strftime("%Y-%m-%dT%H:%M:%SZ");
        format!(
            "Verified at {at}: none of the {} parts of the lab {} exists {}, looked for by name{}.",
            self.removal.gone.len(),
            self.lab,
            self.place(),
            self.by_tag()
        )
    }

    fn nothing_there(&self, context: &Context<'_>) -> String {
        let globals = &context.env.globals;
        let list = globals.command(&LabName::default(), "list");
        format!(
            "There was nothing to remove: no part of the lab {} exists {}, looked for by name{}. {list} shows the labs that exist.",
            self.lab,
            self.place(),
            self.by_tag()
        )
    }

    fn place(&self) -> String {
        format!("in account {}, region {}", self.account, self.region)
    }

    fn by_tag(&self) -> String {
        match &self.removal.not_by_tag {
            None => ", and nothing has the lab's tag".to_owned(),
            Some(problem) => format!("; tags were not checked: {problem}"),
        }
    }
}
