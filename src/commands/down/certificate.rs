//! What was verified gone, in words and as data.

use serde_json::json;

use crate::context::Context;
use crate::naming::LabName;
use crate::provision::verify::RemovalReport;
use crate::system;
use crate::ui::Report;

/// Adds the certificate to what `down` reports. It fails when anything is left.
pub(super) fn attach(
    report: Report,
    context: &Context<'_>,
    certificate: &RemovalReport,
    was_there: bool,
) -> Report {
    let at = system::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let report = report.passed(certificate.left.is_empty()).with(
        "certificate",
        json!({
            "account": context.target.account, "region": context.target.region,
            "lab": context.names.lab().as_str(), "verified_at": at,
            "gone": certificate.gone, "left": certificate.left,
            "by_tag": certificate.not_by_tag.is_none(), "not_by_tag": certificate.not_by_tag,
            "watched_seconds": certificate.watched_seconds,
        }),
    );
    if certificate.left.is_empty() {
        return report.text(said(context, certificate, &at, was_there));
    }
    let left = certificate.left.iter();
    let left = left.map(|left| format!("{}: {}.", left.what, left.reason));
    report
        .text(format!(
            "Not everything is gone:\n{}",
            left.collect::<Vec<_>>().join("\n")
        ))
        .text(format!(
            "{} again goes on from here.",
            context.command("down")
        ))
}

fn said(context: &Context<'_>, certificate: &RemovalReport, at: &str, was_there: bool) -> String {
    let by_tag = match &certificate.not_by_tag {
        None => ", and nothing bears the lab's tag".to_owned(),
        Some(problem) => format!("; tags were not checked: {problem}"),
    };
    let lab = context.names.lab();
    let place = format!(
        "in account {}, region {}",
        context.target.account, context.target.region
    );
    if !was_there {
        let globals = &context.env.globals;
        let list = globals.command(&LabName::default(), "list");
        return format!(
            "There was nothing to remove: none of the lab {lab} is {place}, looked for by name{by_tag}. {list} shows the labs that are there."
        );
    }
    let parts = certificate.gone.len();
    format!(
        "Verified gone at {at}, {place}: all {parts} parts of the lab {lab}, looked for by name{by_tag}."
    )
}
