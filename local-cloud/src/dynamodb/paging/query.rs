//! Pages of `Query`.

use std::collections::{HashMap, HashSet};

use dynoxide::actions::query::{QueryRequest, QueryResponse};
use dynoxide::{Database, DynoxideError, Item};

use super::{Key, PagedRead, is_count, reports_capacity};

impl PagedRead for QueryRequest {
    type Reply = QueryResponse;

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
        let key_condition = self.key_condition_expression.as_deref().unwrap_or_default();
        Self {
            filter_expression: None,
            query_filter: None,
            conditional_operator: None,
            projection_expression: None,
            attributes_to_get: None,
            expression_attribute_names: used(&self.expression_attribute_names, key_condition),
            expression_attribute_values: used(&self.expression_attribute_values, key_condition),
            // An index may hold a part of each item, and this reads all of it.
            select: self
                .select
                .clone()
                .filter(|select| select == "ALL_ATTRIBUTES"),
            return_consumed_capacity: None,
            ..copy(self)
        }
    }

    fn is_unfiltered(&self) -> bool {
        self.filter_expression.is_none()
            && self.query_filter.is_none()
            && self.projection_expression.is_none()
            && self.attributes_to_get.is_none()
            && !is_count(self.select.as_deref())
            && !reports_capacity(self.return_consumed_capacity.as_deref())
    }

    fn run(self, database: &Database) -> Result<QueryResponse, DynoxideError> {
        database.query(self)
    }

    fn parts(reply: QueryResponse) -> (Vec<Item>, Option<Key>) {
        (reply.items.unwrap_or_default(), reply.last_evaluated_key)
    }

    fn has_more(reply: &QueryResponse) -> bool {
        reply.last_evaluated_key.is_some()
    }

    fn reply(items: Vec<Item>, last_key: Option<Key>) -> QueryResponse {
        QueryResponse {
            count: items.len(),
            scanned_count: items.len(),
            items: Some(items),
            last_evaluated_key: last_key,
            consumed_capacity: None,
        }
    }
}

/// The names or values that an expression uses; the others would be refused.
fn used<T: Clone>(
    defined: &Option<HashMap<String, T>>,
    expression: &str,
) -> Option<HashMap<String, T>> {
    let is_of_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '#' | ':');
    let words: HashSet<&str> = expression.split(|c| !is_of_word(c)).collect();
    let mut used = defined.clone()?;
    used.retain(|name, _| words.contains(name.as_str()));
    Some(used).filter(|used| !used.is_empty())
}

/// A copy of the request.
fn copy(request: &QueryRequest) -> QueryRequest {
    QueryRequest {
        table_name: request.table_name.clone(),
        key_condition_expression: request.key_condition_expression.clone(),
        filter_expression: request.filter_expression.clone(),
        projection_expression: request.projection_expression.clone(),
        expression_attribute_names: request.expression_attribute_names.clone(),
        expression_attribute_values: request.expression_attribute_values.clone(),
        scan_index_forward: request.scan_index_forward,
        limit: request.limit,
        exclusive_start_key: request.exclusive_start_key.clone(),
        select: request.select.clone(),
        consistent_read: request.consistent_read,
        index_name: request.index_name.clone(),
        return_consumed_capacity: request.return_consumed_capacity.clone(),
        key_conditions: request.key_conditions.clone(),
        attributes_to_get: request.attributes_to_get.clone(),
        query_filter: request.query_filter.clone(),
        conditional_operator: request.conditional_operator.clone(),
        exclusive_start_key_raw: request.exclusive_start_key_raw.clone(),
    }
}
