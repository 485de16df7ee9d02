//! Pages of PartiQL's `SELECT`. Dynoxide ends them only at a limit, DynamoDB at 1 MB as well.

use dynoxide::actions::execute_statement::{ExecuteStatementRequest, ExecuteStatementResponse};
use dynoxide::types::ConsumedCapacity;
use dynoxide::{AttributeValue, Database, DynoxideError, Item};

use super::{FIRST_ROWS, MOST_ROWS, PAGE_BYTES, reports_capacity};

/// Carries out a statement that reads, which reads hardly more rows than its page has.
///
/// # Errors
/// Dynoxide's.
pub(in crate::dynamodb) fn statement_page(
    database: &Database,
    request: ExecuteStatementRequest,
) -> Result<ExecuteStatementResponse, DynoxideError> {
    if !can_be_continued(&request) {
        return database.execute_statement(request);
    }
    let page = Page::read(database, &request)?;
    if !reports_capacity(request.return_consumed_capacity.as_deref()) {
        return Ok(ExecuteStatementResponse {
            items: Some(page.items),
            next_token: page.next_token,
            consumed_capacity: None,
        });
    }
    // What a page takes is rounded once.
    let limit = page.rows + usize::from(page.next_token.is_none());
    database.execute_statement(ExecuteStatementRequest {
        limit: Some(limit),
        ..copy(&request)
    })
}

/// The rows of a page.
#[derive(Default)]
struct Page {
    items: Vec<Item>,
    /// How many rows were read, also those that the statement does not select.
    rows: usize,
    bytes: usize,
    next_token: Option<String>,
}

impl Page {
    fn read(database: &Database, request: &ExecuteStatementRequest) -> Result<Self, DynoxideError> {
        let wanted = request.limit.unwrap_or(usize::MAX);
        let mut page = Self {
            next_token: request.next_token.clone(),
            ..Self::default()
        };
        let mut rows = wanted.min(FIRST_ROWS);
        loop {
            let reply = database.execute_statement(ExecuteStatementRequest {
                limit: Some(rows),
                next_token: page.next_token.clone(),
                return_consumed_capacity: Some("TOTAL".to_owned()),
                ..copy(request)
            })?;
            let bytes = read_bytes(reply.consumed_capacity.as_ref(), request.consistent_read);
            if page.bytes + bytes > PAGE_BYTES {
                if rows > 1 {
                    rows /= 2;
                    continue;
                }
                if page.rows > 0 {
                    return Ok(page);
                }
            }
            page.items.extend(reply.items.unwrap_or_default());
            page.rows += rows;
            page.bytes += bytes;
            page.next_token = reply.next_token;
            if page.next_token.is_none() || page.rows >= wanted {
                return Ok(page);
            }
            let room = PAGE_BYTES.saturating_sub(page.bytes);
            let fitting = (room * page.rows).checked_div(page.bytes);
            rows = fitting.unwrap_or(MOST_ROWS).clamp(1, MOST_ROWS);
            rows = rows.min(wanted - page.rows);
        }
    }
}

/// Whether a statement only reads.
pub(in crate::dynamodb) fn is_select(statement: &str) -> bool {
    let verb = statement.trim_start().get(..6);
    verb.is_some_and(|verb| verb.eq_ignore_ascii_case("SELECT"))
}

/// Whether a page can be read in parts. DynamoDB, and dynoxide with it, never continues a statement
/// that has a list or a map as a parameter.
fn can_be_continued(request: &ExecuteStatementRequest) -> bool {
    let mut parameters = request.parameters.iter().flatten();
    !parameters.any(|one| matches!(one, AttributeValue::L(_) | AttributeValue::M(_)))
}

/// How much was read, from what it would cost: a unit is 4 KB of consistent reads, or 8 KB of others.
fn read_bytes(capacity: Option<&ConsumedCapacity>, consistent: Option<bool>) -> usize {
    let per_unit = if consistent == Some(true) { 4096 } else { 8192 };
    let half_units = capacity.map_or(0.0, |capacity| (capacity.capacity_units * 2.0).ceil());
    half_units as usize * per_unit / 2
}

/// A copy of the request.
fn copy(request: &ExecuteStatementRequest) -> ExecuteStatementRequest {
    ExecuteStatementRequest {
        statement: request.statement.clone(),
        parameters: request.parameters.clone(),
        limit: request.limit,
        next_token: request.next_token.clone(),
        consistent_read: request.consistent_read,
        return_consumed_capacity: request.return_consumed_capacity.clone(),
        return_values_on_condition_check_failure: request
            .return_values_on_condition_check_failure
            .clone(),
    }
}
