//! Patterns.

use serde_json::Number;

/// Tests for the members of an object.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) all: Vec<(String, Node)>,
    /// The alternatives of `$or`, if there is one.
    pub(super) any: Option<Vec<Fields>>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Node {
    Object(Fields),
    /// One of these tests must pass.
    Leaf(Vec<Test>),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Test {
    Null,
    Bool(bool),
    Number(Number),
    Text(TextTest),
    Range {
        low: Option<Bound>,
        high: Option<Bound>,
    },
    NoneOfNumbers(Vec<Number>),
    NoneOfTexts(Vec<TextTest>),
    Exists(bool),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bound {
    pub(super) number: Number,
    pub(super) included: bool,
}

/// A test of a text. Texts of tests that ignore the case are in lower case.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TextTest {
    Equals(String),
    EqualsIgnoreCase(String),
    Prefix(String),
    PrefixIgnoreCase(String),
    Suffix(String),
    SuffixIgnoreCase(String),
    /// The literal parts between the asterisks.
    Wildcard(Vec<String>),
}
