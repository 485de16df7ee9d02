//! PartiQL statements. Each requires the permission of what it does to its table.

use dynoxide::actions::batch_execute_statement::{
    BatchExecuteStatementRequest, BatchExecuteStatementResponse,
};
use dynoxide::actions::execute_statement::{ExecuteStatementRequest, ExecuteStatementResponse};
use dynoxide::actions::execute_transaction::{
    ExecuteTransactionRequest, ExecuteTransactionResponse,
};
use dynoxide::{Database, DynoxideError};

use super::operation::{Answer, DynoxideRequest, on_reader, on_thread};
use super::partiql::{self, Statement};
use super::permissions::{on_arn, on_index, or_any};
use crate::dynamodb::Tables;
use crate::dynamodb::arns::Arns;
use crate::dynamodb::paging::{is_select, statement_page};
use crate::iam::RequiredPermission;

impl DynoxideRequest for ExecuteStatementRequest {
    const NAME: &'static str = "ExecuteStatement";
    type Response = ExecuteStatementResponse;

    fn tables(&self) -> Vec<String> {
        tables([&self.statement])
    }

    fn required_permissions(&self, arns: &Arns) -> Vec<RequiredPermission> {
        permissions(&self.statement, arns)
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

    fn tables(&self) -> Vec<String> {
        tables(self.statements.iter().map(|one| &one.statement))
    }

    fn required_permissions(&self, arns: &Arns) -> Vec<RequiredPermission> {
        let statements = self.statements.iter().map(|one| &one.statement);
        let permissions = statements.flat_map(|text| permissions(text, arns));
        or_any(Self::NAME, permissions.collect())
    }

    async fn execute(self, tables: &Tables) -> Answer<Self> {
        on_thread(tables, self, Database::batch_execute_statement).await
    }
}

impl DynoxideRequest for ExecuteTransactionRequest {
    const NAME: &'static str = "ExecuteTransaction";
    type Response = ExecuteTransactionResponse;

    fn tables(&self) -> Vec<String> {
        tables(self.transact_statements.iter().map(|one| &one.statement))
    }

    fn required_permissions(&self, arns: &Arns) -> Vec<RequiredPermission> {
        let statements = self.transact_statements.iter().map(|one| &one.statement);
        let permissions = statements.flat_map(|text| permissions(text, arns));
        or_any(Self::NAME, permissions.collect())
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

/// What a statement requires. One that cannot be read may do anything to any table.
fn permissions(statement: &str, arns: &Arns) -> Vec<RequiredPermission> {
    match Statement::read(statement) {
        Some(Statement {
            action,
            table,
            index,
        }) => vec![on_index(action, &table, index.as_deref(), arns)],
        None => partiql::ACTIONS
            .iter()
            .map(|action| on_arn(action, "*"))
            .collect(),
    }
}
