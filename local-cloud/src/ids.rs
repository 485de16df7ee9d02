//! Identifiers and randomness. Nothing else draws random numbers.
//!
//! Engines take `&mut dyn Ids`, so a test that passes [`SeededIds`] is reproducible.

use std::cell::RefCell;

use uuid::Builder;

/// A source of identifiers.
pub trait Ids: Send {
    /// Fills `bytes` with random bytes.
    fn fill(&mut self, bytes: &mut [u8]);

    /// A random (version 4) UUID in AWS's usual lower-case form.
    fn uuid(&mut self) -> String {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    /// `length` characters of `A-Z2-7`, as in AWS's unique ids and access keys.
    fn base32(&mut self, length: usize) -> String {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let mut bytes = vec![0; length];
        self.fill(&mut bytes);
        bytes
            .iter()
            .map(|byte| char::from(ALPHABET[usize::from(byte & 31)]))
            .collect()
    }

    /// `length` lower-case hexadecimal characters.
    fn hex(&mut self, length: usize) -> String {
        let mut bytes = vec![0; length.div_ceil(2)];
        self.fill(&mut bytes);
        let mut text = hex::encode(bytes);
        text.truncate(length);
        text
    }
}

/// Identifiers from the system's random source, suitable for secrets.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemIds;

/// Random bytes fetched ahead, because a system call for each identifier is expensive.
struct Pool {
    bytes: [u8; 1024],
    used: usize,
}

thread_local! {
    static POOL: RefCell<Pool> = const {
        RefCell::new(Pool {
            bytes: [0; 1024],
            used: 1024,
        })
    };
}

impl Pool {
    /// Moves bytes out, so that none is used twice.
    fn take(&mut self, out: &mut [u8]) {
        if out.len() > self.bytes.len() {
            return random(out);
        }
        if self.bytes.len() - self.used < out.len() {
            random(&mut self.bytes);
            self.used = 0;
        }
        let taken = &mut self.bytes[self.used..self.used + out.len()];
        out.copy_from_slice(taken);
        taken.fill(0);
        self.used += out.len();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that draws randomness"
)]
fn random(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system has a random source");
}

impl Ids for SystemIds {
    fn fill(&mut self, bytes: &mut [u8]) {
        POOL.with_borrow_mut(|pool| pool.take(bytes));
    }
}

/// Reproducible identifiers (SplitMix64) for tests and fault injection. Not for secrets.
#[derive(Debug, Clone)]
pub struct SeededIds(pub u64);

impl Ids for SeededIds {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
    }
}
