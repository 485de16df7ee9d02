//! The record of repaired orders: bad orders that `redrive` changed into good ones before it sent
//! them. By it an audit knows that such an order may be in the table, and how.
//!
//! A file in the lab's directory, one JSON object on a line, written before the order is sent.

use std::collections::{HashMap, HashSet};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use order::Order;
use serde::{Deserialize, Serialize};

use crate::error::CommandError;
use crate::home;
use crate::lab::StoredOrder;
use crate::runs::OrderId;

/// One repaired order.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    run: String,
    index: u64,
    number: u64,
    details: String,
}

/// The repaired orders of a lab.
#[derive(Debug, Default)]
pub(crate) struct Repairs {
    /// The numbers and details that an order was given: it may have been repaired more than once.
    orders: HashMap<OrderId, HashSet<(u64, String)>>,
}

impl Repairs {
    /// Reads those that are recorded in a lab's directory.
    ///
    /// # Errors
    /// When the record cannot be read or is damaged; the error names it.
    pub(crate) fn load(lab_directory: &Path) -> Result<Self, CommandError> {
        let path = path(lab_directory);
        let text = home::read(&path)?.unwrap_or_default();
        let mut repairs = Self::default();
        // The last line may have been cut off; its order was not sent.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        for (index, line) in whole.lines().enumerate() {
            let Line {
                run,
                index,
                number,
                details,
            } = serde_json::from_str(line).map_err(|problem| {
                let message = format!("line {} of {} is damaged", index + 1, path.display());
                CommandError::environment(message).because(problem)
            })?;
            let order = repairs.orders.entry(OrderId { run, index }).or_default();
            order.insert((number, details));
        }
        Ok(repairs)
    }

    /// Whether a stored order is as a repair made it.
    pub(crate) fn include(&self, stored: &StoredOrder) -> bool {
        let repaired = stored.id.as_ref().and_then(|id| self.orders.get(id));
        repaired.is_some_and(|forms| forms.contains(&(stored.number, stored.details.clone())))
    }
}

/// Adds repaired orders to the record.
///
/// # Errors
/// When it cannot be written; the error names it.
pub(super) fn record(
    lab_directory: &Path,
    repaired: &[(OrderId, Order)],
) -> Result<(), CommandError> {
    if repaired.is_empty() {
        return Ok(());
    }
    let path = path(lab_directory);
    home::make_directory(lab_directory)?;
    let lines: String = repaired.iter().map(line).collect();
    let written = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut file| file.write_all(lines.as_bytes()));
    written.map_err(|problem| home::unusable(&path, problem))
}

fn line((id, order): &(OrderId, Order)) -> String {
    let line = Line {
        run: id.run.clone(),
        index: id.index,
        number: order.order_number,
        details: order.details(),
    };
    let json = serde_json::to_string(&line).expect("texts and numbers can be written as JSON");
    format!("{json}\n")
}

fn path(lab_directory: &Path) -> PathBuf {
    lab_directory.join("repairs.ndjson")
}

#[cfg(test)]
impl Repairs {
    /// The repair of one order.
    pub(crate) fn one(id: OrderId, order: &Order) -> Self {
        let form = (order.order_number, order.details());
        Self {
            orders: [(id, [form].into())].into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(number: u64) -> Order {
        Order {
            order_number: number,
            num_items: 2,
            price_per_item: 125.0,
            item_description: "zTV".to_owned(),
        }
    }

    fn id(index: u64) -> OrderId {
        OrderId {
            run: "r".to_owned(),
            index,
        }
    }

    #[test]
    fn a_repaired_order_is_known_by_id_number_and_details() {
        let folder = tempfile::tempdir().expect("a folder");
        let directory = folder.path().join("lab");
        record(&directory, &[(id(1), order(100_000_000_001))]).expect("written");
        record(&directory, &[(id(1), order(100_000_000_002))]).expect("written");
        let repairs = Repairs::load(&directory).expect("a record");
        let stored = |index, number| StoredOrder {
            number,
            details: order(number).details(),
            id: Some(id(index)),
        };
        assert!(repairs.include(&stored(1, 100_000_000_001)));
        assert!(repairs.include(&stored(1, 100_000_000_002)));
        assert!(!repairs.include(&stored(1, 100_000_000_003)));
        assert!(!repairs.include(&stored(2, 100_000_000_001)));
        let other = StoredOrder {
            details: "{}".to_owned(),
            ..stored(1, 100_000_000_001)
        };
        assert!(!repairs.include(&other));
    }

    #[test]
    fn a_line_that_was_cut_off_does_not_count() {
        let folder = tempfile::tempdir().expect("a folder");
        record(folder.path(), &[(id(1), order(100_000_000_001))]).expect("written");
        let path = path(folder.path());
        let text = std::fs::read_to_string(&path).expect("the record");
        std::fs::write(&path, format!("{text}{{\"run\":")).expect("written");
        assert_eq!(
            Repairs::load(folder.path()).expect("a record").orders.len(),
            1
        );
        std::fs::write(&path, "{\"run\":\n").expect("written");
        let refused = Repairs::load(folder.path()).expect_err("damaged");
        assert!(refused.message.contains("line 1"), "{}", refused.message);
    }
}
