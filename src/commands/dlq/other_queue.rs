//! What `dlq --queue` shows of a queue that is not the lab's.

use super::look::{Look, summary};
use super::report::{DeadLetterMessage, DlqReport, MessageGroup};
use super::source::Source;
use super::{DlqArgs, fitting, some_of_each};
use crate::error::CommandError;
use crate::messages::MessageRecord;
use crate::system;
use crate::ui::{Cell, Report, Table, Tone, age, counted, listed, number, screen_lines};

/// A message and its group.
type Grouped = (String, MessageRecord);

pub(super) async fn report(
    args: &DlqArgs,
    source: &Source<'_>,
    look: Look,
) -> Result<Report<DlqReport>, CommandError> {
    let sources = source.queue.sources(&source.context.clients.sqs).await?;
    let mut messages: Vec<Grouped> = look.messages.into_values().collect();
    messages.sort_by(|(one_group, one), (other_group, other)| {
        let key = |message: &MessageRecord| (message.sent_at, message.message_id.clone());
        (one_group, key(one)).cmp(&(other_group, key(other)))
    });
    let is_alike = |one: &Grouped, other: &Grouped| one.0 == other.0;
    let limit = args.limit();
    let listed = some_of_each(&messages, limit.unwrap_or(usize::MAX), is_alike);
    let report = Report::new(DlqReport {
        queue: source.queue.name.clone(),
        read: look.read,
        selected: messages.len() as u64,
        messages: listed
            .into_iter()
            .map(|(_, message)| DeadLetterMessage::of_other_queue(message))
            .collect(),
        reasons: Default::default(),
        groups: MessageGroup::all(&look.groups),
    });
    let report = report.text(beginning(source, look.read, messages.len(), &sources));
    if messages.is_empty() {
        return Ok(report);
    }
    let fitting = fitting(screen_lines(), look.groups.len(), args.full);
    let shown = some_of_each(&messages, limit.unwrap_or(fitting), is_alike);
    let heading = if args.group_by.is_some() {
        "Group"
    } else {
        "From, and members"
    };
    let report = report
        .table(summary(&look.groups, heading, |_| String::new()))
        .table(table(&shown));
    let more = messages.len() - shown.len();
    let again = source
        .context
        .again("dlq", &[&format!("--limit {}", messages.len())]);
    let more = (more > 0).then(|| format!("{} more: {again} shows all.", number(more)));
    let export = source.context.command(&format!(
        "dlq export messages.jsonl --queue {}",
        source.queue.name
    ));
    Ok(report.texts(more).text(format!(
        "Next: {export} saves them whole; --where and the like select some."
    )))
}

/// How many there are, and what the queue is.
fn beginning(source: &Source<'_>, read: u64, selected: usize, sources: &[String]) -> String {
    let name = &source.queue.name;
    let role = match sources {
        [] => String::new(),
        sources => format!(", the dead-letter queue of {}", listed(sources)),
    };
    let hidden = source.depth().saturating_sub(read);
    let hidden = match hidden {
        0 => String::new(),
        hidden => format!(
            " By SQS's count, which may lag, it holds {} more that others are processing or that are delayed.",
            number(hidden)
        ),
    };
    if read == 0 {
        return format!("{name}{role} shows no messages.{hidden}");
    }
    let all = counted(read, "message");
    let count = if selected as u64 == read {
        all
    } else {
        format!("{} of {all}", number(selected))
    };
    format!("{count} in {name}{role}. All are still in the queue.{hidden}")
}

fn table(messages: &[&Grouped]) -> Table {
    let headings = ["Message id", "Receives", "Age", "Body"];
    let mut table = Table::new(headings).numeric([1, 2]);
    let now = system::now();
    for (_, message) in messages {
        let sent = system::at(message.sent_at.unwrap_or_default());
        table.row([
            Cell::from(message.message_id.as_str()),
            Cell::new(number(message.receive_count.unwrap_or_default()), Tone::Dim),
            Cell::from(age(sent, now)),
            Cell::from(message.body.as_str()),
        ]);
    }
    table
}
