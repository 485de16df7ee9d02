//! What a survey of a lab has found, as `up --plan` and `status` show it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::aws::Class;
use crate::context::Context;
use crate::error::CommandError;
use crate::provision::{Difference, Inspected, Observed, Problem};
use crate::ui::{Report, Table};

/// What `up` does about a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Change {
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
    /// What `up` does about what was found.
    pub(super) fn of(found: &Inspected, adopt: bool) -> Self {
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
}

/// A resource of the lab: what was found, and what `up` does about it.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ResourceChange {
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
    pub(super) fn of(found: &Inspected, adopt: bool) -> Self {
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
pub(super) struct PlanReport {
    /// The lab's resources.
    changes: Vec<ResourceChange>,
    /// How many of them `up` would change.
    to_do: usize,
}

/// Why `up` would refuse what was found; `None` where it would not.
pub(super) fn refusal(found: &Inspected, adopt: bool) -> Option<Problem> {
    match &found.observed {
        Ok(observed) => observed.refusal(adopt),
        Err(problem) => Some(problem.clone()),
    }
}

/// What the user can do about a problem, if that is known.
pub(super) fn way_out(problem: &Problem, context: &Context<'_>) -> Option<String> {
    let another = "--lab NAME builds a lab with names of its own.";
    match problem {
        Problem::Foreign => Some(format!(
            "{} takes over what has a name of the lab's but not its tag; {another}",
            context.command("up --adopt"),
        )),
        Problem::Taken(_) | Problem::NotAdoptable(_) => Some(another.to_owned()),
        Problem::Unfit(_) => Some(format!(
            "{} removes the lab with its orders, {} then builds it anew.",
            context.command("down"),
            context.command("up"),
        )),
        denied if denied.is(Class::Denied) => Some(context.env.permissions()),
        _ => None,
    }
}

/// One line for each setting that differs, and each reason why something cannot be put right.
pub(super) fn lines(survey: &[Inspected], adopt: bool) -> Vec<String> {
    let mut lines = Vec::new();
    for found in survey {
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

/// What `up` would do, resource by resource. It fails when there is something to do.
///
/// # Errors
/// When looking at some resource failed, so that it is not known.
pub(super) fn plan(
    survey: &[Inspected],
    adopt: bool,
    context: &Context<'_>,
) -> Result<Report<PlanReport>, CommandError> {
    let unknown = survey.iter().filter(|found| found.observed.is_err());
    refuse(unknown, adopt, context)?;
    let mut table = Table::new(["Resource", "Name", "Change"]);
    for found in survey {
        let kind = found.kind.replace('_', " ");
        table.row([
            kind,
            found.name.clone(),
            Change::of(found, adopt).name().to_owned(),
        ]);
    }
    let open = survey
        .iter()
        .filter(|found| Change::of(found, adopt) != Change::Unchanged);
    let to_do = open.count();
    let report = PlanReport {
        changes: survey
            .iter()
            .map(|found| ResourceChange::of(found, adopt))
            .collect(),
        to_do,
    };
    let lines = lines(survey, adopt);
    Ok(Report::new(report)
        .passed(to_do == 0)
        .table(table)
        .texts((!lines.is_empty()).then(|| lines.join("\n")))
        .text(conclusion(survey, adopt, context)))
}

/// What follows from a plan.
fn conclusion(survey: &[Inspected], adopt: bool, context: &Context<'_>) -> String {
    if let Some(problem) = survey.iter().find_map(|found| refusal(found, adopt)) {
        let way_out = way_out(&problem, context).unwrap_or_default();
        let refuses = "Nothing was changed, and `up` would change nothing before this is settled.";
        return format!("{refuses} {way_out}").trim_end().to_owned();
    }
    if survey
        .iter()
        .all(|found| Change::of(found, adopt) == Change::Unchanged)
    {
        return "Nothing to do: the lab is as it should be.".to_owned();
    }
    let words = if adopt { "up --adopt" } else { "up" };
    format!("Nothing was changed. {} does this.", context.command(words))
}

/// Refuses to begin where something could not be put right, or is not known.
///
/// # Errors
/// When there is such a thing; every one is named.
pub(super) fn insist(
    survey: &[Inspected],
    adopt: bool,
    context: &Context<'_>,
) -> Result<(), CommandError> {
    refuse(survey.iter(), adopt, context)
}

fn refuse<'a>(
    survey: impl Iterator<Item = &'a Inspected>,
    adopt: bool,
    context: &Context<'_>,
) -> Result<(), CommandError> {
    let refusals: Vec<(String, Problem)> = survey
        .filter_map(|found| Some((found.id(), refusal(found, adopt)?)))
        .collect();
    let Some((_, first)) = refusals.first() else {
        return Ok(());
    };
    let said = refusals
        .iter()
        .map(|(id, problem)| format!("{id}: {problem}"));
    let said = said.collect::<Vec<_>>().join("; ");
    let mut error = CommandError::from(first.clone());
    error.message = format!("nothing was changed: {said}");
    // What helps where a call is denied is told of every error.
    let others = refusals.iter().map(|(_, problem)| problem);
    Err(others
        .filter(|problem| !problem.is(Class::Denied))
        .filter_map(|problem| way_out(problem, context))
        .fold(error, |error, hint| {
            if error.hints.contains(&hint) {
                error
            } else {
                error.hint(hint)
            }
        }))
}
