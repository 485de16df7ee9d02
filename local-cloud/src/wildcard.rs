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

    /// A pattern with variables; `None` where a variable has no value, because then nothing matches.
    /// `${*}`, `${?}` and `${$}` stand for these characters. A default may follow the name:
    /// `${aws:username, 'nobody'}`.
    pub fn with_variables(text: &str, value: impl Fn(&str) -> Option<String>) -> Option<Self> {
        Self::fill(text, value, push_wild)
    }

    /// A text with variables and without wildcards: `*` and `?` match themselves.
    pub fn literal(text: &str, value: impl Fn(&str) -> Option<String>) -> Option<Self> {
        Self::fill(text, value, push_literal)
    }

    fn fill(
        text: &str,
        value: impl Fn(&str) -> Option<String>,
        push: fn(&mut Vec<Glob>, &str),
    ) -> Option<Self> {
        let mut globs = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let (before, variable) = rest.split_at(start);
            push(&mut globs, before);
            let (variable, after) = variable.strip_prefix("${")?.split_once('}')?;
            rest = after;
            let (name, default) = match variable.split_once(',') {
                Some((name, default)) => (name.trim(), Some(default.trim().trim_matches('\''))),
                None => (variable.trim(), None),
            };
            let literal = match name {
                "*" | "?" | "$" => name.to_owned(),
                name => value(name).or_else(|| default.map(str::to_owned))?,
            };
            push_literal(&mut globs, &literal);
        }
        push(&mut globs, rest);
        Some(Self(globs))
    }

    /// Whether `text` matches. Takes time proportional to at most the product of the two lengths.
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
    let (mut next_glob, mut next_byte) = (0, 0);
    // The index of the last `*`, and the end of the text that it has matched.
    let mut last_star: Option<(usize, usize)> = None;
    while let Some(byte) = text.get(next_byte) {
        match pattern.get(next_glob) {
            Some(Glob::Many) => {
                last_star = Some((next_glob, next_byte));
                next_glob += 1;
            }
            Some(Glob::One) => {
                next_glob += 1;
                next_byte += width(*byte);
            }
            Some(glob) if *glob == Glob::Byte(*byte) => {
                next_glob += 1;
                next_byte += 1;
            }
            _ => match &mut last_star {
                None => return false,
                Some((star, end)) => {
                    // A whole character, because a `?` may follow.
                    *end += text.get(*end).map_or(1, |first| width(*first));
                    next_glob = *star + 1;
                    next_byte = *end;
                }
            },
        }
    }
    let rest = pattern.get(next_glob..).unwrap_or_default();
    rest.iter().all(|glob| *glob == Glob::Many)
}

/// The number of bytes of the UTF-8 character that begins with this byte.
fn width(first: u8) -> usize {
    match first {
        0xf0.. => 4,
        0xe0.. => 3,
        0xc0.. => 2,
        _ => 1,
    }
}

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
#[cfg(test)]
mod tests;
