//! An audit as people read it, and as a report.

use super::{Listing, RunAudit};
use crate::globals::Globals;
use crate::ui::{Cell, Report, Table, Tone, counted, number};

/// How many orders of a listing a person is shown.
const SHOWN: usize = 5;

/// The audit as a report, which passes only if the audit is clean.
pub(crate) fn report(audit: &RunAudit, globals: &Globals) -> Report<RunAudit> {
    let summarized = Report::new(audit.clone())
        .passed(audit.is_clean())
        .table(table(audit))
        .text(sentence(audit, globals));
    if audit.unexpected.count == 0 {
        return summarized;
    }
    summarized.text(
        "Unexpected are bad orders that were stored, and orders that no run recorded on this machine has sent. Orders sent from another machine are audited there.",
    )
}

fn table(audit: &RunAudit) -> Table {
    let mut table = Table::new(["Orders", "Count", "Which"]).numeric([1]);
    let counts = [
        ("sent", audit.sent, true),
        ("stored", audit.stored, true),
        ("repaired and stored", audit.repaired, false),
        ("waiting", audit.waiting, true),
        ("in flight", audit.in_flight, true),
        ("dead-lettered", audit.dead_lettered, true),
        ("hidden by another reader", audit.hidden, false),
        ("expired dead letters", audit.expired, false),
    ];
    for (name, count, is_usual) in counts {
        if is_usual || count > 0 {
            table.row([Cell::from(name), Cell::from(number(count)), Cell::default()]);
        }
    }
    let listings = [
        ("good, yet dead-lettered", &audit.dead_lettered_good),
        ("missing", &audit.missing),
        ("altered", &audit.altered),
        ("unexpected", &audit.unexpected),
    ];
    for (name, listing) in listings {
        let tone = if listing.count > 0 {
            Tone::Bad
        } else {
            Tone::Dim
        };
        let which = if name == "missing" {
            which_are_missing(audit)
        } else {
            first_few(listing)
        };
        table.row([
            Cell::new(name, tone),
            Cell::new(number(listing.count), tone),
            Cell::from(which),
        ]);
    }
    table
}

/// The missing orders, or those among which they are.
fn which_are_missing(audit: &RunAudit) -> String {
    match audit.missing_candidates.count {
        0 => first_few(&audit.missing),
        _ => format!("among {}", first_few(&audit.missing_candidates)),
    }
}

fn first_few(listing: &Listing) -> String {
    let shown: Vec<&str> = listing
        .orders
        .iter()
        .take(SHOWN)
        .map(String::as_str)
        .collect();
    let more = if listing.count > shown.len() as u64 {
        ", …"
    } else {
        ""
    };
    format!("{}{more}", shown.join(", "))
}

/// The audit in one or two sentences.
pub(crate) fn sentence(audit: &RunAudit, globals: &Globals) -> String {
    let mut parts = vec![
        format!("{} stored", number(audit.stored)),
        format!("{} dead-lettered", number(audit.dead_lettered)),
    ];
    let others = [
        (audit.repaired, "repaired and stored"),
        (audit.waiting, "waiting"),
        (audit.in_flight, "in flight"),
        (
            audit.hidden,
            "hidden by another reader of the dead-letter queue",
        ),
        (
            audit.expired,
            "dead-lettered and deleted by SQS after four days",
        ),
    ];
    let present = others.iter().filter(|(count, _)| *count > 0);
    parts.extend(present.map(|(count, what)| format!("{} {what}", number(count))));
    if audit.sent == 0 && audit.is_clean() {
        return "No order that was sent from this machine is on record.".to_owned();
    }
    let sent = counted(audit.sent, "order");
    let found = format!("{sent} sent: {}.", parts.join(", "));
    if !audit.is_clean() {
        return format!("{found} Wrong: {}.", wrong(audit, globals));
    }
    if audit.is_settled() {
        return format!("{found} Every one is accounted for, and only bad ones are dead-lettered.");
    }
    let in_progress = audit.in_progress();
    let are = if in_progress == 1 { "is" } else { "are" };
    format!(
        "{found} Nothing is wrong so far; {} {are} in progress.",
        number(in_progress)
    )
}

/// What is wrong with an audit that is not clean.
fn wrong(audit: &RunAudit, globals: &Globals) -> String {
    let redrive = globals.command(&globals.lab, "redrive");
    let good = format!("good but dead-lettered ({redrive} sends them again)");
    let missing = match audit.missing_candidates.count {
        0 => "missing".to_owned(),
        candidates => format!(
            "missing (among {} that were not found; which are missing is known once the others have arrived)",
            number(candidates)
        ),
    };
    let kinds = [
        (audit.missing.count, &missing[..]),
        (audit.altered.count, "altered"),
        (audit.unexpected.count, "unexpected"),
        (audit.dead_lettered_good.count, &good),
    ];
    kinds
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", number(count)))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Flags {
        #[command(flatten)]
        globals: Globals,
    }

    fn globals() -> Globals {
        Flags::parse_from(["orders-lab", "--lab", "ann"]).globals
    }

    #[test]
    fn orders_in_progress_are_not_accounted_for() {
        let mut audit = RunAudit {
            sent: 3,
            stored: 2,
            dead_lettered: 1,
            ..RunAudit::default()
        };
        let settled = sentence(&audit, &globals());
        assert!(settled.starts_with("3 orders sent: 2 stored, 1 dead-lettered. Every one"));
        (audit.stored, audit.waiting) = (1, 1);
        let unsettled = sentence(&audit, &globals());
        assert!(unsettled.ends_with("1 waiting. Nothing is wrong so far; 1 is in progress."));
        assert!(report(&audit, &globals()).ok);
    }

    #[test]
    fn candidates_stand_apart_from_missing_orders() {
        let mut audit = RunAudit {
            sent: 3,
            waiting: 2,
            ..RunAudit::default()
        };
        audit.missing.count = 1;
        for number in [7, 8, 9] {
            audit.missing_candidates.add(number);
        }
        let text = sentence(&audit, &globals());
        assert!(
            text.contains("1 missing (among 3 that were not found;"),
            "{text}"
        );
        assert_eq!(which_are_missing(&audit), "among 7, 8, 9");
    }

    #[test]
    fn what_is_wrong_names_its_remedy() {
        let mut audit = RunAudit {
            sent: 1,
            dead_lettered: 1,
            ..RunAudit::default()
        };
        audit.dead_lettered_good.count = 1;
        let text = sentence(&audit, &globals());
        assert!(text.starts_with("1 order sent: 0 stored, 1 dead-lettered. Wrong: 1 good"));
        assert!(text.contains("`orders-lab redrive --lab ann`"), "{text}");
        assert!(!report(&audit, &globals()).ok);
    }
}
