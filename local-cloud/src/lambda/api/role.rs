//! The roles that functions are given.

use super::parameters::invalid;
use super::service::LambdaService;
use crate::error::AwsError;

const PRINCIPAL: &str = "lambda.amazonaws.com";

/// The error for environment variables where KMS does not know the role yet.
const NO_GRANT: &str = "Lambda was unable to configure access to your environment variables because \
                        the KMS key is invalid for CreateGrant. Please check your KMS key settings. \
                        KMS Exception: InvalidArnException KMS Message: ARN does not refer to a \
                        valid principal";

/// The id of the role that a function is given; `None` where it is given none.
///
/// # Errors
/// `InvalidParameterValueException` for a role that Lambda cannot assume.
pub(super) fn role_id(
    service: &LambdaService,
    role_arn: Option<&str>,
    has_variables: bool,
) -> Result<Option<String>, AwsError> {
    let Some(role_arn) = role_arn else {
        return Ok(None);
    };
    let identities = service.functions.identities();
    match identities.trusting(role_arn, PRINCIPAL) {
        Some(id) => Ok(Some(id)),
        // Lambda lets a new role decrypt the variables before it tries to assume the role, and
        // KMS may learn of the role later than Lambda, or earlier.
        None if has_variables
            && identities.is_propagating(role_arn, PRINCIPAL)
            && service.functions.is_behind() =>
        {
            Err(invalid(NO_GRANT))
        }
        None => Err(invalid(
            "The role defined for the function cannot be assumed by Lambda.",
        )),
    }
}
