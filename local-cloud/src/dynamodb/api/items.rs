//! Operations on single items.

use dynoxide::actions::delete_item::{DeleteItemRequest, DeleteItemResponse};
use dynoxide::actions::get_item::{GetItemRequest, GetItemResponse};
use dynoxide::actions::put_item::{PutItemRequest, PutItemResponse};
use dynoxide::actions::update_item::{UpdateItemRequest, UpdateItemResponse};
use dynoxide::{Database, DynoxideError};

use super::conditions::{Attributes, ItemConditions, leading_keys, return_values, select};
use super::operation::{Answer, DynoxideRequest, localize_table, on_item};
use super::permissions::on_table;
use crate::dynamodb::Tables;
use crate::service::Required;

impl DynoxideRequest for GetItemRequest {
    const NAME: &'static str = "GetItem";
    type Response = GetItemResponse;

    fn localize(&mut self, tables: &Tables) -> Result<(), DynoxideError> {
        localize_table(&mut self.table_name, tables)
    }

    fn tables(&self) -> Vec<String> {
        vec![self.table_name.clone()]
    }

    fn required_permissions(&self, tables: &Tables) -> Required {
        let names = &self.expression_attribute_names;
        let has_projection =
            self.projection_expression.is_some() || self.attributes_to_get.is_some();
        let conditions = ItemConditions {
            leading_keys: leading_keys(tables, &self.table_name, [&self.key]),
            attributes: Attributes::default()
                .and(self.key.keys())
                .and(self.attributes_to_get.iter().flatten())
                .of_expression(self.projection_expression.as_deref(), names),
            return_consumed_capacity: self.return_consumed_capacity.clone(),
            select: select(None, has_projection, false),
            ..ItemConditions::default()
        };
        Ok(vec![conditions.of(on_table(
            Self::NAME,
            &self.table_name,
            tables,
        )?)])
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_item(tables, self, Database::get_item).await
    }
}

impl DynoxideRequest for PutItemRequest {
    const NAME: &'static str = "PutItem";
    type Response = PutItemResponse;

    fn localize(&mut self, tables: &Tables) -> Result<(), DynoxideError> {
        localize_table(&mut self.table_name, tables)
    }

    fn tables(&self) -> Vec<String> {
        vec![self.table_name.clone()]
    }

    fn required_permissions(&self, tables: &Tables) -> Required {
        let names = &self.expression_attribute_names;
        let conditions = ItemConditions {
            leading_keys: leading_keys(tables, &self.table_name, [&self.item]),
            attributes: Attributes::default()
                .and(self.item.keys())
                .of_members(self.expected.as_ref())
                .of_expression(self.condition_expression.as_deref(), names),
            return_consumed_capacity: self.return_consumed_capacity.clone(),
            return_values: return_values(self.return_values.as_ref()),
            ..ItemConditions::default()
        };
        Ok(vec![conditions.of(on_table(
            Self::NAME,
            &self.table_name,
            tables,
        )?)])
    }

    fn reworded(error: DynoxideError) -> DynoxideError {
        enveloped(error)
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_item(tables, self, Database::put_item).await
    }
}

impl DynoxideRequest for UpdateItemRequest {
    const NAME: &'static str = "UpdateItem";
    type Response = UpdateItemResponse;

    fn localize(&mut self, tables: &Tables) -> Result<(), DynoxideError> {
        localize_table(&mut self.table_name, tables)
    }

    fn tables(&self) -> Vec<String> {
        vec![self.table_name.clone()]
    }

    fn required_permissions(&self, tables: &Tables) -> Required {
        let names = &self.expression_attribute_names;
        let updates = self.attribute_updates.iter().flat_map(|all| all.keys());
        let conditions = ItemConditions {
            leading_keys: leading_keys(tables, &self.table_name, [&self.key]),
            attributes: Attributes::default()
                .and(self.key.keys())
                .and(updates)
                .of_members(self.expected.as_ref())
                .of_expression(self.update_expression.as_deref(), names)
                .of_expression(self.condition_expression.as_deref(), names),
            return_consumed_capacity: self.return_consumed_capacity.clone(),
            return_values: return_values(self.return_values.as_ref()),
            ..ItemConditions::default()
        };
        Ok(vec![conditions.of(on_table(
            Self::NAME,
            &self.table_name,
            tables,
        )?)])
    }

    fn reworded(error: DynoxideError) -> DynoxideError {
        enveloped(error)
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_item(tables, self, Database::update_item).await
    }
}

impl DynoxideRequest for DeleteItemRequest {
    const NAME: &'static str = "DeleteItem";
    type Response = DeleteItemResponse;

    fn localize(&mut self, tables: &Tables) -> Result<(), DynoxideError> {
        localize_table(&mut self.table_name, tables)
    }

    fn tables(&self) -> Vec<String> {
        vec![self.table_name.clone()]
    }

    fn required_permissions(&self, tables: &Tables) -> Required {
        let names = &self.expression_attribute_names;
        let conditions = ItemConditions {
            leading_keys: leading_keys(tables, &self.table_name, [&self.key]),
            attributes: Attributes::default()
                .and(self.key.keys())
                .of_members(self.expected.as_ref())
                .of_expression(self.condition_expression.as_deref(), names),
            return_consumed_capacity: self.return_consumed_capacity.clone(),
            return_values: return_values(self.return_values.as_ref()),
            ..ItemConditions::default()
        };
        Ok(vec![conditions.of(on_table(
            Self::NAME,
            &self.table_name,
            tables,
        )?)])
    }

    fn reworded(error: DynoxideError) -> DynoxideError {
        enveloped(error)
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_item(tables, self, Database::delete_item).await
    }
}

/// Writes of one item put a sentence before some errors of validation.
fn enveloped(error: DynoxideError) -> DynoxideError {
    match error {
        DynoxideError::EnvelopedValidation(message) => {
            DynoxideError::ValidationException(format!("1 validation error detected: {message}"))
        }
        other => other,
    }
}
