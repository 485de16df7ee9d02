//! Reads of many items, a page at a time.
//!
//! DynamoDB reads at most 1 MB for a page. Dynoxide reads every row that remains and then keeps 1 MB
//! of them, so reading a whole table takes time in the square of its size. Here the rows of a page
//! are counted first, some at a time, and dynoxide gets their number as the limit.

mod query;
mod scan;
mod statement;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use dynoxide::types::item_size;
use dynoxide::{AttributeValue, Database, DynoxideError, Item};

pub(super) use statement::{is_select, statement_page};

/// How much data is read for a page, in bytes as DynamoDB counts them, before any filter.
const PAGE_BYTES: usize = 1 << 20;

/// How many rows the first read takes.
const FIRST_ROWS: usize = 64;

/// How many rows one read takes at most. Their sizes are not known before, and a row may have 400 KB.
const MOST_ROWS: usize = 256;

/// The key of the last item of a page, where more may follow.
type Key = HashMap<String, AttributeValue>;

/// A `Scan` or `Query`.
pub(super) trait PagedRead: Sized {
    /// Dynoxide's response.
    type Reply;

    /// How many rows the client wants to be read at most.
    fn limit(&self) -> Option<usize>;

    /// The same request for at most `limit` rows, which starts after the key if one is given.
    fn part(&self, limit: usize, after: Option<&Key>) -> Self;

    /// The request without what keeps items or attributes out of the reply, so that the sizes of
    /// the rows are known from it.
    fn unfiltered(&self) -> Self;

    /// Whether the reply holds every row as it is read, and nothing that depends on the whole page.
    fn is_unfiltered(&self) -> bool;

    /// Carries it out, reading every row up to the limit.
    ///
    /// # Errors
    /// Dynoxide's.
    fn run(self, database: &Database) -> Result<Self::Reply, DynoxideError>;

    /// The items of a reply and its last key.
    fn parts(reply: Self::Reply) -> (Vec<Item>, Option<Key>);

    /// Whether more may follow.
    fn has_more(reply: &Self::Reply) -> bool;

    /// The reply with these items, none of which was filtered out.
    fn reply(items: Vec<Item>, last_key: Option<Key>) -> Self::Reply;
}

/// Carries out a request, and reads hardly more rows than its page has.
///
/// # Errors
/// Dynoxide's.
pub(super) fn page<R: PagedRead>(
    database: &Database,
    request: &R,
) -> Result<R::Reply, DynoxideError> {
    let wanted = request.limit().unwrap_or(usize::MAX);
    if request.is_unfiltered() {
        let page = Page::read(database, request, wanted)?;
        return Ok(R::reply(page.items, page.last_key));
    }
    let first_rows = wanted.min(FIRST_ROWS);
    let first = request.part(first_rows, None).run(database)?;
    if !R::has_more(&first) {
        return Ok(first);
    }
    let page = Page::read(database, &request.unfiltered(), wanted)?;
    if page.items.len() == first_rows && page.last_key.is_some() {
        return Ok(first);
    }
    // With a limit that is not reached, dynoxide knows that nothing follows.
    let limit = page.items.len() + usize::from(page.last_key.is_none());
    request.part(limit, None).run(database)
}

/// The rows of a page.
#[derive(Default)]
struct Page {
    items: Vec<Item>,
    bytes: usize,
    last_key: Option<Key>,
}

impl Page {
    /// Reads the rows of the page, `wanted` at most. The request must be unfiltered.
    fn read<R: PagedRead>(
        database: &Database,
        request: &R,
        wanted: usize,
    ) -> Result<Self, DynoxideError> {
        let mut page = Self::default();
        loop {
            let rows = page.next_rows().min(wanted - page.items.len());
            let read = |rows| {
                let reply = request.part(rows, page.last_key.as_ref()).run(database)?;
                Ok::<_, DynoxideError>(R::parts(reply))
            };
            let (mut items, mut last_key) = read(rows)?;
            let fitting = page.fitting(&items);
            let is_full = fitting < items.len();
            if is_full && fitting == 0 {
                return Ok(page);
            }
            if is_full {
                (items, last_key) = read(fitting)?;
            }
            page.bytes += items.iter().map(item_size).sum::<usize>();
            page.items.extend(items);
            page.last_key = last_key;
            if is_full || page.last_key.is_none() || page.items.len() >= wanted {
                return Ok(page);
            }
        }
    }

    /// How many rows to read next: as many as will fit if they are like those before.
    fn next_rows(&self) -> usize {
        let room = PAGE_BYTES.saturating_sub(self.bytes);
        match (room * self.items.len()).checked_div(self.bytes) {
            None => FIRST_ROWS,
            Some(rows) => (rows + 1).min(MOST_ROWS),
        }
    }

    /// How many of these items still fit. The first of a page always does.
    fn fitting(&self, items: &[Item]) -> usize {
        let mut bytes = self.bytes;
        let fits = |item: &&Item| {
            let is_first = bytes == 0;
            bytes += item_size(item);
            is_first || bytes <= PAGE_BYTES
        };
        items.iter().take_while(fits).count()
    }
}

/// Whether a `Select` asks for the number of items only.
fn is_count(select: Option<&str>) -> bool {
    select == Some("COUNT")
}

/// Whether a `ReturnConsumedCapacity` asks for what the page took.
fn reports_capacity(mode: Option<&str>) -> bool {
    mode.is_some_and(|mode| mode != "NONE")
}
