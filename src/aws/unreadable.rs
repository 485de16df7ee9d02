//! Responses that are no answer of the service: cut off, not JSON or XML, or from something else
//! that answers at the endpoint.

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};

use super::error_code::code;

/// How often a call whose response cannot be read is attempted at most.
pub(super) const ATTEMPTS: u32 = 3;
/// How much of a response is shown, in characters.
const SHOWN: usize = 60;

/// Lets calls be repeated whose response says that they succeeded and cannot be read. What the
/// service did is as unknown as after a lost response, which the SDK repeats too.
#[derive(Debug)]
pub(super) struct UnreadableReplies;

impl ClassifyRetry for UnreadableReplies {
    fn name(&self) -> &'static str {
        "UnreadableReplies"
    }

    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        if is_unreadable(context) {
            return RetryAction::transient_error();
        }
        RetryAction::NoActionIndicated
    }
}

/// Whether a response came that says that the call succeeded, and cannot be read.
pub(super) fn is_unreadable(context: &InterceptorContext) -> bool {
    let answered = context
        .response()
        .is_some_and(|response| response.status().is_success());
    let failed = context.output_or_error().is_some_and(|end| end.is_err());
    answered && failed && code(context).is_none()
}

/// What came instead of an answer: `HTTP 502, 30 bytes: <html>Bad Gateway</html>`.
pub(super) fn describe(response: &HttpResponse) -> String {
    let status = response.status().as_u16();
    let Some(body) = response.body().bytes() else {
        return format!("HTTP {status}, cut off");
    };
    if body.is_empty() {
        return format!("HTTP {status}, empty");
    }
    let text = String::from_utf8_lossy(body);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut shown: String = line.chars().take(SHOWN).collect();
    if shown.len() < line.len() {
        shown.push('…');
    }
    format!("HTTP {status}, {} bytes: {shown}", body.len())
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;

    use super::*;

    fn described(status: u16, body: &str) -> String {
        let status = StatusCode::try_from(status).expect("a status");
        describe(&HttpResponse::new(status, SdkBody::from(body)))
    }

    #[test]
    fn what_came_is_shown_in_part() {
        assert_eq!(
            described(502, "<html>\n  Bad Gateway</html>"),
            "HTTP 502, 27 bytes: <html> Bad Gateway</html>"
        );
        assert_eq!(described(200, ""), "HTTP 200, empty");
        let long = described(200, &"x".repeat(100));
        assert!(long.ends_with("x…") && long.len() < 100, "{long}");
    }
}
