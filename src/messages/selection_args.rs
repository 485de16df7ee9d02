//! The flags that select messages, the same for every command that takes some of a queue's.

use clap::Args;
use order::{FIRST_NUMBER, LAST_NUMBER};

use super::condition::{AttributeTest, TextTest};
use super::expression::Expression;
use super::moment::Moment;
use crate::globals::parse_number;

/// Which messages. All of the conditions must hold; of a flag that is given several times, one value
/// must (--match and --where: all).
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct SelectionArgs {
    /// Only the message with this id
    #[arg(long, value_name = "ID")]
    pub(super) id: Vec<String>,
    /// Only orders with this number
    #[arg(long, value_name = "N", value_parser = parse_number(FIRST_NUMBER..=LAST_NUMBER))]
    pub(super) order: Vec<u64>,
    /// Only orders with this reason, for example price_err
    #[arg(long, value_name = "REASON")]
    pub(super) reason: Vec<String>,
    /// Only orders of this run
    #[arg(long, value_name = "RUN")]
    pub(super) run: Vec<String>,
    /// Only messages sent since then: 10m ago, or 2026-11-24T18:26:42Z
    #[arg(long, value_name = "TIME")]
    pub(super) since: Option<Moment>,
    /// Only messages sent before then
    #[arg(long, value_name = "TIME")]
    pub(super) until: Option<Moment>,
    /// Only messages with this attribute, and with this value if one is given
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub(super) attribute: Vec<AttributeTest>,
    /// Only messages whose body contains TEXT, or matches /REGEX/
    #[arg(long = "match", value_name = "TEXT")]
    pub(super) matches: Vec<TextTest>,
    /// Only messages for which a JMESPath expression is true, for example
    /// "body.num_items > 3 && body.type == 'new'": texts stand in single quotes
    #[arg(long = "where", value_name = "EXPR", value_parser = Expression::compile)]
    pub(super) conditions: Vec<Expression>,
}

impl SelectionArgs {
    /// The long names of the flags.
    pub(crate) const NAMES: [&'static str; 9] = [
        "id",
        "order",
        "reason",
        "run",
        "since",
        "until",
        "attribute",
        "match",
        "where",
    ];

    /// Whether every message is selected.
    pub(crate) fn is_everything(&self) -> bool {
        let Self {
            id,
            order,
            reason,
            run,
            since,
            until,
            attribute,
            matches,
            conditions,
        } = self;
        id.is_empty()
            && order.is_empty()
            && reason.is_empty()
            && run.is_empty()
            && since.is_none()
            && until.is_none()
            && attribute.is_empty()
            && matches.is_empty()
            && conditions.is_empty()
    }

    /// The flag that only orders have a value for; `None` where none is given.
    pub(crate) fn flag_of_orders(&self) -> Option<&'static str> {
        let flags = [
            ("--order", !self.order.is_empty()),
            ("--reason", !self.reason.is_empty()),
            ("--run", !self.run.is_empty()),
        ];
        flags
            .into_iter()
            .find_map(|(flag, given)| given.then_some(flag))
    }

    /// Whether the reason of a message decides about it.
    pub(crate) fn needs_reason(&self) -> bool {
        let mut conditions = self.conditions.iter();
        !self.reason.is_empty() || conditions.any(|condition| condition.mentions("reason"))
    }
}
