//! Chance, all of it from one seed, and the profile that each seed draws for its run.

use local_cloud::ids::{Ids as _, SeededIds};

use super::operations::{OPERATIONS, Operation};

/// A stream of choices.
#[derive(Debug)]
pub(crate) struct Chance(SeededIds);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(SeededIds(seed))
    }

    pub(crate) fn number(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// A number below `end`; 0 where `end` is.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.number() % end.max(1)
    }

    /// A number from `first` to `last`.
    pub(crate) fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last - first + 1)
    }

    pub(crate) fn one_in(&mut self, of: u64) -> bool {
        self.below(of) == 0
    }

    /// An index below `length`.
    pub(crate) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).expect("an index fits")
    }

    /// One of these; there must be one.
    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.index(from.len())]
    }
}

/// What a run is like. Each seed draws its own, so that among many runs some do little but
/// crash, some never write in time, some have one queue and some a notify of dead-letter queues.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) steps: u64,
    pub(crate) weights: Vec<(Operation, u64)>,
    /// How many queue names there are.
    pub(crate) names: u64,
    /// How many mappings there are.
    pub(crate) mappings: u64,
    /// How many steps apart everything is compared.
    pub(crate) check_every: u64,
    /// One in so many steps the journal writes by itself, after each one where it is 1.
    pub(crate) write_one_in: u64,
    /// The visibility timeouts in use, in seconds.
    pub(crate) timeouts: Vec<u64>,
    /// The retention periods in use, in seconds.
    pub(crate) retentions: Vec<u64>,
    /// The most receives before a message moves.
    pub(crate) max_receives: u64,
    /// How fast lab time runs.
    pub(crate) speed: u64,
    /// The longest usual pause, in milliseconds of wall time.
    pub(crate) pause: u64,
    /// The bytes of the longest body.
    pub(crate) longest_body: u64,
    /// Whether clocks may go back: the wall's at any time, the lab's at a crash.
    pub(crate) clocks_go_back: bool,
}

impl Profile {
    pub(crate) fn draw(chance: &mut Chance) -> Self {
        let steps = match chance.below(20) {
            0 => chance.between(2_000, 5_000),
            1..=5 => chance.between(600, 2_000),
            _ => chance.between(100, 600),
        };
        let weights = OPERATIONS.iter().map(|(operation, usual)| {
            let factor = chance.pick(&[0, 1, 1, 1, 2, 6]);
            let least = u64::from(matches!(operation, Operation::Send | Operation::Pass));
            (*operation, (usual * factor).max(least))
        });
        let weights = weights.collect();
        let timeouts: &[&[u64]] = &[&[30], &[0, 1, 30], &[5, 60], &[0, 30, 43_200], &[2, 43_200]];
        let retentions: &[&[u64]] = &[&[345_600], &[60, 345_600], &[60, 120, 1_209_600]];
        Self {
            steps,
            weights,
            names: chance.between(1, 5),
            mappings: chance.below(4),
            check_every: chance.pick(&[1, 1, 3, 10]),
            write_one_in: chance.pick(&[1, 1, 2, 5, 20]),
            timeouts: chance.pick(timeouts).to_vec(),
            retentions: chance.pick(retentions).to_vec(),
            max_receives: chance.pick(&[1, 2, 3, 3, 5]),
            speed: chance.pick(&[1, 10, 10, 1000]),
            pause: chance.pick(&[20, 500, 2_000, 20_000]),
            longest_body: chance.pick(&[12, 12, 100, 1_000]),
            clocks_go_back: chance.one_in(5),
        }
    }

    /// The next operation.
    pub(crate) fn operation(&self, chance: &mut Chance) -> Operation {
        let all = self.weights.iter().map(|(_, weight)| weight).sum();
        let mut at = chance.below(all);
        for (operation, weight) in &self.weights {
            match at.checked_sub(*weight) {
                Some(rest) => at = rest,
                None => return *operation,
            }
        }
        Operation::Pass
    }
}
