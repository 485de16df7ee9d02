//! PartiQL statements. Each requires the permission of what it does to its table.

use dynoxide::actions::batch_execute_statement::{
    BatchExecuteStatementRequest, BatchExecuteStatementResponse,
};
use dynoxide::actions::execute_statement::{ExecuteStatementRequest, ExecuteStatementResponse};
use dynoxide::actions::execute_transaction::{
    ExecuteTransactionRequest, ExecuteTransactionResponse,
};
use dynoxide::{AttributeValue, Database, DynoxideError};

use super::errors::aws_error;
use super::operation::{Answer, DynoxideRequest, on_reader, on_thread};
use super::partiql::Statement;
use super::partiql_conditions::Call;
use super::permissions::{on_index, some};
use crate::dynamodb::Tables;
use crate::dynamodb::paging::{is_select, statement_page};
use crate::error::AwsError;
use crate::iam::RequiredPermission;
use crate::service::Required;

impl DynoxideRequest for ExecuteStatementRequest {
    const NAME: &'static str = "ExecuteStatement";
    type Response = ExecuteStatementResponse;

    fn localize(&mut self, _: &Tables) -> Result<(), DynoxideError> {
        Ok(())
    }

    fn tables(&self) -> Vec<String> {
        tables([&self.statement])
    }

    fn required_permissions(&self, tables: &Tables) -> Required {
        let written = Written {
            text: &self.statement,
            parameters: self.parameters.as_deref(),
            enclosing_operation: None,
            return_consumed_capacity: self.return_consumed_capacity.as_ref(),
        };
        Ok(vec![written.permission(tables)?])
    }

    fn reworded(error: DynoxideError) -> DynoxideError {
        match error {
            DynoxideError::ConditionalCheckFailedException(message, Some(item)) => {
                DynoxideError::StatementConditionalCheckFailed(message, item)
            }
            other => other,
        }
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        if is_select(&self.statement) {
            on_reader(tables, self, statement_page).await
        } else {
            on_thread(tables, self, Database::execute_statement).await
        }
    }
}

impl DynoxideRequest for BatchExecuteStatementRequest {
    const NAME: &'static str = "BatchExecuteStatement";
    type Response = BatchExecuteStatementResponse;

    fn localize(&mut self, _: &Tables) -> Result<(), DynoxideError> {
        Ok(())
    }

    fn tables(&self) -> Vec<String> {
        tables(self.statements.iter().map(|one| &one.statement))
    }

    fn required_permissions(&self, tables: &Tables) -> Required {
        let permissions = self.statements.iter().map(|one| {
            let written = Written {
                text: &one.statement,
                parameters: one.parameters.as_deref(),
                enclosing_operation: None,
                return_consumed_capacity: self.return_consumed_capacity.as_ref(),
            };
            written.permission(tables)
        });
        some(distinct(permissions)?, "statements")
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_thread(tables, self, Database::batch_execute_statement).await
    }
}

impl DynoxideRequest for ExecuteTransactionRequest {
    const NAME: &'static str = "ExecuteTransaction";
    type Response = ExecuteTransactionResponse;

    fn localize(&mut self, _: &Tables) -> Result<(), DynoxideError> {
        Ok(())
    }

    fn tables(&self) -> Vec<String> {
        tables(self.transact_statements.iter().map(|one| &one.statement))
    }

    fn required_permissions(&self, tables: &Tables) -> Required {
        let permissions = self.transact_statements.iter().map(|one| {
            let written = Written {
                text: &one.statement,
                parameters: one.parameters.as_deref(),
                enclosing_operation: Some(Self::NAME),
                return_consumed_capacity: self.return_consumed_capacity.as_ref(),
            };
            written.permission(tables)
        });
        some(distinct(permissions)?, "transactStatements")
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_thread(tables, self, Database::execute_transaction).await
    }
}

/// The tables that statements name; those that cannot be read name none.
fn tables<'a>(statements: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    let statements = statements.into_iter();
    let read = statements.filter_map(|text| Statement::read(text));
    read.map(|statement| statement.table).collect()
}

/// Each permission once: the statements of a batch mostly require the same.
fn distinct(permissions: impl Iterator<Item = Result<RequiredPermission, AwsError>>) -> Required {
    let mut all = Vec::new();
    for permission in permissions {
        let permission = permission?;
        if !all.contains(&permission) {
            all.push(permission);
        }
    }
    Ok(all)
}

/// A statement as it was sent.
struct Written<'a> {
    text: &'a str,
    parameters: Option<&'a [AttributeValue]>,
    enclosing_operation: Option<&'static str>,
    return_consumed_capacity: Option<&'a String>,
}

impl Written<'_> {
    /// What the statement requires, on the table that dynoxide finds in it.
    ///
    /// # Errors
    /// `ValidationException` for a statement that cannot be read, or is read differently here.
    fn permission(self, tables: &Tables) -> Result<RequiredPermission, AwsError> {
        let parameters = self.parameters.unwrap_or_default();
        let parsed = tables.statement_parser().table(self.text, parameters);
        let statement = match (Statement::read(self.text), parsed) {
            (Some(ours), Ok(table)) if ours.table == table => ours,
            // Dynoxide refuses it when it is to be carried out, too.
            (Some(ours), Err(_)) => ours,
            (None, Err(message)) => return Err(refused(message)),
            (_, Ok(_)) => {
                let message = "This local cloud cannot tell which table and action this statement \
                               requires permission for.";
                return Err(refused(message.to_owned()));
            }
        };
        let index = statement.index.as_deref();
        let permission = on_index(statement.action, (&statement.table, index), tables)?;
        let call = Call {
            statement: &statement,
            parameters,
            enclosing_operation: self.enclosing_operation,
            return_consumed_capacity: self.return_consumed_capacity.cloned(),
        };
        Ok(call.conditions(tables, permission))
    }
}

fn refused(message: String) -> AwsError {
    aws_error(&DynoxideError::ValidationException(message), |text| text)
}
