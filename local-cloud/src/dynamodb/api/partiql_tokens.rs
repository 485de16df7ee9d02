//! The tokens of PartiQL statements, as dynoxide reads them.

/// A token of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A word without quotes: a keyword or a name.
    Word(String),
    /// A name in double quotes.
    Quoted(String),
    /// A string in single quotes.
    Text(String),
    /// A number, as it was written.
    Number(String),
    /// An Ion literal.
    Ion,
    /// A sign: an operator or a bracket.
    Sign(String),
}

impl Token {
    /// Whether it is this keyword, whatever its case.
    pub(super) fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    /// Whether it is one of these keywords.
    pub(super) fn is_any(&self, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.is(keyword))
    }

    /// Whether it is this sign.
    pub(super) fn is_sign(&self, sign: &str) -> bool {
        matches!(self, Self::Sign(text) if text == sign)
    }

    /// The name that it is, with or without quotes.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Word(name) | Self::Quoted(name) => Some(name),
            _ => None,
        }
    }
}

/// The tokens of a statement without its comments; `None` for one that dynoxide refuses.
pub(super) fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut before = None;
    while let Some(first) = rest.chars().next() {
        let (token, tail) = if first.is_ascii_whitespace() {
            (None, rest.get(1..)?)
        } else if let Some(comment) = rest.strip_prefix("--") {
            let end = comment.find('\n').unwrap_or(comment.len());
            (None, comment.get(end..)?)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            (None, comment.split_once("*/")?.1)
        } else {
            let (token, tail) = token(rest, first, before)?;
            (Some(token), tail)
        };
        let read = rest.get(..rest.len() - tail.len())?;
        before = read.chars().next_back();
        tokens.extend(token);
        rest = tail;
    }
    Some(tokens)
}

/// The first token, which begins with `first`, and what follows it. `before` is the character before.
fn token(text: &str, first: char, before: Option<char>) -> Option<(Token, &str)> {
    let after = text.get(first.len_utf8()..)?;
    let continues_path = before.is_some_and(|c| c.is_ascii_alphanumeric() || "_\"])".contains(c));
    let is_point = first == '.' && after.starts_with(|c: char| c.is_ascii_digit());
    Some(match first {
        '\'' => quoted(after, '\'').map(|(text, tail)| (Token::Text(text), tail))?,
        '"' => quoted(after, '"').map(|(name, tail)| (Token::Quoted(name), tail))?,
        '`' => (Token::Ion, after.split_once('`')?.1),
        '.' if is_point && !continues_path => number(text)?,
        '0'..='9' => number(text)?,
        c if is_of_word(c) => {
            let end = text.find(|c| !is_of_word(c)).unwrap_or(text.len());
            let (word, tail) = text.split_at(end);
            (Token::Word(word.to_owned()), tail)
        }
        _ => {
            let two = ["<>", "<=", ">=", "!="]
                .into_iter()
                .find(|two| text.starts_with(two));
            let one = "{}[](),:*?+-.;=<>".contains(first).then_some(first);
            let sign = match two {
                Some(two) => two.to_owned(),
                None => one?.to_string(),
            };
            let tail = text.get(sign.len()..)?;
            (Token::Sign(sign), tail)
        }
    })
}

/// What is in quotes, of which two stand for one, and what follows.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut inside = String::new();
    let mut rest = text;
    loop {
        let (part, tail) = rest.split_once(quote)?;
        inside.push_str(part);
        let Some(more) = tail.strip_prefix(quote) else {
            return Some((inside, tail));
        };
        inside.push(quote);
        rest = more;
    }
}

/// A number with at most one point, and an exponent where digits follow its letter.
fn number(text: &str) -> Option<(Token, &str)> {
    let is_digit = |c: char| c.is_ascii_digit();
    let digits = |text: &str| text.find(|c| !is_digit(c)).unwrap_or(text.len());
    let mut end = digits(text);
    if text.get(end..)?.starts_with('.') {
        end += 1;
        end += digits(text.get(end..)?);
    }
    let tail = text.get(end..)?;
    if let Some(exponent) = tail.strip_prefix(['e', 'E']) {
        let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let first = unsigned.chars().next()?;
        if !is_of_word(first) {
            return None;
        }
        if is_digit(first) {
            end = text.len() - unsigned.len() + digits(unsigned);
        }
    }
    let (number, tail) = text.split_at(end);
    Some((Token::Number(number.to_owned()), tail))
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_left_out_and_quotes_are_kept_whole() {
        let read =
            tokens("SELECT/**/\"a\"\"b\" -- 'x\nFROM t WHERE k='it''s--' AND n>=1.5e3").unwrap();
        let word = |text: &str| Token::Word(text.to_owned());
        let sign = |text: &str| Token::Sign(text.to_owned());
        let expected = [
            word("SELECT"),
            Token::Quoted("a\"b".to_owned()),
            word("FROM"),
            word("t"),
            word("WHERE"),
            word("k"),
            sign("="),
            Token::Text("it's--".to_owned()),
            word("AND"),
            word("n"),
            sign(">="),
            Token::Number("1.5e3".to_owned()),
        ];
        assert_eq!(read, expected);
    }

    #[test]
    fn what_dynoxide_refuses_has_no_tokens() {
        for text in [
            "\"a",
            "'a",
            "`a",
            "/* a",
            "#",
            "SELECT\u{a0}a",
            "5e",
            "a & b",
        ] {
            assert_eq!(tokens(text), None, "{text}");
        }
    }
}
