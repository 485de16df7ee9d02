//! The user's consent to act on an AWS account, asked for once per account and recorded.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::caller::Caller;
use super::env::CommandEnv;
use super::target::Target;
use crate::error::{CommandError, ErrorKind};
use crate::globals::parse_account;
use crate::home;
use crate::system;
use crate::ui::consent;

/// The record of an account.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Approvals {
    approvals: Vec<Approval>,
}

/// Consent to act on an account.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Approval {
    /// The endpoint where it is not AWS's own: another account may have the same id there.
    endpoint: Option<String>,
    /// The ARN of the identity that was to act.
    caller: String,
    /// When the user consented (RFC 3339).
    date: String,
}

impl Approvals {
    /// Parses a record. A damaged one counts as none, so that the user is asked again.
    fn read(text: Option<&str>) -> Self {
        text.and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default()
    }

    fn cover(&self, endpoint: Option<&str>) -> bool {
        self.approvals
            .iter()
            .any(|approval| approval.endpoint.as_deref() == endpoint)
    }
}

/// Makes sure that the user consents to changes in this account: by an earlier answer, by `--yes`, or
/// by answering now.
///
/// # Errors
/// When the user does not consent or cannot be asked, or the answer cannot be recorded.
pub(super) async fn approve(
    env: &CommandEnv,
    target: &Target,
    caller: &Caller,
) -> Result<(), CommandError> {
    // The account comes from the endpoint and becomes part of a path.
    parse_account(&caller.account).map_err(|problem| {
        CommandError::environment(format!(
            "the endpoint reports {:?} as the account",
            caller.account
        ))
        .because(problem)
        .hint("Check that the endpoint is AWS or compatible with it.")
    })?;
    let path = env.home.account(&caller.account);
    let mut known = Approvals::read(home::read(&path)?.as_deref());
    if env.globals.yes || known.cover(target.endpoint.as_deref()) {
        return Ok(());
    }
    let endpoint = target.endpoint.as_ref();
    let question = format!(
        "Act on AWS account {}, region {}{}, as {}?",
        caller.account_and_alias(),
        target.region,
        endpoint.map_or_else(String::new, |endpoint| format!(", endpoint {endpoint}")),
        caller.name()
    );
    let (events, cancel) = (&env.events, &env.cancel);
    let asked = consent(&question, "nothing was changed", events, cancel).await;
    asked.map_err(|error| match error.kind {
        ErrorKind::Interrupted => error
            .hint("Choose another account with --profile or with credentials in the environment."),
        _ => error,
    })?;
    known.approvals.push(Approval {
        endpoint: target.endpoint.clone(),
        caller: caller.arn.clone(),
        date: date(system::now()),
    });
    home::write_json(&path, &known)
}

fn date(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consent_is_for_one_endpoint() {
        let known = Approvals {
            approvals: vec![Approval {
                endpoint: None,
                caller: "arn:aws:iam::123456789012:user/alice".to_owned(),
                date: date(Timestamp::UNIX_EPOCH),
            }],
        };
        assert!(known.cover(None));
        assert!(!known.cover(Some("http://127.0.0.1:5000")));
        let text = serde_json::to_string(&known).expect("JSON");
        assert_eq!(Approvals::read(Some(&text)), known);
    }

    #[test]
    fn a_damaged_record_is_no_consent() {
        assert!(!Approvals::read(None).cover(None));
        assert!(!Approvals::read(Some("{")).cover(None));
    }

    #[test]
    fn consent_has_a_date() {
        assert_eq!(date(system::at(1_700_000_000_000)), "2023-11-14T22:13:20Z");
    }
}
