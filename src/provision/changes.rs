//! The changes that `up` would make to each resource, as `up --plan` and `status` show them.

use schemars::JsonSchema;
use serde::Serialize;

use super::summary::about_settings;
use super::{Difference, Inspected, Observed, Problem};
use crate::aws::Class;
use crate::context::Context;
use crate::error::CommandError;
use crate::ui::{Cell, Report, Table, Tone};

/// What `up` does with a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    /// It does not exist and is created.
    Create,
    /// It is as it should be.
    Unchanged,
    /// It differs and is updated in place.
    Update,
    /// It differs, and is deleted and created again, which loses nothing.
    Replace,
    /// It is not the lab's, and is tagged and updated (`--adopt`).
    Adopt,
    /// It is left alone, and `up` changes nothing.
    Refuse,
    /// It could not be inspected.
    Unknown,
}

impl Change {
    /// What `up` does with an inspected resource. `adopt` says whether it may take over what has one of
    /// the lab's names but not its tag.
    pub(crate) fn of(found: &Inspected, adopt: bool) -> Self {
        match &found.observed {
            Ok(Observed::Absent) => Self::Create,
            Ok(Observed::InSync) => Self::Unchanged,
            Ok(Observed::Drifted(_)) => Self::Update,
            Ok(Observed::Broken(_)) => Self::Replace,
            Ok(observed) if observed.refusal(adopt).is_some() => Self::Refuse,
            Ok(Observed::Foreign(_)) => Self::Adopt,
            Ok(Observed::Taken(_) | Observed::Unfit(_)) => Self::Refuse,
            Err(_) => Self::Unknown,
        }
    }

    /// The word for tables and documents.
    fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Unchanged => "unchanged",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Adopt => "adopt",
            Self::Refuse => "refuse",
            Self::Unknown => "unknown",
        }
    }

    /// The word with its tone.
    fn cell(self) -> Cell {
        let tone = match self {
            Self::Create => Tone::Good,
            Self::Unchanged => Tone::Dim,
            Self::Update | Self::Replace | Self::Adopt => Tone::Warning,
            Self::Refuse | Self::Unknown => Tone::Bad,
        };
        Cell::new(self.name(), tone)
    }
}

/// A resource of the lab: what was found, and what `up` does about it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ResourceChange {
    /// The resource's kind, for example `queue` or `log_group`.
    kind: &'static str,
    /// Its name.
    name: String,
    /// What `up` does about it.
    change: Change,
    /// What was found: `absent`, `in_sync`, `drifted`, `broken`, `unfit`, `foreign` or `taken`; `null`
    /// where it could not be inspected.
    state: Option<&'static str>,
    /// The settings that are not as they should be.
    differences: Vec<Difference>,
    /// Why `up` refuses; `null` where it does not.
    reason: Option<String>,
}

impl ResourceChange {
    /// The change of an inspected resource; `adopt` as in [`Change::of`].
    pub(crate) fn of(found: &Inspected, adopt: bool) -> Self {
        let observed = found.observed.as_ref().ok();
        Self {
            kind: found.kind,
            name: found.name.clone(),
            change: Change::of(found, adopt),
            state: observed.map(Observed::name),
            differences: observed.map_or_else(Vec::new, |one| one.differences().to_vec()),
            reason: refusal(found, adopt).map(|problem| problem.to_string()),
        }
    }
}

/// What `up --plan` shows. It is `ok` if there is nothing to do.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PlanReport {
    /// The lab's resources.
    changes: Vec<ResourceChange>,
    /// How many resources `up` would change.
    to_do: usize,
}

/// Why `up` would refuse a resource; `None` where it would not.
pub(crate) fn refusal(found: &Inspected, adopt: bool) -> Option<Problem> {
    match &found.observed {
        Ok(observed) => observed.refusal(adopt),
        Err(problem) => Some(problem.clone()),
    }
}

/// What the user can do about a problem, if that is known.
pub(crate) fn advice(problem: &Problem, context: &Context<'_>) -> Option<String> {
    let another = "--lab NAME builds a lab with other names.";
    match problem {
        Problem::Foreign => Some(format!(
            "{} takes over what has one of the lab's names but not its tag; {another}",
            context.again("up", &["--adopt"]),
        )),
        Problem::Taken(_) | Problem::NotAdoptable(_) => Some(another.to_owned()),
        Problem::Unfit(_) => Some(format!(
            "{} removes the lab with its orders, {} then builds a new one.",
            context.command("down"),
            context.again("up", &[]),
        )),
        denied if denied.is(Class::Denied) => Some(context.env.permissions()),
        _ => None,
    }
}

/// One line for each setting that differs, and for each reason why `up` would refuse a resource.
pub(crate) fn lines(stack: &[Inspected], adopt: bool) -> Vec<String> {
    let mut lines = Vec::new();
    for found in stack {
        if let Some(problem) = refusal(found, adopt) {
            lines.push(format!("{}: {problem}.", found.id()));
            continue;
        }
        let differences = found
            .observed
            .as_ref()
            .map_or(&[][..], Observed::differences);
        lines.extend(
            differences
                .iter()
                .map(|one| format!("{}: {one}", found.id())),
        );
    }
    lines
}

/// The report of what `up` would do, resource by resource. It passes only if there is nothing to
/// do.
///
/// # Errors
/// When a resource could not be inspected, so that its change is not known.
pub(crate) fn plan(
    stack: &[Inspected],
    adopt: bool,
    context: &Context<'_>,
) -> Result<Report<PlanReport>, CommandError> {
    let unknown = stack.iter().filter(|found| found.observed.is_err());
    refuse(unknown, adopt, context)?;
    let mut table = Table::new(["Resource", "Name", "Change"]);
    for found in stack {
        table.row([
            Cell::from(found.kind.replace('_', " ")),
            Cell::from(found.name.as_str()),
            Change::of(found, adopt).cell(),
        ]);
    }
    let to_do = stack
        .iter()
        .filter(|found| Change::of(found, adopt) != Change::Unchanged)
        .count();
    let report = PlanReport {
        changes: stack
            .iter()
            .map(|found| ResourceChange::of(found, adopt))
            .collect(),
        to_do,
    };
    let lines = lines(stack, adopt).join("\n");
    let about_settings = about_settings(&lines).map(str::to_owned);
    Ok(Report::new(report)
        .passed(to_do == 0)
        .table(table)
        .texts(Some(lines).filter(|lines| !lines.is_empty()))
        .texts(about_settings)
        .text(conclusion(stack, adopt, context)))
}

/// What follows from a plan.
fn conclusion(stack: &[Inspected], adopt: bool, context: &Context<'_>) -> String {
    if let Some(problem) = stack.iter().find_map(|found| refusal(found, adopt)) {
        let advice = advice(&problem, context).unwrap_or_default();
        let refuses = "Nothing was changed, and `up` would change nothing before this is resolved.";
        return format!("{refuses} {advice}").trim_end().to_owned();
    }
    if stack
        .iter()
        .all(|found| Change::of(found, adopt) == Change::Unchanged)
    {
        return "Nothing to do: the lab is up to date.".to_owned();
    }
    format!(
        "Nothing was changed. {} does this.",
        context.again("up", &[])
    )
}

/// Refuses to begin where a resource cannot be made what it should be, or could not be inspected.
///
/// # Errors
/// When there is such a resource; every one is named.
pub(crate) fn require_possible(
    stack: &[Inspected],
    adopt: bool,
    context: &Context<'_>,
) -> Result<(), CommandError> {
    refuse(stack.iter(), adopt, context)
}

fn refuse<'a>(
    stack: impl Iterator<Item = &'a Inspected>,
    adopt: bool,
    context: &Context<'_>,
) -> Result<(), CommandError> {
    let refusals: Vec<(String, Problem)> = stack
        .filter_map(|found| Some((found.id(), refusal(found, adopt)?)))
        .collect();
    let Some((_, first)) = refusals.first() else {
        return Ok(());
    };
    let reasons = refusals
        .iter()
        .map(|(id, problem)| format!("{id}: {problem}"))
        .collect::<Vec<_>>()
        .join("; ");
    let mut error = CommandError::from(first.clone());
    error.message = format!("nothing was changed: {reasons}");
    Err(refusals
        .iter()
        .map(|(_, problem)| problem)
        // `CommandEnv::explain` adds the hint for a denied call to every error.
        .filter(|problem| !problem.is(Class::Denied))
        .filter_map(|problem| advice(problem, context))
        .fold(error, |error, hint| {
            if error.hints.contains(&hint) {
                error
            } else {
                error.hint(hint)
            }
        }))
}
