//! Why an order is refused: a stable code for machines and a sentence for people.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a message is not an order that the lab stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// The message has no body, or an empty one.
    NoBody,
    /// The body's bytes are not UTF-8.
    NotUtf8,
    /// The body is text, but not one JSON value.
    NotJson,
    /// The body is JSON, but not an object.
    NotAnObject,
    /// One of the four fields is missing.
    FieldMissing,
    /// One of the four fields occurs more than once, so that its value is ambiguous.
    FieldRepeated,
    /// `order_number` is not written as a whole number.
    OrderNumberNotAnInteger,
    /// `order_number` lies outside the lab's range.
    OrderNumberOutOfRange,
    /// `num_items` is not written as a whole number.
    NumItemsNotAnInteger,
    /// `num_items` is not 1 to 5.
    NumItemsOutOfRange,
    /// `price_per_item` is not a JSON number; in the original lab it is the text `err`.
    PriceNotANumber,
    /// `price_per_item` is not above zero, or greater than a 64-bit float can hold.
    PriceOutOfRange,
    /// `item_description` is not text.
    ItemDescriptionNotText,
    /// `item_description` is empty.
    ItemDescriptionEmpty,
    /// A different order is stored under this number. Only the processor can tell.
    NumberTaken,
}

impl Reason {
    /// Every reason, in the order in which they are checked.
    pub const ALL: [Self; 15] = [
        Self::NoBody,
        Self::NotUtf8,
        Self::NotJson,
        Self::NotAnObject,
        Self::FieldMissing,
        Self::FieldRepeated,
        Self::OrderNumberNotAnInteger,
        Self::OrderNumberOutOfRange,
        Self::NumItemsNotAnInteger,
        Self::NumItemsOutOfRange,
        Self::PriceNotANumber,
        Self::PriceOutOfRange,
        Self::ItemDescriptionNotText,
        Self::ItemDescriptionEmpty,
        Self::NumberTaken,
    ];

    /// The stable code, as in logs and JSON documents.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoBody => "no_body",
            Self::NotUtf8 => "not_utf8",
            Self::NotJson => "not_json",
            Self::NotAnObject => "not_an_object",
            Self::FieldMissing => "field_missing",
            Self::FieldRepeated => "field_repeated",
            Self::OrderNumberNotAnInteger => "order_number_not_an_integer",
            Self::OrderNumberOutOfRange => "order_number_out_of_range",
            Self::NumItemsNotAnInteger => "num_items_not_an_integer",
            Self::NumItemsOutOfRange => "num_items_out_of_range",
            Self::PriceNotANumber => "price_not_a_number",
            Self::PriceOutOfRange => "price_out_of_range",
            Self::ItemDescriptionNotText => "item_description_not_text",
            Self::ItemDescriptionEmpty => "item_description_empty",
            Self::NumberTaken => "number_taken",
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
