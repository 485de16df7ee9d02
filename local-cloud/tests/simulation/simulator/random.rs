//! Random choices from one seed, and the profile that each seed draws for its run.

use local_cloud::ids::{Ids as _, SeededIds};

use super::operations::{OPERATIONS, Operation};

/// A seeded random number generator.
#[derive(Debug)]
pub(crate) struct Random(SeededIds);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(SeededIds(seed))
    }

    pub(crate) fn number(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// A number below `end`; 0 if `end` is 0.
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

/// The parameters of a run. Each seed draws its own, so that among many runs some mostly crash,
/// some write late, some have one queue and some a cycle of dead-letter queues.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) steps: u64,
    pub(crate) weights: Vec<(Operation, u64)>,
    /// How many queue names there are.
    pub(crate) names: u64,
    /// How many mappings there are.
    pub(crate) mappings: u64,
    /// How many steps apart all queues are compared.
    pub(crate) check_every: u64,
    /// The journal writes everything after one in this many steps on average.
    pub(crate) write_one_in: u64,
    /// The visibility timeouts in use, in seconds.
    pub(crate) timeouts: Vec<u64>,
    /// The retention periods in use, in seconds.
    pub(crate) retentions: Vec<u64>,
    /// The highest `maxReceiveCount` in use.
    pub(crate) max_receives: u64,
    /// How many times faster than wall time lab time runs.
    pub(crate) speed: u64,
    /// The longest usual pause, in milliseconds of wall time.
    pub(crate) pause: u64,
    /// The length of the longest body, in bytes.
    pub(crate) longest_body: u64,
    /// Whether clocks may go back: wall time at any time, lab time at a restart.
    pub(crate) clocks_go_back: bool,
}

impl Profile {
    pub(crate) fn draw(rng: &mut Random) -> Self {
        let steps = match rng.below(20) {
            0 => rng.between(2_000, 5_000),
            1..=5 => rng.between(600, 2_000),
            _ => rng.between(100, 600),
        };
        let weight = |(operation, usual): &(Operation, u64)| {
            let factor = rng.pick(&[0, 1, 1, 1, 2, 6]);
            let least = u64::from(matches!(operation, Operation::Send | Operation::Wait));
            (*operation, (usual * factor).max(least))
        };
        let weights = OPERATIONS.iter().map(weight).collect();
        let timeouts: &[&[u64]] = &[&[30], &[0, 1, 30], &[5, 60], &[0, 30, 43_200], &[2, 43_200]];
        let retentions: &[&[u64]] = &[&[345_600], &[60, 345_600], &[60, 120, 1_209_600]];
        Self {
            steps,
            weights,
            names: rng.between(1, 5),
            mappings: rng.below(4),
            check_every: rng.pick(&[1, 1, 3, 10]),
            write_one_in: rng.pick(&[1, 1, 2, 5, 20]),
            timeouts: rng.pick(timeouts).to_vec(),
            retentions: rng.pick(retentions).to_vec(),
            max_receives: rng.pick(&[1, 2, 3, 3, 5]),
            speed: rng.pick(&[1, 10, 10, 1000]),
            pause: rng.pick(&[20, 500, 2_000, 20_000]),
            longest_body: rng.pick(&[12, 12, 100, 1_000]),
            clocks_go_back: rng.one_in(5),
        }
    }

    /// The next operation.
    pub(crate) fn operation(&self, rng: &mut Random) -> Operation {
        let all = self.weights.iter().map(|(_, weight)| weight).sum();
        let mut at = rng.below(all);
        for (operation, weight) in &self.weights {
            match at.checked_sub(*weight) {
                Some(rest) => at = rest,
                None => return *operation,
            }
        }
        Operation::Wait
    }
}
