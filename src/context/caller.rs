//! The caller identity: the account, and the user or role whose credentials sign.

use super::expected::Expected;
use super::target::LOCAL_ACCOUNT;
use crate::aws::{ALIAS_WAIT, Answer as _, Clients};
use crate::error::CommandError;

/// The longest value of a tag, in characters.
const TAG_VALUE: usize = 256;

/// The identity of the credentials, as STS reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account id.
    pub account: String,
    /// The ARN, for example `arn:aws:iam::123456789012:user/alice`.
    pub arn: String,
    /// The unique id.
    pub user_id: String,
    /// The account's alias, where it has one and the caller may read it.
    pub alias: Option<String>,
    /// The profile named by `--profile` or `AWS_PROFILE`.
    pub profile: Option<String>,
}

impl Caller {
    /// The owner of the local cloud.
    pub fn local_owner() -> Self {
        Self {
            account: LOCAL_ACCOUNT.to_owned(),
            arn: format!("arn:aws:iam::{LOCAL_ACCOUNT}:root"),
            user_id: LOCAL_ACCOUNT.to_owned(),
            alias: None,
            profile: None,
        }
    }

    /// The last part of the ARN, for example `user/alice`, `assumed-role/Admin/alice` or `root`, as a
    /// legal tag value: at most 256 letters, digits, spaces and `+-=._:/@`; any other character becomes
    /// an underscore.
    pub fn name(&self) -> String {
        let resource = self.arn.splitn(6, ':').nth(5).unwrap_or(&self.arn);
        let legal = |character: char| {
            if character.is_alphanumeric() || " +-=._:/@".contains(character) {
                character
            } else {
                '_'
            }
        };
        resource.chars().take(TAG_VALUE).map(legal).collect()
    }

    /// The account with its alias: `123456789012 (my-company)`.
    pub fn account_and_alias(&self) -> String {
        let alias = self
            .alias
            .as_ref()
            .map_or_else(String::new, |alias| format!(" ({alias})"));
        format!("{}{alias}", self.account)
    }
}

/// Asks STS for the caller identity and, where the account is the one expected, IAM for the
/// account's alias, which may fail.
///
/// # Errors
/// When there are no valid credentials, or the account is not the one expected.
pub(super) async fn identify(
    clients: &Clients,
    expected: &Expected<'_>,
    profile: Option<String>,
) -> Result<Caller, CommandError> {
    let answer = clients.sts.get_caller_identity().send().await;
    let identity = answer.of_call("sts:GetCallerIdentity")?;
    let account = identity.account.unwrap_or_default();
    expected.check_account(&account)?;
    Ok(Caller {
        account,
        arn: identity.arn.unwrap_or_default(),
        user_id: identity.user_id.unwrap_or_default(),
        alias: account_alias(clients).await,
        profile,
    })
}

/// The account's alias; `None` where it has none, or the answer is refused or late.
pub(crate) async fn account_alias(clients: &Clients) -> Option<String> {
    let call = clients.iam.list_account_aliases().send();
    let answer = tokio::time::timeout(ALIAS_WAIT, call).await.ok()?.ok()?;
    answer.account_aliases.into_iter().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(arn: &str) -> Caller {
        Caller {
            arn: arn.to_owned(),
            ..Caller::local_owner()
        }
    }

    #[test]
    fn a_callers_name_is_a_legal_tag_value() {
        let names = [
            (
                "arn:aws:iam::123456789012:user/team/alice",
                "user/team/alice",
            ),
            (
                "arn:aws:sts::123456789012:assumed-role/Admin/alice@example.com",
                "assumed-role/Admin/alice@example.com",
            ),
            ("arn:aws:iam::123456789012:root", "root"),
            ("arn:aws:iam::123456789012:user/a,b", "user/a_b"),
            ("nonsense", "nonsense"),
        ];
        for (arn, name) in names {
            assert_eq!(caller(arn).name(), name);
        }
        let long = format!("arn:aws:iam::123456789012:user/{}", "x".repeat(300));
        assert_eq!(caller(&long).name().chars().count(), TAG_VALUE);
    }

    #[test]
    fn the_account_is_shown_with_its_alias() {
        let mut caller = Caller::local_owner();
        assert_eq!(caller.account_and_alias(), "000000000000");
        caller.alias = Some("my-company".to_owned());
        assert_eq!(caller.account_and_alias(), "000000000000 (my-company)");
    }
}
