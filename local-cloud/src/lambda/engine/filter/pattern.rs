//! A pattern as it was read.

use serde_json::Number;

/// What the members of an object must be.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) all: Vec<(String, Node)>,
    /// The alternatives of `$or`, where it was given.
    pub(super) any: Option<Vec<Fields>>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Node {
    Object(Fields),
    /// One of these must hold.
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

/// Texts for tests that ignore the case are in lower case already.
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
