//! Expressions over a message, in JMESPath, the language of the AWS CLI's `--query`. Pure.
//!
//! A number may stand without JMESPath's backticks after a comparison, where it has no other meaning:
//! `receives > 3`.

use std::fmt;

use jmespath::ast::Ast;
use jmespath::{DEFAULT_RUNTIME, ErrorReason, JmespathError, Variable};
use serde_json::Value;

/// A compiled expression.
#[derive(Clone)]
pub(crate) struct Expression {
    compiled: jmespath::Expression<'static>,
    text: String,
}

impl fmt::Debug for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Expression({})", self.text)
    }
}

impl Expression {
    /// Compiles an expression.
    ///
    /// # Errors
    /// When it is invalid, or calls a function that does not exist; the error names the position.
    pub(crate) fn compile(text: &str) -> Result<Self, String> {
        let quoted = with_quoted_numbers(text);
        let compiled = jmespath::compile(&quoted.text)
            .map_err(|problem| explain(text, &problem, |at| quoted.original(at)))?;
        if let Some((name, at)) = unknown_function(compiled.as_ast()) {
            let at = quoted.original(at);
            return Err(at_position(
                text,
                at,
                &format!("there is no function {name}"),
            ));
        }
        Ok(Self {
            compiled,
            text: text.to_owned(),
        })
    }

    /// The expression's value.
    ///
    /// # Errors
    /// When a function gets a value of a type that it does not take.
    pub(crate) fn value(&self, of: &Value) -> Result<Value, String> {
        self.search(of, |value| serde_json::to_value(value).unwrap_or_default())
    }

    /// Whether the expression's value is true: anything but `false`, `null`, and an empty string, list
    /// or object.
    ///
    /// # Errors
    /// Those of [`Expression::value`].
    pub(crate) fn is_true(&self, of: &Value) -> Result<bool, String> {
        self.search(of, Variable::is_truthy)
    }

    fn search<T>(&self, of: &Value, take: impl FnOnce(&Variable) -> T) -> Result<T, String> {
        match self.compiled.search(of) {
            Ok(found) => Ok(take(&found)),
            Err(problem) => Err(reason(&problem)),
        }
    }

    /// Whether the expression names a member, anywhere.
    pub(crate) fn mentions(&self, member: &str) -> bool {
        let letters = |letter: char| letter.is_alphanumeric() || letter == '_';
        self.text
            .split(|letter| !letters(letter))
            .any(|word| word == member)
    }
}

fn reason(problem: &JmespathError) -> String {
    match &problem.reason {
        ErrorReason::Parse(text) => text.clone(),
        ErrorReason::Runtime(problem) => problem.to_string(),
    }
}

/// The error with the place in the text that the user typed.
fn explain(text: &str, problem: &JmespathError, original: impl Fn(usize) -> usize) -> String {
    at_position(text, original(problem.offset), &reason(problem))
}

fn at_position(text: &str, at: usize, problem: &str) -> String {
    let rest: String = text.chars().skip(at).collect();
    let column = at + 1;
    if rest.is_empty() {
        return format!("at its end: {problem}");
    }
    format!("at column {column}, before `{rest}`: {problem}")
}

/// A text in which numbers were put between backticks.
struct Quoted {
    text: String,
    /// Where the backticks are, in characters.
    added: Vec<usize>,
}

impl Quoted {
    /// The position in the original text, in characters.
    fn original(&self, at: usize) -> usize {
        at - self.added.iter().filter(|added| **added < at).count()
    }
}

/// Puts numbers after a comparison between backticks.
fn with_quoted_numbers(text: &str) -> Quoted {
    let letters: Vec<char> = text.chars().collect();
    let mut quoted = Quoted {
        text: String::new(),
        added: Vec::new(),
    };
    let mut length = 0;
    let mut at = 0;
    let mut push = |quoted: &mut Quoted, letter: char, is_added: bool| {
        if is_added {
            quoted.added.push(length);
        }
        quoted.text.push(letter);
        length += 1;
    };
    let mut follows_comparison = false;
    while let Some(letter) = letters.get(at).copied() {
        let end = match letter {
            '\'' | '"' | '`' => end_of_quoted(&letters, at),
            '-' | '0'..='9' if follows_comparison => end_of_number(&letters, at),
            _ => at + 1,
        };
        let is_number = follows_comparison && (letter == '-' || letter.is_ascii_digit());
        if is_number {
            push(&mut quoted, '`', true);
        }
        letters[at..end]
            .iter()
            .for_each(|letter| push(&mut quoted, *letter, false));
        if is_number {
            push(&mut quoted, '`', true);
        }
        let is_comparison = matches!(letter, '<' | '>' | '=');
        follows_comparison = is_comparison || follows_comparison && letter == ' ';
        at = end;
    }
    quoted
}

/// The end of a part between quotes that begins at `at`.
fn end_of_quoted(letters: &[char], at: usize) -> usize {
    let mut end = at + 1;
    while let Some(letter) = letters.get(end) {
        end += 1;
        match letter {
            '\\' => end += 1,
            letter if *letter == letters[at] => break,
            _ => {}
        }
    }
    end.min(letters.len())
}

fn end_of_number(letters: &[char], at: usize) -> usize {
    let is_part = |letter: &&char| letter.is_ascii_digit() || "+-.eE".contains(**letter);
    at + letters[at..].iter().take_while(is_part).count()
}

/// The first function that does not exist, and its position.
fn unknown_function(ast: &Ast) -> Option<(&str, usize)> {
    match ast {
        Ast::Function { offset, name, args } => {
            if DEFAULT_RUNTIME.get_function(name).is_none() {
                return Some((name, *offset));
            }
            args.iter().find_map(unknown_function)
        }
        Ast::Comparison { lhs, rhs, .. }
        | Ast::Projection { lhs, rhs, .. }
        | Ast::And { lhs, rhs, .. }
        | Ast::Or { lhs, rhs, .. }
        | Ast::Subexpr { lhs, rhs, .. } => unknown_function(lhs).or_else(|| unknown_function(rhs)),
        Ast::Condition {
            predicate, then, ..
        } => unknown_function(predicate).or_else(|| unknown_function(then)),
        Ast::Expref { ast, .. } => unknown_function(ast),
        Ast::Flatten { node, .. } | Ast::Not { node, .. } | Ast::ObjectValues { node, .. } => {
            unknown_function(node)
        }
        Ast::MultiList { elements, .. } => elements.iter().find_map(unknown_function),
        Ast::MultiHash { elements, .. } => elements
            .iter()
            .find_map(|pair| unknown_function(&pair.value)),
        Ast::Identity { .. }
        | Ast::Field { .. }
        | Ast::Index { .. }
        | Ast::Literal { .. }
        | Ast::Slice { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn is_true(text: &str) -> bool {
        let message = json!({"body": {"price": "err", "n": 4, "list": []}, "receives": 4});
        let compiled = Expression::compile(text).expect(text);
        compiled.is_true(&message).expect(text)
    }

    #[test]
    fn numbers_need_no_backticks() {
        for text in [
            "receives > 3",
            "receives >= 4 && body.n==4",
            "receives > `3`",
            "receives<1e2",
            "body.n > -1",
            "type(body.price) == 'string' && receives > 3",
            "body.price == 'err'",
            "body.missing == null || !body.list",
        ] {
            assert!(is_true(text), "{text}");
        }
        for text in [
            "receives > 4",
            "body.missing > 3",
            "body.list",
            "body.price == '= 4'",
        ] {
            assert!(!is_true(text), "{text}");
        }
        assert_eq!(
            with_quoted_numbers("a[0] == '> 3' && b > 3").text,
            "a[0] == '> 3' && b > `3`"
        );
    }

    #[test]
    fn errors_name_the_position() {
        let error = |text| Expression::compile(text).expect_err(text);
        assert!(
            error("receives > 3 &&").starts_with("at its end: "),
            "{}",
            error("receives > 3 &&")
        );
        let late = error("receives > 3 && body..a");
        assert!(
            late.contains("column 22") || late.contains("column 21"),
            "{late}"
        );
        assert_eq!(
            error("receives > 3 && lenght(body) > 1"),
            "at column 17, before `lenght(body) > 1`: there is no function lenght"
        );
    }

    #[test]
    fn a_type_that_does_not_fit_is_an_error() {
        let text = "starts_with(body, 'a')";
        let compiled = Expression::compile(text).expect(text);
        assert!(compiled.is_true(&json!({"body": null})).is_err());
        assert!(compiled.mentions("body") && !compiled.mentions("bod"));
    }
}
