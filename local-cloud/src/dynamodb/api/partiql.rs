//! Reads from a PartiQL statement what it does to which table, as far as permissions need it.

/// The actions that statements are about.
pub(crate) const ACTIONS: [&str; 4] = [
    "PartiQLInsert",
    "PartiQLSelect",
    "PartiQLUpdate",
    "PartiQLDelete",
];

/// A statement as policies see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    /// One of [`ACTIONS`].
    pub(crate) action: &'static str,
    /// The table's name or ARN.
    pub(crate) table: String,
    /// The index that is read.
    pub(crate) index: Option<String>,
}

impl Statement {
    /// Reads a statement; `None` for one that cannot be understood, or names more than one table.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let words = words(text)?;
        let is = |at: usize, keyword: &str| words.get(at).is_some_and(|word| word.is(keyword));
        let (action, at) = match words.first()? {
            word if word.is("INSERT") && is(1, "INTO") => ("PartiQLInsert", 2),
            word if word.is("DELETE") && is(1, "FROM") => ("PartiQLDelete", 2),
            word if word.is("UPDATE") => ("PartiQLUpdate", 1),
            // `EXISTS`, in a transaction, reads the item too.
            word if word.is("SELECT") || word.is("EXISTS") => {
                let mut froms = words.iter().enumerate().filter(|(_, word)| word.is("FROM"));
                let (from, _) = froms.next()?;
                if froms.next().is_some() {
                    return None;
                }
                ("PartiQLSelect", from + 1)
            }
            _ => return None,
        };
        let table = words.get(at)?.name()?.to_owned();
        let index = match words.get(at + 1) {
            Some(Word::Sign('.')) => Some(words.get(at + 2)?.name()?.to_owned()),
            _ => None,
        };
        Some(Self {
            action,
            table,
            index,
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Word<'a> {
    Bare(&'a str),
    Quoted(&'a str),
    Literal,
    Sign(char),
}

impl<'a> Word<'a> {
    fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Bare(word) if word.eq_ignore_ascii_case(keyword))
    }

    fn name(&self) -> Option<&'a str> {
        match self {
            Self::Bare(name) | Self::Quoted(name) => Some(name),
            Self::Literal | Self::Sign(_) => None,
        }
    }
}

/// The words of a statement; `None` for an open quote, and for what may end words elsewhere than
/// here: comments, Ion literals, characters beyond ASCII outside of quotes.
fn words(text: &str) -> Option<Vec<Word<'_>>> {
    let mut words = Vec::new();
    let mut rest = text.trim_ascii_start();
    while let Some(first) = rest.chars().next() {
        if rest.starts_with("--") || rest.starts_with("/*") || first == '`' || !first.is_ascii() {
            return None;
        }
        let after = rest.get(first.len_utf8()..)?;
        rest = match first {
            '"' | '\'' => {
                let (inside, tail) = after.split_once(first)?;
                words.push(if first == '"' {
                    Word::Quoted(inside)
                } else {
                    Word::Literal
                });
                tail
            }
            c if is_of_word(c) => {
                let end = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
                let (word, tail) = rest.split_at(end);
                words.push(Word::Bare(word));
                tail
            }
            sign => {
                words.push(Word::Sign(sign));
                after
            }
        }
        .trim_ascii_start();
    }
    Some(words)
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
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
        assert_eq!(
            read("INSERT INTO \"orders\" VALUE {'id': ?}"),
            orders("PartiQLInsert")
        );
        assert_eq!(
            read("insert into orders value {'id': 1}"),
            orders("PartiQLInsert")
        );
        assert_eq!(
            read("UPDATE \"orders\" SET a=1 WHERE id=2"),
            orders("PartiQLUpdate")
        );
        assert_eq!(
            read("DELETE FROM \"orders\" WHERE id=2"),
            orders("PartiQLDelete")
        );
        assert_eq!(
            read("SELECT a, \"FROM\" FROM orders"),
            orders("PartiQLSelect")
        );
        assert_eq!(
            read("SELECT * FROM \"orders\".\"by-date\" WHERE a='it''s'"),
            Some((
                "PartiQLSelect",
                "orders".to_owned(),
                Some("by-date".to_owned())
            ))
        );
    }

    #[test]
    fn unclear_statements_are_not_read() {
        for text in [
            "",
            "DROP TABLE orders",
            "SELECT 1",
            "SELECT * FROM orders -- FROM other",
            "SELECT * FROM (SELECT * FROM other)",
            "INSERT INTO \"orders VALUE",
            "/**/INSERT INTO orders VALUE {'id': 1}",
            "SELECT `\"` FROM other WHERE a = `\" FROM orders`",
            "SELECT a FROM\u{a0}orders",
            "SELECT a FROM orders--a comment",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
