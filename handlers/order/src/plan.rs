//! A run's plan, from which each of its orders can be computed.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::defect::Reason;
use crate::model::{FIRST_NUMBER, LAST_NUMBER};

/// Blocks are allocated in multiples of this many numbers, counted from [`FIRST_NUMBER`].
pub const BLOCK_UNIT: u64 = 10_000_000;

/// What a run sends: each order is a pure function of the plan and an index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The seed of everything random in the run.
    pub seed: u64,
    /// The order numbers that belong to the run.
    pub block: Block,
    /// Which orders are bad, and how.
    pub faults: Faults,
}

/// A block of consecutive order numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// The first number.
    pub first: u64,
    /// How many numbers it has, which is the largest number of orders in a run.
    pub size: u64,
}

/// How many orders are bad, and in which ways.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Faults {
    /// The share of bad orders, 0 to 1.
    pub rate: f64,
    /// The kinds of faults, equally likely.
    pub kinds: Vec<Fault>,
}

impl Default for Faults {
    /// The original lab's: one order in ten has the price `err`.
    fn default() -> Self {
        Self {
            rate: 0.1,
            kinds: vec![Fault::PriceErr],
        }
    }
}

/// One way of making an order bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The price is the text `err`.
    PriceErr,
    /// One of the four fields is left out.
    MissingField,
    /// One of the four fields has a value of another JSON type.
    WrongType,
    /// The JSON text is truncated.
    BrokenJson,
    /// The body is `{}`.
    EmptyObject,
    /// A number is written as text.
    NumberAsText,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 6] = [
        Self::PriceErr,
        Self::MissingField,
        Self::WrongType,
        Self::BrokenJson,
        Self::EmptyObject,
        Self::NumberAsText,
    ];

    /// The reason for which an order with this fault is refused.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::PriceErr => Reason::PriceErr,
            Self::MissingField => Reason::MissingField,
            Self::WrongType => Reason::WrongType,
            Self::BrokenJson => Reason::BrokenJson,
            Self::EmptyObject => Reason::EmptyObject,
            Self::NumberAsText => Reason::NumberAsText,
        }
    }

    /// Its name in plans and on the command line: the code of its reason.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.reason().code()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is not one of a [`Fault`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{0}` is not a fault; the faults are price_err, missing_field, wrong_type, broken_json, empty_object and number_as_text"
)]
pub struct UnknownFault(pub String);

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|fault| fault.name() == name)
            .ok_or_else(|| UnknownFault(name.to_owned()))
    }
}

/// Why a plan is invalid.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum PlanError {
    /// The rate is not a share.
    #[error("the fault rate is {0}; it must be 0 to 1")]
    Rate(f64),
    /// Bad orders are wanted, but no kinds of faults are given.
    #[error("the fault rate is {0}, but no fault is named")]
    NoFaults(f64),
    /// The block is empty or not within the lab's range.
    #[error(
        "a block of {size} numbers from {first} does not fit in the lab's range of {FIRST_NUMBER} to {LAST_NUMBER}"
    )]
    Block {
        /// The block's first number.
        first: u64,
        /// The block's size.
        size: u64,
    },
}

impl Plan {
    /// Checks that the plan is valid.
    ///
    /// # Errors
    ///
    /// The first problem found.
    pub fn validate(&self) -> Result<(), PlanError> {
        let Faults { rate, kinds } = &self.faults;
        if !(0.0..=1.0).contains(rate) {
            return Err(PlanError::Rate(*rate));
        }
        if *rate > 0.0 && kinds.is_empty() {
            return Err(PlanError::NoFaults(*rate));
        }
        let Block { first, size } = self.block;
        if self.block.is_in_range() {
            Ok(())
        } else {
            Err(PlanError::Block { first, size })
        }
    }
}

impl Block {
    fn is_in_range(self) -> bool {
        let last = self
            .size
            .checked_sub(1)
            .and_then(|span| self.first.checked_add(span));
        self.first >= FIRST_NUMBER && last.is_some_and(|last| last <= LAST_NUMBER)
    }

    /// Whether `number` is in the block.
    #[must_use]
    pub fn contains(self, number: u64) -> bool {
        number
            .checked_sub(self.first)
            .is_some_and(|offset| offset < self.size)
    }

    /// A block for `count` orders that overlaps none of `taken`, chosen by `random` among all such
    /// blocks. Its size is `count` rounded up to a multiple of [`BLOCK_UNIT`]. `None` where the range
    /// has no such block left.
    #[must_use]
    pub fn allocate(taken: &[Self], count: u64, random: u64) -> Option<Self> {
        let units = usize::try_from((LAST_NUMBER - FIRST_NUMBER + 1) / BLOCK_UNIT).ok()?;
        let wanted = usize::try_from(count.max(1).div_ceil(BLOCK_UNIT)).ok()?;
        let mut used = vec![false; units];
        for block in taken {
            block.mark(&mut used);
        }
        let free: Vec<u64> = (0u64..)
            .zip(used.windows(wanted))
            .filter_map(|(unit, window)| (!window.contains(&true)).then_some(unit))
            .collect();
        let pick = random.checked_rem(u64::try_from(free.len()).ok()?)?;
        let unit = free.get(usize::try_from(pick).ok()?)?;
        Some(Self {
            first: FIRST_NUMBER + unit * BLOCK_UNIT,
            size: count.max(1).div_ceil(BLOCK_UNIT) * BLOCK_UNIT,
        })
    }

    /// Marks the units of the range that this block overlaps.
    fn mark(self, used: &mut [bool]) {
        let end = self
            .first
            .saturating_add(self.size)
            .saturating_sub(FIRST_NUMBER)
            .div_ceil(BLOCK_UNIT);
        let start = self.first.saturating_sub(FIRST_NUMBER) / BLOCK_UNIT;
        for (unit, used) in (0u64..).zip(used) {
            *used |= (start..end).contains(&unit);
        }
    }
}

#[cfg(test)]
mod tests;
