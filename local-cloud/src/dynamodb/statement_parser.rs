//! What dynoxide's own parser makes of a PartiQL statement. The parser is not public, but a batch says
//! of each statement which table it was for; here it runs on a database without tables, where no
//! statement can do anything.

use std::sync::{Mutex, OnceLock, PoisonError};

use dynoxide::actions::batch_execute_statement::{
    BatchExecuteStatementRequest, BatchStatementRequest,
};
use dynoxide::{AttributeValue, Database, DynoxideError};

/// Parses statements.
#[derive(Default)]
pub(super) struct StatementParser {
    /// A database without tables; `None` where the system has no memory for one.
    empty: OnceLock<Option<Mutex<Database>>>,
    /// The last statement that has a table, because those of a batch are often the same; with the
    /// number of its parameters, on whose values the table does not depend.
    last: Mutex<Option<(String, usize, String)>>,
}

impl std::fmt::Debug for StatementParser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StatementParser").finish_non_exhaustive()
    }
}

impl StatementParser {
    /// The table that dynoxide finds in a statement.
    ///
    /// # Errors
    /// What is wrong with a statement that dynoxide does not carry out.
    pub(super) fn table(
        &self,
        statement: &str,
        parameters: &[AttributeValue],
    ) -> Result<String, String> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((text, count, table)) if text == statement && *count == parameters.len() => {
                Ok(table.clone())
            }
            _ => {
                let table = self.parse(statement, parameters)?;
                *last = Some((statement.to_owned(), parameters.len(), table.clone()));
                Ok(table)
            }
        }
    }

    fn parse(&self, statement: &str, parameters: &[AttributeValue]) -> Result<String, String> {
        let database = self
            .empty
            .get_or_init(|| Some(Mutex::new(Database::memory().ok()?)));
        let unavailable = || "The statement cannot be parsed now.".to_owned();
        let database = database.as_ref().ok_or_else(unavailable)?;
        let mut request = BatchStatementRequest::default();
        statement.clone_into(&mut request.statement);
        // An empty list would be refused.
        request.parameters = Some(parameters.to_vec()).filter(|values| !values.is_empty());
        let batch = BatchExecuteStatementRequest {
            statements: vec![request],
            return_consumed_capacity: None,
        };
        let database = database.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = database.batch_execute_statement(batch);
        let refused = |error: DynoxideError| error.to_string();
        let response = answer.map_err(refused)?.responses.pop();
        let response = response.ok_or_else(unavailable)?;
        response.table_name.ok_or_else(|| {
            let error = response.error.map(|error| error.message);
            error.unwrap_or_else(unavailable)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dynoxide_tells_the_table() {
        let parser = StatementParser::default();
        let table = |text: &str, parameters: usize| {
            parser.table(text, &vec![AttributeValue::N("1".to_owned()); parameters])
        };
        let orders = Ok("orders".to_owned());
        assert_eq!(table("INSERT INTO \"orders\" VALUE {'id': ?}", 1), orders);
        assert_eq!(table("SELECT/**/* FROM orders -- FROM other", 0), orders);
        assert_eq!(table("UPDATE \"orders\" SET a=1 WHERE id=2", 0), orders);
        assert_eq!(table("DELETE FROM orders WHERE id=2", 0), orders);
        assert_eq!(table("SELECT * FROM \"orders\".\"by-date\"", 0), orders);
        for refused in [
            "",
            "DROP TABLE orders",
            "SELECT * FROM (SELECT * FROM orders)",
            "x",
        ] {
            assert!(table(refused, 0).is_err(), "{refused}");
        }
        assert!(table("INSERT INTO \"orders\" VALUE {'id': ?}", 0).is_err());
    }
}
