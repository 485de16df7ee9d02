//! Which messages a command is about. Pure.

use serde_json::{Value, json};

use super::record::MessageRecord;
use super::selection_args::SelectionArgs;
use crate::system;

/// What is known of a message beside what SQS says, because it is an order.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Facts<'a> {
    /// Why it is dead.
    pub reason: Option<&'a str>,
    /// The order's number.
    pub order: Option<u64>,
    /// The run that sent it.
    pub run: Option<&'a str>,
}

/// Selects messages, at a given time.
#[derive(Debug)]
pub(crate) struct Selection<'a> {
    args: &'a SelectionArgs,
    now: u64,
    since: Option<u64>,
    until: Option<u64>,
    /// The first expression error, and how many messages had one.
    pub unclear: Option<(String, u64)>,
}

impl<'a> Selection<'a> {
    /// What `args` select, `now` in milliseconds since the Unix epoch.
    pub(crate) fn new(args: &'a SelectionArgs, now: u64) -> Self {
        Self {
            args,
            now,
            since: args.since.map(|since| since.ms(now)),
            until: args.until.map(|until| until.ms(now)),
            unclear: None,
        }
    }

    /// Whether a message is selected. One for which an expression has no value is not.
    pub(crate) fn selects(&mut self, message: &MessageRecord, facts: Facts<'_>) -> bool {
        let SelectionArgs {
            id,
            order,
            reason,
            run,
            attribute,
            matches,
            ..
        } = self.args;
        let sent = message.sent_at.unwrap_or_default();
        let one_of = |wanted: &[String], found: Option<&str>| {
            let mut wanted_ones = wanted.iter();
            wanted.is_empty() || wanted_ones.any(|wanted| Some(wanted.as_str()) == found)
        };
        one_of(id, Some(&message.message_id))
            && one_of(reason, facts.reason)
            && one_of(run, facts.run)
            && (order.is_empty() || facts.order.is_some_and(|number| order.contains(&number)))
            && self.since.is_none_or(|since| sent >= since)
            && self.until.is_none_or(|until| sent < until)
            && (attribute.is_empty() || attribute.iter().any(|test| test.holds(message)))
            && matches.iter().all(|test| test.holds(&message.body))
            && self.meets_conditions(message, facts)
    }

    fn meets_conditions(&mut self, message: &MessageRecord, facts: Facts<'_>) -> bool {
        if self.args.conditions.is_empty() {
            return true;
        }
        let document = document(message, facts, self.now);
        self.args.conditions.iter().all(|condition| {
            condition.is_true(&document).unwrap_or_else(|problem| {
                let (_, count) = self.unclear.get_or_insert((problem, 0));
                *count += 1;
                false
            })
        })
    }

    /// A sentence about messages for which an expression has no value; `None` where there were none.
    pub(crate) fn warning(&self) -> Option<String> {
        let (problem, count) = self.unclear.as_ref()?;
        let messages = crate::ui::counted(count, "message");
        Some(format!(
            "--where has no value for {messages}, which are not selected: {problem}"
        ))
    }
}

/// What expressions are about.
pub(super) fn document(message: &MessageRecord, facts: Facts<'_>, now: u64) -> Value {
    let body: Value = serde_json::from_str(&message.body).unwrap_or_default();
    let attributes: serde_json::Map<String, Value> = message
        .attributes
        .iter()
        .map(|(name, attribute)| (name.clone(), attribute.text().into()))
        .collect();
    let sent_at = message.sent_at;
    json!({
        "body": body,
        "text": message.body,
        "id": message.message_id,
        "attributes": attributes,
        "receives": message.receive_count,
        "sent_at": sent_at.map(|ms| format!("{:.3}", system::at(ms))),
        "age_seconds": sent_at.map(|ms| now.saturating_sub(ms) / 1000),
        "source": message.source_queue_arn.as_deref().and_then(queue_of_arn),
        "group": message.group_id,
        "reason": facts.reason,
        "order": facts.order,
        "run": facts.run,
    })
}

/// The name of the queue with this ARN.
pub(super) fn queue_of_arn(arn: &str) -> Option<&str> {
    arn.rsplit(':').next()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::attribute::{Attribute, AttributeValue};
    use super::*;

    #[derive(Parser)]
    struct Flags {
        #[command(flatten)]
        selection: SelectionArgs,
    }

    const NOW: u64 = 1_700_000_100_000;

    fn message() -> MessageRecord {
        let attribute = Attribute {
            data_type: "String".to_owned(),
            value: AttributeValue::Text("gold".to_owned()),
        };
        MessageRecord {
            message_id: "m".to_owned(),
            body: r#"{"type":"created","price":"err"}"#.to_owned(),
            attributes: [("customer".to_owned(), attribute)].into(),
            sent_at: Some(NOW - 60_000),
            receive_count: Some(4),
            ..MessageRecord::default()
        }
    }

    fn selects(flags: &str) -> bool {
        let words = std::iter::once("x")
            .chain(flags.split('|'))
            .filter(|word| !word.is_empty());
        let flags = Flags::try_parse_from(words).map_err(|problem| problem.to_string());
        let flags = flags.expect("flags");
        let facts = Facts {
            reason: Some("price_err"),
            order: Some(100_000_000_007),
            run: Some("r"),
        };
        Selection::new(&flags.selection, NOW).selects(&message(), facts)
    }

    #[test]
    fn every_flag_selects() {
        for flags in [
            "",
            "--id|m",
            "--id|other|--id|m",
            "--order|100000000007",
            "--reason|price_err",
            "--run|r",
            "--since|2m",
            "--until|30s",
            "--since|2023-11-14T00:00:00Z",
            "--attribute|customer",
            "--attribute|customer=gold",
            "--match|created",
            "--match|/\"price\":\"e..\"/",
            "--where|type(body.price) == 'string' && receives > 3",
            "--where|attributes.customer == 'gold' && age_seconds == 60",
            "--where|order == 100000000007 && reason == 'price_err'",
        ] {
            assert!(selects(flags), "{flags}");
        }
        for flags in [
            "--id|other",
            "--order|100000000008",
            "--reason|none",
            "--run|s",
            "--since|30s",
            "--until|2m",
            "--attribute|none",
            "--attribute|customer=silver",
            "--match|deleted",
            "--match|/^x/",
            "--match|created|--match|deleted",
            "--where|receives > 4",
            "--where|starts_with(body.missing, 'a')",
            "--id|m|--reason|none",
        ] {
            assert!(!selects(flags), "{flags}");
        }
    }

    #[test]
    fn wrong_flags_are_refused() {
        for flags in [
            ["--where", "body..a"],
            ["--match", "/(/"],
            ["--attribute", "=x"],
            ["--since", "soon"],
        ] {
            let parsed = Flags::try_parse_from(["x", flags[0], flags[1]]);
            assert!(parsed.is_err(), "{flags:?}");
        }
    }

    #[test]
    fn messages_without_a_value_are_counted() {
        let words = ["x", "--where", "starts_with(body.missing, 'a')"];
        let flags = Flags::parse_from(words);
        let mut selection = Selection::new(&flags.selection, NOW);
        assert!(selection.warning().is_none());
        assert!(!selection.selects(&message(), Facts::default()));
        let warning = selection.warning().expect("a warning");
        assert!(warning.contains("1 message"), "{warning}");
    }
}
