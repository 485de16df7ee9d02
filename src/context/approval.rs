//! Which AWS accounts the user has agreed to act on: asked once for each, and remembered.

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

/// What is remembered of an account.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Approvals {
    approvals: Vec<Approval>,
}

/// A yes.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Approval {
    /// The endpoint, where it is not AWS's own: other accounts may have the same id there.
    endpoint: Option<String>,
    /// Who acted.
    caller: String,
    /// When, for people.
    date: String,
}

impl Approvals {
    /// What the text remembers; what cannot be read is asked again.
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

/// Lets a command change something in this account: the user has agreed before, says `--yes`, or
/// agrees now.
///
/// # Errors
/// When the user does not agree or cannot be asked, or the answer cannot be remembered.
pub(super) async fn approve(
    env: &CommandEnv,
    target: &Target,
    caller: &Caller,
) -> Result<(), CommandError> {
    // The account is part of a path, and came from outside.
    parse_account(&caller.account).map_err(|problem| {
        CommandError::environment(format!(
            "the endpoint names {:?} as the account",
            caller.account
        ))
        .because(problem)
        .hint("Check that the endpoint is AWS, or something that acts as AWS.")
    })?;
    let path = env.home.account(&caller.account);
    let mut known = Approvals::read(home::read(&path)?.as_deref());
    if env.globals.yes || known.cover(target.endpoint.as_deref()) {
        return Ok(());
    }
    let place = target.endpoint.as_ref();
    let question = format!(
        "Act on AWS account {}, region {}{}, as {}?",
        caller.account_and_alias(),
        target.region,
        place.map_or_else(String::new, |place| format!(", endpoint {place}")),
        caller.name()
    );
    let (events, cancel) = (&env.events, &env.cancel);
    let asked = consent(&question, "nothing was changed", events, cancel).await;
    asked.map_err(|error| match error.kind {
        ErrorKind::Interrupted => error
            .hint("Choose another account with --profile or the credentials of the environment."),
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
    fn a_yes_holds_for_its_endpoint_alone() {
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
    fn what_cannot_be_read_is_no_yes() {
        assert!(!Approvals::read(None).cover(None));
        assert!(!Approvals::read(Some("{")).cover(None));
    }

    #[test]
    fn a_yes_has_its_date() {
        assert_eq!(date(system::at(1_700_000_000_000)), "2023-11-14T22:13:20Z");
    }
}
