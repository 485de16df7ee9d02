//! The account and endpoint that a command may act on, checked before other calls are made.

use super::target::Target;
use crate::error::CommandError;

/// The expected account and endpoint.
#[derive(Debug)]
pub struct Expected<'a> {
    /// The account that the user expects.
    pub(super) account: Option<&'a str>,
    /// Where the lab was built, unless `--target` ignores that.
    pub(super) recorded: Option<&'a Target>,
    /// The configured endpoint, where it is not AWS's own.
    pub(super) endpoint: Option<&'a str>,
    /// The lab's name.
    pub(super) lab: &'a str,
}

impl Expected<'_> {
    /// Checks, before any call, that the lab was built where the calls will go.
    ///
    /// # Errors
    /// When it was built elsewhere.
    pub fn check_endpoint(&self) -> Result<(), CommandError> {
        let Some(built) = self.recorded else {
            return Ok(());
        };
        if built.endpoint.as_deref() == self.endpoint {
            return Ok(());
        }
        let configured = self.endpoint.unwrap_or("AWS's own endpoints");
        let recorded = built.endpoint.as_deref();
        let message = format!(
            "the lab {} was built at {}, but {configured} would be called",
            self.lab,
            recorded.unwrap_or("AWS's own endpoints")
        );
        Err(CommandError::environment(message)
            .hint(recorded.map_or_else(
                || "Unset AWS_ENDPOINT_URL, and those of single services, to act there.".to_owned(),
                |endpoint| format!("Set AWS_ENDPOINT_URL={endpoint} to act there."),
            ))
            .hint("Pass --target aws to act where your configuration points anyway."))
    }

    /// Checks that the account is the one expected.
    ///
    /// # Errors
    /// When it is another.
    pub fn check_account(&self, account: &str) -> Result<(), CommandError> {
        if let Some(expected) = self.account.filter(|expected| *expected != account) {
            return Err(other_account(expected, "your credentials are for", account)
                .hint("Use the credentials of that account: --profile, AWS_PROFILE, or keys in the environment."));
        }
        let Some(built) = self.recorded.filter(|built| built.account != account) else {
            return Ok(());
        };
        let message = format!(
            "the lab {} was built in account {}, but your credentials are for account {account}",
            self.lab, built.account
        );
        let profile = built.profile.as_ref();
        Err(CommandError::environment(message)
            .hint(profile.map_or_else(
                || "Use the credentials that built it.".to_owned(),
                |profile| format!("Use the credentials that built it: --profile {profile}."),
            ))
            .hint("Pass --target aws to act in this account anyway."))
    }
}

/// The error for an account that is not the one expected.
pub(super) fn other_account(expected: &str, whose: &str, account: &str) -> CommandError {
    CommandError::environment(format!(
        "account {expected} is expected, but {whose} account {account}; nothing was changed"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(endpoint: Option<&str>) -> Target {
        Target {
            kind: "aws".to_owned(),
            account: "111111111111".to_owned(),
            region: "us-east-1".to_owned(),
            endpoint: endpoint.map(str::to_owned),
            profile: Some("work".to_owned()),
        }
    }

    fn expected<'a>(account: Option<&'a str>, recorded: Option<&'a Target>) -> Expected<'a> {
        Expected {
            account,
            recorded,
            endpoint: None,
            lab: "default",
        }
    }

    #[test]
    fn another_account_is_refused() {
        let expected = expected(Some("111111111111"), None);
        assert!(expected.check_account("111111111111").is_ok());
        let error = expected.check_account("222222222222").expect_err("another");
        assert!(error.message.contains("111111111111") && error.message.contains("222222222222"));
    }

    #[test]
    fn a_lab_in_another_account_names_its_profile() {
        let built = built(None);
        let expected = expected(None, Some(&built));
        assert!(expected.check_account("111111111111").is_ok());
        let error = expected.check_account("222222222222").expect_err("another");
        assert!(
            error.hints[0].contains("--profile work"),
            "{:?}",
            error.hints
        );
    }

    #[test]
    fn a_lab_at_another_endpoint_is_refused() {
        let elsewhere = built(Some("http://127.0.0.1:5000"));
        let checked = expected(None, Some(&elsewhere)).check_endpoint();
        let error = checked.expect_err("another endpoint");
        assert!(error.hints[0].contains("AWS_ENDPOINT_URL=http://127.0.0.1:5000"));
        assert!(expected(None, Some(&built(None))).check_endpoint().is_ok());
        assert!(expected(None, None).check_endpoint().is_ok());
    }
}
