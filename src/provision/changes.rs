//! The changes that `up` would make to each resource, as `up --plan` and `status` show them.

use serde_json::{Map, Value, json};

use super::{Inspected, Observed, Problem};
use crate::aws::Class;
use crate::context::Context;
use crate::error::CommandError;
use crate::ui::{Report, Table};

/// What `up` would do with a resource, in a word.
pub fn change(found: &Inspected, adopt: bool) -> &'static str {
    match &found.observed {
        Ok(Observed::Absent) => "create",
        Ok(Observed::InSync) => "unchanged",
        Ok(Observed::Drifted(_)) => "update",
        Ok(Observed::Broken(_)) => "replace",
        Ok(observed) if observed.refusal(adopt).is_some() => "refuse",
        Ok(Observed::Foreign(_)) => "adopt",
        Ok(Observed::Taken(_) | Observed::Unfit(_)) => "refuse",
        Err(_) => "unknown",
    }
}

/// Why `up` would refuse a resource; `None` where it would not.
pub fn refusal(found: &Inspected, adopt: bool) -> Option<Problem> {
    match &found.observed {
        Ok(observed) => observed.refusal(adopt),
        Err(problem) => Some(problem.clone()),
    }
}

/// What the user can do about a problem, if that is known.
pub fn advice(problem: &Problem, context: &Context<'_>) -> Option<String> {
    let another = "--lab NAME builds a lab with other names.";
    match problem {
        Problem::Foreign => Some(format!(
            "{} takes over what has one of the lab's names but not its tag; {another}",
            context.command("up --adopt"),
        )),
        Problem::Taken(_) | Problem::NotAdoptable(_) => Some(another.to_owned()),
        Problem::Unfit(_) => Some(format!(
            "{} removes the lab with its orders, {} then builds a new one.",
            context.command("down"),
            context.command("up"),
        )),
        denied if denied.is(Class::Denied) => Some(context.env.permissions()),
        _ => None,
    }
}

/// A resource's members in a JSON document.
pub fn members(found: &Inspected, adopt: bool) -> Value {
    let mut members = Map::new();
    members.insert("kind".to_owned(), json!(found.kind));
    members.insert("name".to_owned(), json!(found.name));
    members.insert("change".to_owned(), json!(change(found, adopt)));
    if let Ok(observed) = &found.observed {
        members.insert("state".to_owned(), json!(observed.name()));
        members.insert("differences".to_owned(), json!(observed.differences()));
    }
    if let Some(problem) = refusal(found, adopt) {
        members.insert("reason".to_owned(), json!(problem.to_string()));
    }
    Value::Object(members)
}

/// One line for each setting that differs, and for each reason why `up` would refuse a resource.
pub fn lines(stack: &[Inspected], adopt: bool) -> Vec<String> {
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
pub fn plan(
    stack: &[Inspected],
    adopt: bool,
    context: &Context<'_>,
) -> Result<Report, CommandError> {
    let unknown = stack.iter().filter(|found| found.observed.is_err());
    refuse(unknown, adopt, context)?;
    let mut table = Table::new(["Resource", "Name", "Change"]);
    for found in stack {
        let kind = found.kind.replace('_', " ");
        table.row([kind, found.name.clone(), change(found, adopt).to_owned()]);
    }
    let changes: Vec<Value> = stack.iter().map(|found| members(found, adopt)).collect();
    let to_do = stack
        .iter()
        .filter(|found| change(found, adopt) != "unchanged")
        .count();
    let report = Report::good()
        .passed(to_do == 0)
        .with("changes", changes)
        .with("to_do", to_do)
        .table(table);
    let lines = lines(stack, adopt);
    let details = (!lines.is_empty()).then(|| lines.join("\n"));
    Ok(details
        .into_iter()
        .fold(report, Report::text)
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
        .all(|found| change(found, adopt) == "unchanged")
    {
        return "Nothing to do: the lab is up to date.".to_owned();
    }
    let words = if adopt { "up --adopt" } else { "up" };
    format!("Nothing was changed. {} does this.", context.command(words))
}

/// Refuses to begin where a resource cannot be made what it should be, or could not be inspected.
///
/// # Errors
/// When there is such a resource; every one is named.
pub fn require_possible(
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
