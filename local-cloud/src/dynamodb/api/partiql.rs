//! Reads from a PartiQL statement what it does to which table, as far as permissions need it.

use super::partiql_tokens::{Token, tokens};
use crate::dynamodb::arns::is_name;

/// A statement as policies see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement {
    /// For example `PartiQLInsert`.
    pub(super) action: &'static str,
    /// The table's name.
    pub(super) table: String,
    /// The index that is read.
    pub(super) index: Option<String>,
    /// What follows the table and the index.
    pub(super) rest: Vec<Token>,
    /// What stands between `SELECT` and `FROM`; nothing in other statements.
    pub(super) projection: Vec<Token>,
}

impl Statement {
    /// Reads a statement; `None` for one that cannot be understood, or names more than one table.
    pub(super) fn read(text: &str) -> Option<Self> {
        let tokens = tokens(text)?;
        let is = |at: usize, keyword: &str| tokens.get(at).is_some_and(|token| token.is(keyword));
        let mut projection = &[][..];
        let (action, at) = match tokens.first()? {
            first if first.is("INSERT") && is(1, "INTO") => ("PartiQLInsert", 2),
            first if first.is("DELETE") && is(1, "FROM") => ("PartiQLDelete", 2),
            first if first.is("UPDATE") => ("PartiQLUpdate", 1),
            first if first.is("FROM") => ("PartiQLUpdate", 1),
            first if first.is("SELECT") => {
                let mut froms = tokens.iter().enumerate();
                let mut froms = froms.by_ref().filter(|(_, token)| token.is("FROM"));
                let ((from, _), None) = (froms.next()?, froms.next()) else {
                    return None;
                };
                projection = tokens.get(1..from)?;
                ("PartiQLSelect", from + 1)
            }
            _ => return None,
        };
        let table = tokens.get(at)?.name().filter(|name| is_name(name))?;
        let has_index = tokens.get(at + 1).is_some_and(|token| token.is_sign("."));
        let (index, rest) = match has_index {
            true => (Some(tokens.get(at + 2)?.name()?.to_owned()), at + 3),
            false => (None, at + 1),
        };
        Some(Self {
            action,
            table: table.to_owned(),
            index,
            rest: tokens.get(rest..)?.to_vec(),
            projection: projection.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Statement;

    fn read(text: &str) -> Option<(&'static str, String, Option<String>)> {
        Statement::read(text).map(|one| (one.action, one.table, one.index))
    }

    #[test]
    fn verbs_tell_the_action_and_the_table() {
        let orders = |action| Some((action, "orders".to_owned(), None));
        for (text, action) in [
            ("INSERT INTO \"orders\" VALUE {'id': ?}", "PartiQLInsert"),
            ("insert into orders value {'id': 1}", "PartiQLInsert"),
            ("UPDATE \"orders\" SET a=1 WHERE id=2", "PartiQLUpdate"),
            ("FROM orders WHERE id=2 SET a=1", "PartiQLUpdate"),
            ("DELETE FROM \"orders\" WHERE id=2", "PartiQLDelete"),
            ("SELECT a, \"FROM\" FROM orders", "PartiQLSelect"),
            ("SELECT * FROM orders -- FROM other", "PartiQLSelect"),
            (
                "/* FROM other */INSERT INTO orders VALUE {}",
                "PartiQLInsert",
            ),
            ("SELECT/**/* FROM orders--", "PartiQLSelect"),
        ] {
            assert_eq!(read(text), orders(action), "{text}");
        }
        let index = Some("by-date".to_owned());
        assert_eq!(
            read("SELECT * FROM \"orders\".\"by-date\" WHERE a='it''s'"),
            Some(("PartiQLSelect", "orders".to_owned(), index))
        );
    }

    #[test]
    fn unclear_statements_are_not_read() {
        for text in [
            "",
            "DROP TABLE orders",
            "SELECT 1",
            "SELECT * FROM (SELECT * FROM other)",
            "INSERT INTO \"orders VALUE",
            "INSERT INTO 'orders' VALUE {}",
            "SELECT * FROM \"a/b\"",
            "SELECT a.from FROM orders",
            "SELECT a FROM\u{a0}orders",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
