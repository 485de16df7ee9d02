//! Texts with wildcards, as policies and log filters have them: `*` for any run of characters,
//! `?` for one; and policies' variables, `${aws:PrincipalAccount}`, whose values stand for
//! themselves.

/// One piece of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Glob {
    Byte(u8),
    One,
    Many,
}

/// A text with wildcards, its variables filled in.
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

    /// A pattern with variables; `None` where one of them has no value, for then nothing fits.
    /// `${*}`, `${?}` and `${$}` stand for these characters. A default may follow the name:
    /// `${aws:username, 'nobody'}`.
    pub fn with_variables(text: &str, value: impl Fn(&str) -> Option<String>) -> Option<Self> {
        Self::fill(text, value, push_wild)
    }

    /// The same for a text without wildcards: `*` and `?` stand for themselves.
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
            let (before, behind) = rest.split_at(start);
            push(&mut globs, before);
            let behind = behind.strip_prefix("${")?;
            let (variable, after) = behind.split_once('}')?;
            rest = after;
            let (name, default) = match variable.split_once(',') {
                Some((name, default)) => (name.trim(), Some(default.trim().trim_matches('\''))),
                None => (variable.trim(), None),
            };
            let filled = match name {
                "*" | "?" | "$" => name.to_owned(),
                name => value(name).or_else(|| default.map(str::to_owned))?,
            };
            push_literal(&mut globs, &filled);
        }
        push(&mut globs, rest);
        Some(Self(globs))
    }

    /// Whether `text` fits. Takes time proportional to the product of their lengths at most,
    /// whatever the pattern.
    pub fn matches(&self, text: &str) -> bool {
        matches_globs(&self.0, text.as_bytes())
    }

    /// Whether an ARN fits: part by part, so that a `*` before the resource spans no colon. An
    /// ARN with too few parts is filled up with wildcards, as the IAM User Guide says.
    pub fn matches_arn(&self, arn: &str) -> bool {
        let mut patterns = self.0.splitn(6, |glob| *glob == Glob::Byte(b':'));
        let mut parts = arn.splitn(6, ':');
        if self.0 == [Glob::Many] {
            return true;
        }
        let mut incomplete = false;
        loop {
            match (patterns.next(), parts.next()) {
                (None, None) => return true,
                (Some(pattern), Some(part)) => {
                    incomplete = pattern.last() == Some(&Glob::Many);
                    if !matches_globs(pattern, part.as_bytes()) {
                        return false;
                    }
                }
                (None, Some(_)) => return incomplete,
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
    let (mut at, mut seen) = (0, 0);
    // Where the last `*` stands, and up to where it has swallowed the text.
    let mut star: Option<(usize, usize)> = None;
    while let Some(byte) = text.get(seen) {
        match pattern.get(at) {
            Some(Glob::Many) => {
                star = Some((at, seen));
                at += 1;
            }
            Some(Glob::One) => {
                at += 1;
                seen += width(*byte);
            }
            Some(glob) if *glob == Glob::Byte(*byte) => {
                at += 1;
                seen += 1;
            }
            _ => match &mut star {
                None => return false,
                Some((position, swallowed)) => {
                    // A whole character, as what comes next may be a `?`.
                    *swallowed += text.get(*swallowed).map_or(1, |first| width(*first));
                    at = *position + 1;
                    seen = *swallowed;
                }
            },
        }
    }
    let rest = pattern.get(at..).unwrap_or_default();
    rest.iter().all(|glob| *glob == Glob::Many)
}

/// How many bytes the character has that begins with this one.
fn width(first: u8) -> usize {
    match first {
        0xf0.. => 4,
        0xe0.. => 3,
        0xc0.. => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::new(pattern).matches(text)
    }

    #[test]
    fn wildcards_match_as_aws_says() {
        assert!(matches("*", ""));
        assert!(matches("sqs:*Message*", "sqs:SendMessageBatch"));
        assert!(matches("a?c", "abc"));
        assert!(!matches("a?c", "ac"));
        assert!(!matches("sqs:Send", "sqs:SendMessage"));
        assert!(matches("*a*b*c", "xxaxbxbxc"));
        assert!(!matches("*a*b*c", "xxaxbxbxcd"));
        assert!(
            matches("caf?", "café") && matches("*?é", "èé"),
            "a character is one"
        );
        assert!(!matches("caf??", "café") && !matches("*??", "é"));
    }

    #[test]
    fn arns_match_part_by_part() {
        let queue = "arn:aws:sqs:us-east-1:000000000000:orders-queue";
        let fits = |pattern: &str| Pattern::new(pattern).matches_arn(queue);
        assert!(fits("*") && fits(queue) && fits("arn:aws:sqs:*:*:orders-*"));
        assert!(fits("arn:aws:sqs:*"), "what is missing is any");
        assert!(
            !fits("arn:aws:sqs:us-east-1:*-queue"),
            "no span over a colon"
        );
        assert!(
            !fits("arn:aws:sqs:us-east-1"),
            "nothing is missing behind no `*`"
        );
        let group = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/f:log-stream:s";
        let pattern = Pattern::new("arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/f:*");
        assert!(pattern.matches_arn(group), "the resource may hold colons");
    }

    #[test]
    fn variables_stand_for_themselves() {
        let value = |name: &str| (name == "aws:userid").then(|| "a*b".to_owned());
        let pattern = |text| Pattern::with_variables(text, value);
        let filled = pattern("x/${aws:userid}/*").expect("it has a value");
        assert!(filled.matches("x/a*b/y") && !filled.matches("x/aZb/y"));
        assert!(pattern("${aws:username}").is_none());
        let default = pattern("${aws:username, 'nobody'}").expect("it has a default");
        assert!(default.matches("nobody"));
        let literal = pattern("${*}${?}${$}").expect("they are characters");
        assert!(literal.matches("*?$") && !literal.matches("ab$"));
    }
}
