//! Operations that read the items of a table or an index.

use dynoxide::actions::query::{QueryRequest, QueryResponse};
use dynoxide::actions::scan::{ScanRequest, ScanResponse};
use dynoxide::actions::search_vectors::{SearchVectorsRequest, SearchVectorsResponse};
use dynoxide::{Database, DynoxideError};

use super::conditions::{Attributes, ItemConditions, select, text};
use super::expressions::partition_value;
use super::operation::{Answer, DynoxideRequest, localize_table, on_reader, on_thread};
use super::permissions::on_index;
use crate::dynamodb::Tables;
use crate::dynamodb::paging::page;
use crate::service::Required;

impl DynoxideRequest for QueryRequest {
    const NAME: &'static str = "Query";
    type Response = QueryResponse;

    fn localize(&mut self, tables: &Tables) -> Result<(), DynoxideError> {
        localize_table(&mut self.table_name, tables)
    }

    fn tables(&self) -> Vec<String> {
        vec![self.table_name.clone()]
    }

    fn required_permissions(&self, tables: &Tables) -> Required {
        let names = &self.expression_attribute_names;
        let index = self.index_name.as_deref().filter(|index| !index.is_empty());
        let has_projection =
            self.projection_expression.is_some() || self.attributes_to_get.is_some();
        let conditions = ItemConditions {
            leading_keys: leading_key(self, tables, index),
            attributes: Attributes::default()
                .and(self.attributes_to_get.iter().flatten())
                .of_members(self.key_conditions.as_ref())
                .of_members(self.query_filter.as_ref())
                .of_expression(self.key_condition_expression.as_deref(), names)
                .of_expression(self.filter_expression.as_deref(), names)
                .of_expression(self.projection_expression.as_deref(), names),
            return_consumed_capacity: self.return_consumed_capacity.clone(),
            select: select(self.select.as_ref(), has_projection, index.is_some()),
            ..ItemConditions::default()
        };
        let permission = on_index(Self::NAME, (&self.table_name, index), tables)?;
        Ok(vec![conditions.of(permission)])
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_reader(tables, self, |database, request| page(database, &request)).await
    }
}

/// The value of the partition key that a query is for; `None` where that cannot be told.
fn leading_key(query: &QueryRequest, tables: &Tables, index: Option<&str>) -> Option<Vec<String>> {
    let key = tables.schemas().partition_key(&query.table_name, index)?;
    let value = match (&query.key_condition_expression, &query.key_conditions) {
        (Some(expression), None) => {
            let names = &query.expression_attribute_names;
            let values = &query.expression_attribute_values;
            partition_value(expression, (names, values), &key)?.clone()
        }
        (None, Some(conditions)) => {
            let condition = conditions.get(&key)?;
            if condition.get("ComparisonOperator")? != "EQ" {
                return None;
            }
            let values = condition.get("AttributeValueList")?.as_array()?;
            serde_json::from_value(values.first()?.clone()).ok()?
        }
        _ => return None,
    };
    Some(vec![text(&value)?])
}

impl DynoxideRequest for ScanRequest {
    const NAME: &'static str = "Scan";
    type Response = ScanResponse;

    fn localize(&mut self, tables: &Tables) -> Result<(), DynoxideError> {
        localize_table(&mut self.table_name, tables)
    }

    fn tables(&self) -> Vec<String> {
        vec![self.table_name.clone()]
    }

    /// A scan is of all partition keys, so it has none.
    fn required_permissions(&self, tables: &Tables) -> Required {
        let names = &self.expression_attribute_names;
        let index = self.index_name.as_deref().filter(|index| !index.is_empty());
        let has_projection =
            self.projection_expression.is_some() || self.attributes_to_get.is_some();
        let conditions = ItemConditions {
            leading_keys: Some(Vec::new()),
            attributes: Attributes::default()
                .and(self.attributes_to_get.iter().flatten())
                .of_members(self.scan_filter.as_ref())
                .of_expression(self.filter_expression.as_deref(), names)
                .of_expression(self.projection_expression.as_deref(), names),
            return_consumed_capacity: self.return_consumed_capacity.clone(),
            select: select(self.select.as_ref(), has_projection, index.is_some()),
            ..ItemConditions::default()
        };
        let permission = on_index(Self::NAME, (&self.table_name, index), tables)?;
        Ok(vec![conditions.of(permission)])
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        if self.total_segments.is_some() {
            tables.prepare_segments(&self.table_name).await?;
        }
        on_reader(tables, self, |database, request| page(database, &request)).await
    }
}

impl DynoxideRequest for SearchVectorsRequest {
    const NAME: &'static str = "SearchVectors";
    type Response = SearchVectorsResponse;

    fn localize(&mut self, tables: &Tables) -> Result<(), DynoxideError> {
        localize_table(&mut self.table_name, tables)
    }

    fn tables(&self) -> Vec<String> {
        vec![self.table_name.clone()]
    }

    fn required_permissions(&self, tables: &Tables) -> Required {
        let conditions = ItemConditions {
            leading_keys: None,
            attributes: Attributes::unknown(),
            return_consumed_capacity: self.return_consumed_capacity.clone(),
            ..ItemConditions::default()
        };
        let index = Some(&*self.index_name);
        let permission = on_index(Self::NAME, (&self.table_name, index), tables)?;
        Ok(vec![conditions.of(permission)])
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_thread(tables, self, Database::search_vectors).await
    }
}
