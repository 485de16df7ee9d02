//! Pages of `Scan`.

use dynoxide::actions::scan::{ScanRequest, ScanResponse};
use dynoxide::{Database, DynoxideError, Item};

use super::{Key, PagedRead, is_count, reports_capacity};

impl PagedRead for ScanRequest {
    type Reply = ScanResponse;

    fn limit(&self) -> Option<usize> {
        self.limit
    }

    fn part(&self, limit: usize, after: Option<&Key>) -> Self {
        let mut part = copy(self);
        part.limit = Some(limit);
        if let Some(key) = after {
            part.exclusive_start_key_raw = None;
            part.exclusive_start_key = Some(key.clone());
        }
        part
    }

    fn unfiltered(&self) -> Self {
        Self {
            filter_expression: None,
            scan_filter: None,
            conditional_operator: None,
            projection_expression: None,
            attributes_to_get: None,
            expression_attribute_names: None,
            expression_attribute_values: None,
            select: None,
            return_consumed_capacity: None,
            ..copy(self)
        }
    }

    fn is_unfiltered(&self) -> bool {
        self.filter_expression.is_none()
            && self.scan_filter.is_none()
            && self.projection_expression.is_none()
            && self.attributes_to_get.is_none()
            && !is_count(self.select.as_deref())
            && !reports_capacity(self.return_consumed_capacity.as_deref())
    }

    fn run(self, database: &Database) -> Result<ScanResponse, DynoxideError> {
        database.scan(self)
    }

    fn parts(reply: ScanResponse) -> (Vec<Item>, Option<Key>) {
        (reply.items.unwrap_or_default(), reply.last_evaluated_key)
    }

    fn has_more(reply: &ScanResponse) -> bool {
        reply.last_evaluated_key.is_some()
    }

    fn reply(items: Vec<Item>, last_key: Option<Key>) -> ScanResponse {
        ScanResponse {
            count: items.len(),
            scanned_count: items.len(),
            items: Some(items),
            last_evaluated_key: last_key,
            consumed_capacity: None,
        }
    }
}

/// A copy of the request.
fn copy(request: &ScanRequest) -> ScanRequest {
    ScanRequest {
        table_name: request.table_name.clone(),
        filter_expression: request.filter_expression.clone(),
        projection_expression: request.projection_expression.clone(),
        expression_attribute_names: request.expression_attribute_names.clone(),
        expression_attribute_values: request.expression_attribute_values.clone(),
        limit: request.limit,
        exclusive_start_key: request.exclusive_start_key.clone(),
        select: request.select.clone(),
        consistent_read: request.consistent_read,
        index_name: request.index_name.clone(),
        segment: request.segment,
        total_segments: request.total_segments,
        return_consumed_capacity: request.return_consumed_capacity.clone(),
        attributes_to_get: request.attributes_to_get.clone(),
        scan_filter: request.scan_filter.clone(),
        conditional_operator: request.conditional_operator.clone(),
        exclusive_start_key_raw: request.exclusive_start_key_raw.clone(),
    }
}
