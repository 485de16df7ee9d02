//! An error in one line, for logs and answers that people read.

use std::error::Error;

/// The error and what caused it: `dispatch failure: client error (Connect): connection refused`. A
/// cause that the text before has in it already is left out.
#[must_use]
pub fn with_causes(error: &(dyn Error + 'static)) -> String {
    followed_by_causes(error.to_string(), error.source())
}

/// A message and what caused it, in the same form.
#[must_use]
pub fn followed_by_causes(mut text: String, mut cause: Option<&(dyn Error + 'static)>) -> String {
    while let Some(error) = cause {
        let words = error.to_string();
        if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::*;

    #[derive(Debug)]
    struct Failure(&'static str, Option<Box<Failure>>);

    impl fmt::Display for Failure {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Failure {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|cause| cause as _)
        }
    }

    #[test]
    fn each_cause_is_told_once() {
        let refused = Failure("connection refused", None);
        let io = Failure("io error: connection refused", Some(Box::new(refused)));
        let dispatch = Failure("dispatch failure", Some(Box::new(io)));
        assert_eq!(
            with_causes(&dispatch),
            "dispatch failure: io error: connection refused"
        );
    }
}
