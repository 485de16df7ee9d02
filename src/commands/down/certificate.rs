//! What was verified gone, in words and as data.

use serde_json::json;

use crate::context::Context;
use crate::provision::certify::Certificate;
use crate::ui::Report;
use crate::world;

/// Adds the certificate to what `down` reports. It fails when anything is left.
pub(super) fn attach(report: Report, context: &Context<'_>, certificate: &Certificate) -> Report {
    let now = i64::try_from(world::now_ms()).unwrap_or(i64::MAX);
    let at = jiff::Timestamp::from_millisecond(now).unwrap_or_default();
    let at = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
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
        return report.text(said(context, certificate, &at));
    }
    let left = certificate.left.iter();
    let left = left.map(|left| format!("{}: {}.", left.what, left.reason));
    report
        .text(format!(
            "Not everything is gone:\n{}",
            left.collect::<Vec<_>>().join("\n")
        ))
        .text("`orders-lab down` again goes on from here.")
}

fn said(context: &Context<'_>, certificate: &Certificate, at: &str) -> String {
    let by_tag = match &certificate.not_by_tag {
        None => ", and nothing bears the lab's tag".to_owned(),
        Some(problem) => format!("; it was not looked by tag, because {problem}"),
    };
    format!(
        "Verified gone at {at}, in account {}, region {}: all {} parts of the lab {}, looked for by name{by_tag}.",
        context.target.account,
        context.target.region,
        certificate.gone.len(),
        context.names.lab(),
    )
}
