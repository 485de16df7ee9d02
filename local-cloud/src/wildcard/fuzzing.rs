//! Properties of wildcards.

use super::Pattern;
use crate::fuzzing::engines::first_text_line;

/// A pattern, then a text: the pattern matches as a plain table of all prefixes says.
pub fn wildcard(data: &[u8]) {
    let Some((pattern, text)) = first_text_line(data) else {
        return;
    };
    let parsed = Pattern::new(pattern);
    let matches = parsed.matches(text);
    if pattern.len() <= 256 && text.len() <= 256 {
        assert_eq!(matches, matches_by_table(pattern, text));
    }
    if !pattern.contains(['*', '?']) {
        assert_eq!(matches, pattern == text);
        assert_eq!(parsed.matches_arn(text), matches);
    }
    if parsed.matches_arn(text) && pattern.split(':').count() >= 6 {
        assert!(matches, "an ARN that matches in parts matches as a whole");
    }
    let value = |name: &str| {
        let value = (name == "aws:userid").then(|| text.to_owned());
        Ok::<_, std::convert::Infallible>(value)
    };
    if let Ok(Some(literal)) = Pattern::literal(pattern, value)
        && !pattern.contains("${")
    {
        assert_eq!(literal.matches(text), pattern == text);
    }
    if let Ok(Some(filled)) = Pattern::with_variables(pattern, value) {
        filled.matches_arn(text);
    }
}

fn matches_by_table(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    // Whether the pattern so far matches the text's prefix of each length.
    let mut matches = vec![false; text.len() + 1];
    matches[0] = true;
    for glob in pattern.chars() {
        let mut before = matches[0];
        matches[0] &= glob == '*';
        for (index, letter) in text.iter().enumerate() {
            let here = matches[index + 1];
            matches[index + 1] = match glob {
                '*' => here || matches[index],
                '?' => before,
                glob => before && glob == *letter,
            };
            before = here;
        }
    }
    matches.last() == Some(&true)
}
