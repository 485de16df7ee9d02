//! A look into a queue: what `dlq` keeps of the selected messages, which is little where there is no
//! need for more, and how they are grouped.

use std::collections::HashMap;

use super::DlqArgs;
use super::source::Source;
use crate::dlq::DeadLetter;
use crate::error::CommandError;
use crate::messages::{Facts, Groups, MessageRecord, Selection, Step, standard_group};
use crate::system;
use crate::ui::{Cell, Table, age, number};

/// How many characters of a body a person is shown.
const PREVIEW: usize = 200;

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Look {
    /// How many messages, selected or not.
    pub(super) read: u64,
    /// The selected messages as dead letters, where the queue is the lab's.
    pub(super) letters: Vec<DeadLetter>,
    /// The selected messages by their ids, with their groups, where the document shows them or the
    /// queue is another.
    pub(super) messages: HashMap<String, (String, MessageRecord)>,
    /// Their groups, where they do not depend on the reason.
    pub(super) groups: Groups,
}

impl Look {
    /// Reads the queue.
    ///
    /// # Errors
    /// When the target refuses or cannot be reached, or the user interrupts.
    pub(super) async fn read(args: &DlqArgs, source: &Source<'_>) -> Result<Self, CommandError> {
        let now = system::now_ms();
        let mut selection = Selection::new(&args.selection, now);
        let mut look = Self::default();
        let json = source.context.env.globals.json;
        let mut reading = source.reading();
        let read = source.read(&mut reading, &mut selection, async |message, letter| {
            look.add(args, now, json, message, letter);
            Ok(Step::Leave)
        });
        let read = read.await;
        reading.release().await;
        look.read = read?.read;
        Ok(look)
    }

    fn add(
        &mut self,
        args: &DlqArgs,
        now: u64,
        json: bool,
        mut message: MessageRecord,
        letter: Option<DeadLetter>,
    ) {
        let facts = letter.as_ref().map_or(Facts::default(), DeadLetter::facts);
        let group = match (&args.group_by, &letter) {
            (Some(by), _) => by.group(&message, facts, now),
            (None, Some(_)) => String::new(),
            (None, None) => standard_group(&message),
        };
        let sent_at = message.sent_at.unwrap_or_default();
        if args.group_by.is_some() || letter.is_none() {
            self.groups.add(group.clone(), &message.message_id, sent_at);
        }
        let is_lab = letter.is_some();
        if let Some(mut letter) = letter {
            if !json && !args.full {
                letter.body = String::new();
            }
            self.letters.push(letter);
        }
        // The letter has the body.
        if is_lab {
            message.body = String::new();
        } else if !json && !args.full {
            message.body = preview(&message.body);
        }
        if json || !is_lab {
            self.messages
                .insert(message.message_id.clone(), (group, message));
        }
    }
}

/// The beginning of a body in one line.
fn preview(body: &str) -> String {
    let mut beginning: String = body.chars().take(PREVIEW).collect();
    if beginning.len() < body.len() {
        beginning.push('…');
    }
    beginning.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The groups, with what each means where there is something to say.
pub(super) fn summary(
    groups: &Groups,
    heading: &'static str,
    meaning: impl Fn(&str) -> String,
) -> Table {
    let headings = ["Count", heading, "First", "Last", "Meaning"];
    let mut table = Table::new(headings).numeric([0, 2, 3]);
    let now = system::now();
    for (key, group) in groups.by_count() {
        table.row([
            Cell::from(number(group.count)),
            Cell::from(key),
            Cell::from(age(system::at(group.first), now)),
            Cell::from(age(system::at(group.last), now)),
            Cell::from(meaning(key)),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_is_one_line() {
        assert_eq!(preview("{\n  \"a\": 1\n}"), "{ \"a\": 1 }");
        let long = preview(&"ä".repeat(PREVIEW + 1));
        assert_eq!(long.chars().count(), PREVIEW + 1);
        assert!(long.ends_with('…'));
    }
}
