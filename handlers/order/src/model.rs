//! The order, and how it is parsed from a message's body.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserializer as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::defect::{Defect, Reason};

/// The lowest order number.
pub const FIRST_NUMBER: u64 = 100_000_000_001;
/// The highest order number.
pub const LAST_NUMBER: u64 = 200_000_000_002;
/// The largest number of items in an order.
pub const MAX_ITEMS: u32 = 5;

/// The four fields of an order, with the names and in the order of the original lab.
pub(crate) const FIELDS: [&str; 4] = [
    "order_number",
    "num_items",
    "price_per_item",
    "item_description",
];

/// An order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// Its number, [`FIRST_NUMBER`] to [`LAST_NUMBER`].
    pub order_number: u64,
    /// How many items, 1 to [`MAX_ITEMS`].
    pub num_items: u32,
    /// The price of one item; finite and above zero.
    pub price_per_item: f64,
    /// What the items are; never empty.
    pub item_description: String,
}

impl Order {
    /// The table's `order_details`: the canonical JSON of all fields but the number. Two orders are
    /// equal if their numbers and details are.
    #[must_use]
    pub fn details(&self) -> String {
        let description = serde_json::Value::from(self.item_description.as_str());
        let price = serde_json::Value::from(self.price_per_item);
        format!(
            r#"{{"num_items":{},"price_per_item":{price},"item_description":{description}}}"#,
            self.num_items
        )
    }
}

/// Parses an order from a message's body. Unknown fields are ignored.
///
/// # Errors
///
/// The first defect found, with the order's number where that could be read.
pub fn parse(body: &[u8]) -> Result<Order, Defect> {
    if body.is_empty() {
        return Err(Defect::no_body());
    }
    let text = std::str::from_utf8(body)
        .map_err(|error| Defect::new(Reason::NotUtf8, format!("the body is not UTF-8: {error}")))?;
    let fields = Fields::read(text).map_err(|defect| Defect {
        order_number: legible_number(text).filter(|_| defect.reason == Reason::BrokenJson),
        ..defect
    })?;
    let number = fields.get(0).and_then(order_number);
    let order_number = match &number {
        Ok(number) => Some(*number),
        Err(defect) => defect.order_number,
    };
    let rest = || {
        Ok(Order {
            order_number: number?,
            num_items: fields.get(1).and_then(num_items)?,
            price_per_item: fields.get(2).and_then(price)?,
            item_description: fields.get(3).and_then(description)?,
        })
    };
    rest().map_err(|defect: Defect| Defect {
        order_number,
        ..defect
    })
}

/// The raw JSON of the four fields, `None` where one is missing, and whether each is repeated.
#[derive(Default)]
struct Fields<'a>([Option<&'a str>; 4], [bool; 4]);

impl<'a> Fields<'a> {
    /// Reads raw values first, because they are validated without recursion and without the range of
    /// a number type, so neither depth nor size can hide the real defect.
    fn read(text: &'a str) -> Result<Self, Defect> {
        let broken =
            |error| Defect::new(Reason::BrokenJson, format!("the body is not JSON: {error}"));
        let value: &RawValue = serde_json::from_str(text).map_err(broken)?;
        if !value.get().starts_with('{') {
            let detail = format!("the body is {}, not an object", excerpt(value.get()));
            return Err(Defect::new(Reason::NotAnObject, detail));
        }
        let fields = serde_json::Deserializer::from_str(value.get())
            .deserialize_map(FieldsVisitor)
            .map_err(broken)?;
        fields.ok_or_else(|| Defect::new(Reason::EmptyObject, "the body is an empty object"))
    }

    fn get(&self, field: usize) -> Result<&'a str, Defect> {
        let name = FIELDS[field];
        if self.1[field] {
            return Err(Defect::new(
                Reason::RepeatedField,
                format!("{name} is given more than once"),
            ));
        }
        self.0[field].ok_or_else(|| Defect::new(Reason::MissingField, format!("{name} is missing")))
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    /// `None` for an object without any field.
    type Value = Option<Fields<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an order")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Fields::default();
        let mut is_empty = true;
        while let Some(Key(key)) = map.next_key()? {
            let value: &RawValue = map.next_value()?;
            is_empty = false;
            if let Some(field) = FIELDS.iter().position(|name| *name == key) {
                fields.1[field] = fields.0[field].replace(value.get()).is_some();
            }
        }
        Ok((!is_empty).then_some(fields))
    }
}

/// A key, borrowed unless it has escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Borrowed<'a>(#[serde(borrow)] Cow<'a, str>);
        Borrowed::deserialize(deserializer).map(|key| Self(key.0))
    }
}

fn order_number(text: &str) -> Result<u64, Defect> {
    match whole_number(text) {
        None => Err(Defect {
            order_number: in_range(text.trim_matches('"')),
            ..no_number("order_number", text, "a whole number")
        }),
        Some(Some(number)) if (FIRST_NUMBER..=LAST_NUMBER).contains(&number) => Ok(number),
        Some(_) => Err(Defect::new(
            Reason::OutOfRange,
            format!(
                "order_number is {}, not {FIRST_NUMBER} to {LAST_NUMBER}",
                excerpt(text)
            ),
        )),
    }
}

/// The number of an order whose body is broken, where the part that is there has it in full.
fn legible_number(text: &str) -> Option<u64> {
    let (_, after) = text.split_once(r#""order_number""#)?;
    let value = after.trim_start().strip_prefix(':')?.trim_start();
    let value = value.strip_prefix('"').unwrap_or(value);
    // What ends with the text may go on where that was cut off.
    let end = value.find(|letter: char| !letter.is_ascii_digit())?;
    in_range(&value[..end])
}

/// The digits as an order number of the lab.
fn in_range(digits: &str) -> Option<u64> {
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok().filter(|_| is_number)?;
    (FIRST_NUMBER..=LAST_NUMBER)
        .contains(&number)
        .then_some(number)
}

fn num_items(text: &str) -> Result<u32, Defect> {
    match whole_number(text) {
        None => Err(no_number("num_items", text, "a whole number")),
        Some(number) => number
            .and_then(|number| u32::try_from(number).ok())
            .filter(|items| (1..=MAX_ITEMS).contains(items))
            .ok_or_else(|| {
                let detail = format!("num_items is {}, not 1 to {MAX_ITEMS}", excerpt(text));
                Defect::new(Reason::OutOfRange, detail)
            }),
    }
}

fn price(text: &str) -> Result<f64, Defect> {
    let price = text
        .parse::<f64>()
        .ok()
        .filter(|_| is_number(text))
        .ok_or_else(|| no_number("price_per_item", text, "a number"))?;
    if price.is_finite() && price > 0.0 {
        return Ok(price);
    }
    let detail = format!(
        "price_per_item is {}, not a finite number above zero",
        excerpt(text)
    );
    Err(Defect::new(Reason::OutOfRange, detail))
}

fn description(text: &str) -> Result<String, Defect> {
    let description: String = serde_json::from_str(text).map_err(|_| {
        let detail = format!("item_description is {}, not text", excerpt(text));
        Defect::new(Reason::WrongType, detail)
    })?;
    if description.is_empty() {
        return Err(Defect::new(
            Reason::EmptyDescription,
            "item_description is empty",
        ));
    }
    Ok(description)
}

/// The defect of a field whose value is not the number that it must be.
fn no_number(field: &str, text: &str, wanted: &str) -> Defect {
    let inside = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let reason = match inside {
        Some("err") if field == FIELDS[2] => Reason::PriceErr,
        Some(inside) if is_number(inside) && inside.parse::<f64>().is_ok() => Reason::NumberAsText,
        _ => Reason::WrongType,
    };
    let detail = format!("{field} is {}, not {wanted}", excerpt(text));
    Defect::new(reason, detail)
}

/// Whether this begins as a number does in JSON, unlike `inf`.
fn is_number(text: &str) -> bool {
    text.starts_with(|first: char| first == '-' || first.is_ascii_digit())
}

/// `None` if `text` is not a whole number; `Some(None)` if it does not fit in a `u64`.
fn whole_number(text: &str) -> Option<Option<u64>> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
}

/// The start of a JSON text, short enough for a log line.
fn excerpt(json: &str) -> String {
    const LONGEST: usize = 40;
    match json.char_indices().nth(LONGEST) {
        None => json.to_owned(),
        Some((end, _)) => format!("{}…", &json[..end]),
    }
}

#[cfg(test)]
mod tests;
