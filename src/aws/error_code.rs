//! The error code of a failed attempt. Pure.

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;

/// The service's error code for a failed attempt, where it responded. The context has the
/// operation's error only type-erased, so the code is taken from its message.
pub(super) fn code(context: &InterceptorContext) -> Option<String> {
    let error = context.output_or_error()?.err()?.as_operation_error()?;
    shown_code(&error.to_string())
}

/// The code in an error's message: `unhandled error (CODE)`, `CODE: text` or `CODE`.
fn shown_code(message: &str) -> Option<String> {
    let text = message
        .strip_prefix("unhandled error")
        .unwrap_or(message)
        .trim_start_matches([' ', '(']);
    let end = text.find([':', ')', ' ']).unwrap_or(text.len());
    let code = text.get(..end)?.rsplit(['#', '.']).next()?;
    (!code.is_empty()).then(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_found_in_a_message() {
        let shown = [
            (
                "unhandled error (RequestThrottled)",
                Some("RequestThrottled"),
            ),
            (
                "ThrottlingException: Rate exceeded",
                Some("ThrottlingException"),
            ),
            ("RequestThrottled", Some("RequestThrottled")),
            ("unhandled error", None),
        ];
        for (message, code) in shown {
            assert_eq!(shown_code(message).as_deref(), code, "{message}");
        }
    }
}
