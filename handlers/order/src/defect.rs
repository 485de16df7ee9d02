//! Why an order is refused: a stable code for machines and a sentence for people.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a message is not an order that the lab stores. Those of them that a run can ask for are its
/// [`Fault`](crate::Fault)s, by the same names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// The message has no body, or an empty one.
    NoBody,
    /// The body's bytes are not UTF-8.
    NotUtf8,
    /// The body is text, but not one JSON value.
    BrokenJson,
    /// The body is JSON, but not an object.
    NotAnObject,
    /// The body is `{}`.
    EmptyObject,
    /// One of the four fields is missing.
    MissingField,
    /// One of the four fields occurs more than once, so that its value is ambiguous.
    RepeatedField,
    /// `price_per_item` is the text `err`, as in the original lab.
    PriceErr,
    /// A field that is a number has a text that contains one.
    NumberAsText,
    /// A field has a value of another type.
    WrongType,
    /// A number is outside its range.
    OutOfRange,
    /// `item_description` is empty.
    EmptyDescription,
    /// A different order is stored under this number. Only the processor can tell.
    NumberTaken,
}

impl Reason {
    /// Every reason, in the order in which they are checked.
    pub const ALL: [Self; 13] = [
        Self::NoBody,
        Self::NotUtf8,
        Self::BrokenJson,
        Self::NotAnObject,
        Self::EmptyObject,
        Self::MissingField,
        Self::RepeatedField,
        Self::PriceErr,
        Self::NumberAsText,
        Self::WrongType,
        Self::OutOfRange,
        Self::EmptyDescription,
        Self::NumberTaken,
    ];

    /// The stable code, as on the command line, in logs and JSON documents.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoBody => "no_body",
            Self::NotUtf8 => "not_utf8",
            Self::BrokenJson => "broken_json",
            Self::NotAnObject => "not_an_object",
            Self::EmptyObject => "empty_object",
            Self::MissingField => "missing_field",
            Self::RepeatedField => "repeated_field",
            Self::PriceErr => "price_err",
            Self::NumberAsText => "number_as_text",
            Self::WrongType => "wrong_type",
            Self::OutOfRange => "out_of_range",
            Self::EmptyDescription => "empty_description",
            Self::NumberTaken => "number_taken",
        }
    }

    /// What it means, in a few words.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::NoBody => "the message has no body",
            Self::NotUtf8 => "the body is not UTF-8",
            Self::BrokenJson => "the body is not valid JSON",
            Self::NotAnObject => "the body is JSON, but no object",
            Self::EmptyObject => "the body is {}",
            Self::MissingField => "a field is missing",
            Self::RepeatedField => "a field occurs twice",
            Self::PriceErr => "the price is the text err",
            Self::NumberAsText => "a number is written as text",
            Self::WrongType => "a field has a value of another type",
            Self::OutOfRange => "a number is outside its range",
            Self::EmptyDescription => "the description is empty",
            Self::NumberTaken => "another order is stored under its number",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A code that is not one of a [`Reason`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is not a reason for which an order is refused")]
pub struct UnknownReason(pub String);

impl FromStr for Reason {
    type Err = UnknownReason;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|reason| reason.code() == code)
            .ok_or_else(|| UnknownReason(code.to_owned()))
    }
}

/// What is wrong with an order. Its `Display` is a sentence without a full stop.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{detail}")]
pub struct Defect {
    /// Why the order is refused.
    pub reason: Reason,
    /// The order's number, where it could be read and is in the lab's range.
    pub order_number: Option<u64>,
    /// What exactly was found, as a sentence.
    pub detail: String,
}

impl Defect {
    pub(crate) fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self {
            reason,
            order_number: None,
            detail: detail.into(),
        }
    }

    /// The defect of a missing or empty body.
    #[must_use]
    pub fn no_body() -> Self {
        Self::new(Reason::NoBody, "the message has no body")
    }

    /// The defect of an order whose number is used by a different, stored order.
    #[must_use]
    pub fn number_taken(order_number: u64) -> Self {
        Self {
            reason: Reason::NumberTaken,
            order_number: Some(order_number),
            detail: format!("a different order is stored under number {order_number}"),
        }
    }

    /// The stable code of its reason.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.reason.code()
    }
}
