//! What a survey of a lab has found, as `up --plan` and `status` show it.

use serde_json::{Map, Value, json};

use crate::aws::Class;
use crate::context::Context;
use crate::error::CommandError;
use crate::provision::{Inspected, Observed, Problem};
use crate::ui::{Report, Table};

/// What `up` would do about what was found.
pub(super) fn change(found: &Inspected, adopt: bool) -> &'static str {
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

/// The members of a document that tell what was found of a resource.
pub(super) fn members(found: &Inspected, adopt: bool) -> Value {
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
) -> Result<Report, CommandError> {
    let unknown = survey.iter().filter(|found| found.observed.is_err());
    refuse(unknown, adopt, context)?;
    let mut table = Table::new(["Resource", "Name", "Change"]);
    for found in survey {
        let kind = found.kind.replace('_', " ");
        table.row([kind, found.name.clone(), change(found, adopt).to_owned()]);
    }
    let open = survey
        .iter()
        .filter(|found| change(found, adopt) != "unchanged");
    let to_do = open.count();
    let changes: Vec<Value> = survey.iter().map(|found| members(found, adopt)).collect();
    let mut report = Report::good()
        .passed(to_do == 0)
        .with("changes", changes)
        .with("to_do", to_do)
        .table(table);
    let lines = lines(survey, adopt);
    if !lines.is_empty() {
        report = report.text(lines.join("\n"));
    }
    Ok(report.text(conclusion(survey, adopt, context)))
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
        .all(|found| change(found, adopt) == "unchanged")
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
