//! The wildcards of policies: `*` for any run of characters, `?` for one.

/// Whether `text` fits `pattern`. Takes time proportional to the product of their lengths at
/// most, whatever the pattern.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut seen) = (0, 0);
    // Where the last `*` stands, and up to where it has swallowed the text.
    let mut star: Option<(usize, usize)> = None;
    while let Some(byte) = text.get(seen) {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(b'?') => {
                at += 1;
                seen += 1;
            }
            Some(literal) if literal == byte => {
                at += 1;
                seen += 1;
            }
            _ => match &mut star {
                None => return false,
                Some((position, swallowed)) => {
                    *swallowed += 1;
                    at = *position + 1;
                    seen = *swallowed;
                }
            },
        }
    }
    pattern
        .get(at..)
        .unwrap_or_default()
        .iter()
        .all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn wildcards_match_as_aws_says() {
        assert!(matches("*", ""));
        assert!(matches("sqs:*Message*", "sqs:SendMessageBatch"));
        assert!(matches("a?c", "abc"));
        assert!(!matches("a?c", "ac"));
        assert!(!matches("sqs:Send", "sqs:SendMessage"));
        assert!(matches("*a*b*c", "xxaxbxbxc"));
        assert!(!matches("*a*b*c", "xxaxbxbxcd"));
    }
}
