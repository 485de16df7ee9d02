//! What was verified to be gone, as data and in words.

use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::naming::LabName;
use crate::provision::verify::RemovalReport;
use crate::system;
use crate::ui::Time;

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

    /// The paragraphs for people. `was_there` says whether there was anything to remove.
    pub(super) fn text(&self, context: &Context<'_>, was_there: bool) -> Vec<String> {
        if self.is_whole() {
            return vec![self.all_gone(context, was_there)];
        }
        let left: Vec<String> = self
            .removal
            .left
            .iter()
            .map(|left| format!("{}: {}.", left.what, left.reason))
            .collect();
        vec![
            format!("Not everything is gone:\n{}", left.join("\n")),
            format!("{} again continues from here.", context.command("down")),
        ]
    }

    fn all_gone(&self, context: &Context<'_>, was_there: bool) -> String {
        let Self {
            account,
            region,
            lab,
            ..
        } = self;
        let by_tag = match &self.removal.not_by_tag {
            None => ", and nothing has the lab's tag".to_owned(),
            Some(problem) => format!("; tags were not checked: {problem}"),
        };
        let place = format!("in account {account}, region {region}");
        if !was_there {
            let globals = &context.env.globals;
            let list = globals.command(&LabName::default(), "list");
            return format!(
                "There was nothing to remove: no part of the lab {lab} exists {place}, looked for by name{by_tag}. {list} shows the labs that exist."
            );
        }
        let at = self.verified_at.0.strftime("%Y-%m-%dT%H:%M:%SZ");
        let parts = self.removal.gone.len();
        format!(
            "Verified gone at {at}, {place}: all {parts} parts of the lab {lab}, looked for by name{by_tag}."
        )
    }
}
