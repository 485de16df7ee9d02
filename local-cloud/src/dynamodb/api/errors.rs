//! The errors of DynamoDB, which dynoxide words.

use dynoxide::DynoxideError;

use crate::error::AwsError;

/// An error of dynoxide as clients get it; `translate` puts this cloud's ARNs into its texts.
pub(super) fn aws_error(error: &DynoxideError, translate: impl Fn(String) -> String) -> AwsError {
    let shape = error.error_type();
    let (_, code) = shape.split_once('#').unwrap_or(("", shape));
    let message = translate(error.to_string());
    AwsError::new(code, error.status_code(), message).with_body(translate(error.to_json()))
}

/// The error for a body that could not be read, by serde's message. Dynoxide's request types say in
/// a prefix which error DynamoDB gives; a missing member is a validation error there, one of the
/// wrong type is not.
pub(super) fn classify(message: &str) -> DynoxideError {
    let (text, _) = message.rsplit_once(" at line ").unwrap_or((message, ""));
    let owned = str::to_owned;
    for marker in ["SERIALIZATION:", "SERIALIZATION_AS_READ:"] {
        if let Some(rest) = text.strip_prefix(marker) {
            return DynoxideError::SerializationException(owned(rest));
        }
    }
    for marker in ["VALIDATION:", "VALIDATION_AS_READ:"] {
        if let Some(rest) = text.strip_prefix(marker) {
            return DynoxideError::ValidationException(owned(rest));
        }
    }
    if let Some(rest) = text.strip_prefix("VALIDATION_REQUEST:") {
        return DynoxideError::EnvelopedValidation(owned(rest));
    }
    let validation = [
        "missing field",
        "unknown variant",
        "invalid type: null",
        "Supplied AttributeValue",
    ];
    if validation.iter().any(|words| text.contains(words)) {
        return DynoxideError::ValidationException(owned(text));
    }
    if text.contains("empty AttributeValue") {
        return DynoxideError::ValidationException(owned(
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
        ));
    }
    DynoxideError::SerializationException(owned(text))
}
