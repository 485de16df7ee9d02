//! The seeded generator: a plan and an index give an order's body and what is wrong with it.
//!
//! All random draws are integer hashes of seed, index and purpose, so that every platform draws the
//! same, and any index can be drawn without those before it.

use crate::defect::Reason;
use crate::model::{FIELDS, Order};
use crate::plan::{Fault, Plan};

/// What stands for a rate of 1: the largest power of two below which a double holds every integer.
const RATE_SCALE: f64 = (1u64 << 53) as f64;

const DESCRIPTIONS: [&str; 5] = ["zMobile", "zTablet", "zTV", "zWatch", "zPen"];

/// One order of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Generated {
    /// Its index in the run.
    pub index: u64,
    /// Its number, also where the body does not have it.
    pub number: u64,
    /// The message's body.
    pub body: String,
    /// The order to be stored, or why the body must be refused.
    pub expected: Result<Order, Reason>,
}

/// What a draw is for. Each purpose has a separate random stream.
#[derive(Clone, Copy)]
enum Purpose {
    Items = 1,
    Price,
    Description,
    IsBad,
    Fault,
    Where,
    Number,
}

impl Plan {
    /// The number of the order at `index`, unique among the indexes below the block's size; `None`
    /// beyond it. The plan must be valid.
    #[must_use]
    pub fn number(&self, index: u64) -> Option<u64> {
        let size = self.block.size;
        (index < size).then(|| {
            self.block
                .first
                .wrapping_add(permute(self.seed, size, index))
        })
    }

    /// The order at `index`; `None` beyond the block's size. The plan must be valid.
    #[must_use]
    pub fn order(&self, index: u64) -> Option<Generated> {
        let number = self.number(index)?;
        let order = Order {
            order_number: number,
            num_items: 1 + self.pick(index, Purpose::Items, 5) as u32,
            price_per_item: 110.0 + 5.0 * self.pick(index, Purpose::Price, 9) as f64,
            item_description: DESCRIPTIONS
                [self.pick(index, Purpose::Description, DESCRIPTIONS.len())]
            .to_owned(),
        };
        let mut fields = vec![
            (FIELDS[0], number.to_string()),
            (FIELDS[1], order.num_items.to_string()),
            (FIELDS[2], format!("{:?}", order.price_per_item)),
            (FIELDS[3], format!("\"{}\"", order.item_description)),
        ];
        let Some(fault) = self.fault(index) else {
            return Some(Generated {
                index,
                number,
                body: object(&fields),
                expected: Ok(order),
            });
        };
        let pick = |n| self.pick(index, Purpose::Where, n);
        Some(Generated {
            index,
            number,
            body: corrupt(&mut fields, fault, pick),
            expected: Err(fault.reason()),
        })
    }

    /// Whether the order at `index` is bad.
    #[must_use]
    pub fn is_bad(&self, index: u64) -> bool {
        // Scaling by a power of two is exact, so the threshold is the same everywhere.
        let threshold = (self.faults.rate * RATE_SCALE) as u64;
        self.rate_draw(index) < threshold && !self.faults.kinds.is_empty()
    }

    /// The same plan where one of its first `count` orders is bad. Otherwise, if the rate is above
    /// zero, the rate is raised just enough to make one bad: the one that was closest to it. The plan's
    /// rate alone still decides which orders are bad, so functions and records of any version agree.
    #[must_use]
    pub fn with_a_bad_order(mut self, count: u64) -> Self {
        let indexes = 0..count.min(self.block.size);
        if self.faults.rate > 0.0 && !indexes.clone().any(|index| self.is_bad(index)) {
            let lowest = indexes.map(|index| self.rate_draw(index)).min();
            self.faults.rate =
                lowest.map_or(self.faults.rate, |lowest| (lowest + 1) as f64 / RATE_SCALE);
        }
        self
    }

    /// The fault of the order at `index`, if it has one.
    fn fault(&self, index: u64) -> Option<Fault> {
        let kinds = &self.faults.kinds;
        self.is_bad(index)
            .then(|| kinds[self.pick(index, Purpose::Fault, kinds.len())])
    }

    /// What is compared with the rate: a draw below [`RATE_SCALE`].
    fn rate_draw(&self, index: u64) -> u64 {
        self.draw(index, Purpose::IsBad) >> 11
    }

    fn draw(&self, index: u64, purpose: Purpose) -> u64 {
        mix(mix(mix(self.seed) ^ index) ^ purpose as u64)
    }

    /// A draw from `0..n`.
    fn pick(&self, index: u64, purpose: Purpose, n: usize) -> usize {
        ((u128::from(self.draw(index, purpose)) * n as u128) >> 64) as usize
    }
}

/// Makes a bad body from the fields of a good order, which [`parse`](crate::parse) refuses for the
/// fault's reason.
fn corrupt(
    fields: &mut Vec<(&str, String)>,
    fault: Fault,
    pick: impl Fn(usize) -> usize,
) -> String {
    const OTHER_TYPE: [&str; 4] = ["null", "[1]", "true", "7"];
    match fault {
        Fault::PriceErr => fields[2].1 = "\"err\"".to_owned(),
        Fault::MissingField => {
            fields.remove(pick(FIELDS.len()));
        }
        Fault::WrongType => {
            let field = pick(FIELDS.len());
            fields[field].1 = OTHER_TYPE[field].to_owned();
        }
        Fault::NumberAsText => {
            let field = pick(3);
            fields[field].1 = format!("\"{}\"", fields[field].1);
        }
        Fault::EmptyObject => fields.clear(),
        Fault::BrokenJson => {}
    }
    let mut body = object(fields);
    if fault == Fault::BrokenJson {
        // The body is ASCII, and no prefix of an object is JSON. At least one byte is left, because SQS
        // accepts no empty message.
        body.truncate(1 + pick(body.len() - 1));
    }
    body
}

fn object(fields: &[(&str, String)]) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("\"{name}\": {value}"))
        .collect();
    format!("{{{}}}", fields.join(", "))
}

/// A permutation of `0..size`: a Feistel network on the next even number of bits, repeated until the
/// value is in the range (fewer than four times on average).
fn permute(seed: u64, size: u64, index: u64) -> u64 {
    let bits = u64::BITS - (size - 1).leading_zeros();
    let half = bits.div_ceil(2).max(1);
    let mask = u64::MAX >> (u64::BITS - half);
    let key = mix(mix(seed) ^ Purpose::Number as u64);
    let mut value = index;
    loop {
        let (mut left, mut right) = (value >> half, value & mask);
        for round in 0..4 {
            (left, right) = (right, left ^ (mix(mix(key ^ round) ^ right) & mask));
        }
        value = left << half | right;
        if value < size {
            return value;
        }
    }
}

/// SplitMix64's step: a bijection on 64 bits in which each output bit depends on all input bits.
const fn mix(value: u64) -> u64 {
    let sum = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let first = (sum ^ (sum >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let second = (first ^ (first >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    second ^ (second >> 31)
}

#[cfg(test)]
mod tests;
