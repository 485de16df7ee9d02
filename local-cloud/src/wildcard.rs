//! Patterns with wildcards, as policies and log filters have them: `*` matches any run of characters,
//! `?` matches one. Patterns of policies may have variables, for example `${aws:PrincipalAccount}`; a
//! `*` or `?` in a variable's value is no wildcard.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Glob {
    Byte(u8),
    /// `?`
    One,
    /// `*`
    Many,
}

/// A pattern with wildcards. Its variables are replaced by their values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<Glob>);

impl Pattern {
    /// A pattern without variables.
    pub fn new(text: &str) -> Self {
        let mut globs = Vec::with_capacity(text.len());
        push_wild(&mut globs, text);
        Self(globs)
    }

    /// A text without wildcards and variables, which matches itself alone.
    pub fn verbatim(text: &str) -> Self {
        let mut globs = Vec::with_capacity(text.len());
        push_literal(&mut globs, text);
        Self(globs)
    }

    /// A pattern in which `*` alone is a wildcard.
    pub fn stars(text: &str) -> Self {
        let glob = |byte| {
            if byte == b'*' {
                Glob::Many
            } else {
                Glob::Byte(byte)
            }
        };
        Self(text.bytes().map(glob).collect())
    }

    /// A pattern with variables. `${*}`, `${?}` and `${$}` stand for these characters. A default may
    /// follow the name: `${aws:username, 'nobody'}`. `None` where a variable has neither a value nor
    /// a default, because then nothing matches.
    ///
    /// # Errors
    /// Those of `value`.
    pub fn with_variables<E>(
        text: &str,
        value: impl Fn(&str) -> Result<Option<String>, E>,
    ) -> Result<Option<Self>, E> {
        Self::fill(text, value, push_wild)
    }

    /// A text with variables and without wildcards: `*` and `?` match themselves. `None` as above.
    ///
    /// # Errors
    /// Those of `value`.
    pub fn literal<E>(
        text: &str,
        value: impl Fn(&str) -> Result<Option<String>, E>,
    ) -> Result<Option<Self>, E> {
        Self::fill(text, value, push_literal)
    }

    fn fill<E>(
        text: &str,
        value: impl Fn(&str) -> Result<Option<String>, E>,
        push: fn(&mut Vec<Glob>, &str),
    ) -> Result<Option<Self>, E> {
        let mut globs = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, variable)) = rest.split_once("${") {
            push(&mut globs, before);
            let Some((variable, after)) = variable.split_once('}') else {
                return Ok(None);
            };
            rest = after;
            let (name, default) = match variable.split_once(',') {
                Some((name, default)) => (name.trim(), Some(default.trim().trim_matches('\''))),
                None => (variable.trim(), None),
            };
            let literal = match name {
                "*" | "?" | "$" => Some(name.to_owned()),
                name => value(name)?.or_else(|| default.map(str::to_owned)),
            };
            match literal {
                Some(literal) => push_literal(&mut globs, &literal),
                None => return Ok(None),
            }
        }
        push(&mut globs, rest);
        Ok(Some(Self(globs)))
    }

    /// Whether `text` matches. Takes at most one step for each byte of the text and each 64 of the
    /// pattern.
    pub fn matches(&self, text: &str) -> bool {
        matches_globs(&self.0, text.as_bytes())
    }

    /// Whether an ARN matches part by part, so that a `*` before the resource does not span a colon.
    /// Where the pattern has too few parts and ends in `*`, the missing parts match any, as the IAM
    /// User Guide says.
    pub fn matches_arn(&self, arn: &str) -> bool {
        if self.0 == [Glob::Many] {
            return true;
        }
        let mut patterns = self.0.splitn(6, |glob| *glob == Glob::Byte(b':'));
        let mut parts = arn.splitn(6, ':');
        let mut is_open = false;
        loop {
            match (patterns.next(), parts.next()) {
                (None, None) => return true,
                (Some(pattern), Some(part)) => {
                    is_open = pattern.last() == Some(&Glob::Many);
                    if !matches_globs(pattern, part.as_bytes()) {
                        return false;
                    }
                }
                (None, Some(_)) => return is_open,
                (Some(_), None) => return false,
            }
        }
    }
}

fn push_wild(globs: &mut Vec<Glob>, text: &str) {
    globs.extend(text.bytes().map(|byte| match byte {
        b'*' => Glob::Many,
        b'?' => Glob::One,
        byte => Glob::Byte(byte),
    }));
}

fn push_literal(globs: &mut Vec<Glob>, text: &str) {
    globs.extend(text.bytes().map(Glob::Byte));
}

fn matches_globs(pattern: &[Glob], text: &[u8]) -> bool {
    let fixed = pattern.iter().filter(|glob| **glob != Glob::Many).count();
    // Each fixed part matches a byte at least.
    fixed <= text.len() && Automaton::new(pattern, fixed).accepts(text)
}

/// A pattern as an automaton whose states are bits: state `n` means that the first `n` fixed parts
/// have matched. All states advance at once, so no pattern makes it go back.
struct Automaton {
    /// The words of a set of states.
    words: usize,
    /// For each byte, where its set begins in `literals`, if it is in the pattern.
    starts: [Option<u32>; 256],
    /// The states from which a byte advances, one set for each byte in the pattern.
    literals: Vec<u64>,
    /// The states from which any character advances: a `?` follows them.
    any: Vec<u64>,
    /// The states that remain: a `*` follows them.
    stars: Vec<u64>,
    /// The states that remain while the rest of a character goes by, which a `?` has matched.
    inside: Vec<u64>,
    last: usize,
}

impl Automaton {
    fn new(pattern: &[Glob], fixed: usize) -> Self {
        let words = fixed / 64 + 1;
        let empty = vec![0; words];
        let mut automaton = Self {
            words,
            starts: [None; 256],
            literals: Vec::new(),
            any: empty.clone(),
            stars: empty.clone(),
            inside: empty,
            last: fixed,
        };
        let mut state = 0;
        for glob in pattern {
            match glob {
                Glob::Many => insert(&mut automaton.stars, state),
                Glob::One => {
                    insert(&mut automaton.any, state);
                    state += 1;
                    insert(&mut automaton.inside, state);
                }
                Glob::Byte(byte) => {
                    insert(automaton.literals_of(*byte), state);
                    state += 1;
                }
            }
        }
        automaton
    }

    /// The states from which this byte advances, to be completed.
    fn literals_of(&mut self, byte: u8) -> &mut [u64] {
        let length = self.literals.len();
        let slot = self.starts.get_mut(usize::from(byte));
        let start = slot.map_or(0, |slot| {
            let next = u32::try_from(length).unwrap_or(u32::MAX);
            *slot.get_or_insert(next)
        });
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        if start == length {
            self.literals.resize(length + self.words, 0);
        }
        self.literals
            .get_mut(start..start + self.words)
            .unwrap_or_default()
    }

    fn accepts(&self, text: &[u8]) -> bool {
        let mut states = vec![0; self.words];
        insert(&mut states, 0);
        for byte in text {
            let start = self.starts.get(usize::from(*byte)).copied().flatten();
            let literals = start.and_then(|start| {
                let start = usize::try_from(start).ok()?;
                self.literals.get(start..start + self.words)
            });
            let is_inside = *byte & 0xc0 == 0x80;
            let mut carry = 0;
            for (index, word) in states.iter_mut().enumerate() {
                let of = |set: &[u64]| set.get(index).copied().unwrap_or_default();
                let (any, inside) = if is_inside {
                    (0, of(&self.inside))
                } else {
                    (of(&self.any), 0)
                };
                let advancing = *word & (any | literals.map_or(0, of));
                let remaining = *word & (inside | of(&self.stars));
                *word = (advancing << 1) | carry | remaining;
                carry = advancing >> 63;
            }
        }
        states
            .get(self.last / 64)
            .is_some_and(|word| (word >> (self.last % 64)) & 1 == 1)
    }
}

fn insert(states: &mut [u64], state: usize) {
    if let Some(word) = states.get_mut(state / 64) {
        *word |= 1 << (state % 64);
    }
}

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
#[cfg(test)]
mod tests;
