//! The user's AWS configuration, read from the environment and the profile files before any call:
//! whose credentials will sign, and which region is meant.

use std::borrow::Cow;

use aws_config::profile::{Profile, ProfileSet};
use aws_types::os_shim_internal::{Env, Fs};

use super::error::in_one_line;
use crate::error::{CommandError, ErrorKind};
use crate::globals::parse_region;

/// The user's AWS configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsSettings {
    /// The profile named by the flag or by `AWS_PROFILE`.
    pub profile: Option<String>,
    /// Whether the flag named it: then keys in the environment are ignored, as in the AWS CLI.
    pub profile_by_flag: bool,
    /// The region of the environment or of the profile.
    pub region: Option<String>,
    /// Where the credentials will come from.
    pub source: CredentialSource,
}

/// Where credentials come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialSource {
    /// Keys in the environment.
    Environment {
        /// Whether they come with a session token and so expire.
        temporary: bool,
    },
    /// A profile that signs in with IAM Identity Center (`aws sso login`).
    Sso,
    /// A profile that signs in with the console's credentials (`aws login`).
    Login,
    /// A profile with a `credential_process`.
    Process,
    /// A profile with keys.
    Keys,
    /// A profile or an environment with a web identity token.
    WebIdentity,
    /// A profile that assumes a role with credentials from outside the profiles.
    Role,
    /// A profile that assumes a role with MFA, which the SDK cannot prompt for.
    SecondFactor,
    /// The endpoint of the container that runs this program.
    Container,
    /// Nothing is configured, so only an EC2 instance's role remains.
    Machine,
}

impl AwsSettings {
    /// Reads the configuration; `flag` is the profile named on the command line.
    ///
    /// # Errors
    /// When a profile file cannot be read, the named profile does not exist, a key lacks its
    /// secret, or the region is invalid.
    pub async fn read(flag: Option<&str>) -> Result<Self, CommandError> {
        Self::read_from(flag, &Env::real(), &Fs::real()).await
    }

    async fn read_from(flag: Option<&str>, env: &Env, fs: &Fs) -> Result<Self, CommandError> {
        let name = flag.map(|name| Cow::Owned(name.to_owned()));
        let profiles = aws_config::profile::load(fs, env, &Default::default(), name)
            .await
            .map_err(|problem| {
                CommandError::environment("the AWS configuration files cannot be read")
                    .because(in_one_line(&problem))
                    .hint("Correct the file, or name another with AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE.")
            })?;
        let set = |name: &str| env.get(name).ok().filter(|value| !value.is_empty());
        let profile = flag.map(str::to_owned).or_else(|| set("AWS_PROFILE"));
        let selected = profiles.get_profile(profiles.selected_profile());
        if let (Some(name), None) = (&profile, selected) {
            return Err(missing(name, &profiles));
        }
        let region = set("AWS_REGION")
            .or_else(|| set("AWS_DEFAULT_REGION"))
            .or_else(|| selected?.get("region").map(str::to_owned));
        if let Some(region) = &region {
            parse_region(region).map_err(|problem| {
                CommandError::environment(format!("{region:?} is configured as the region"))
                    .because(problem)
                    .hint("Set AWS_REGION or the profile's region, or pass --region.")
            })?;
        }
        Ok(Self {
            profile_by_flag: flag.is_some(),
            source: source(flag.is_some(), &set, &profiles)?,
            profile,
            region,
        })
    }

    /// The source of the credentials in words.
    pub fn credentials(&self) -> String {
        match self.source {
            CredentialSource::Environment { .. } => "keys from the environment".to_owned(),
            CredentialSource::Container => "the container's role".to_owned(),
            CredentialSource::Machine => "this machine's role, if it has one".to_owned(),
            _ => format!("profile {}", self.profile.as_deref().unwrap_or("default")),
        }
    }

    /// Explains an error that these credentials caused, and adds the command that renews them.
    #[must_use]
    pub fn explain(&self, mut error: CommandError) -> CommandError {
        let profile = self.profile.as_deref();
        let flag = profile.map_or_else(String::new, |name| format!(" --profile {name}"));
        let named = profile.unwrap_or("default");
        let refused = error.call.as_ref().is_some_and(|call| call.code.is_some());
        if !refused {
            error.message = match self.source {
                CredentialSource::Machine if self.profile_by_flag => {
                    format!("the profile {named} has no credentials")
                }
                CredentialSource::Machine => format!(
                    "there are no AWS credentials: neither the environment nor the profile {named} has any, and this machine has no role"
                ),
                _ => format!(
                    "there are no valid AWS credentials ({}): {}",
                    self.credentials(),
                    error.message
                ),
            };
        }
        if let Some(hint) = error
            .call
            .as_ref()
            .and_then(|call| hint_of(call.code.as_deref()?))
        {
            error = error.hint(hint);
        }
        error.hint(match self.source {
            CredentialSource::Sso => format!("`aws sso login{flag}` renews them."),
            CredentialSource::Login => format!("`aws login{flag}` renews them."),
            CredentialSource::Keys => format!("`aws configure{flag}` sets other keys."),
            CredentialSource::Environment { temporary: true } => {
                "Get new temporary keys, or unset AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN to use a profile.".to_owned()
            }
            CredentialSource::Environment { temporary: false } => {
                "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to valid keys, or unset both to use a profile.".to_owned()
            }
            CredentialSource::Process => format!(
                "Run the credential_process of the profile {named} by hand to see what it needs."
            ),
            CredentialSource::WebIdentity => {
                "Check whether the web identity token exists and has not expired, and whether its role trusts it."
                    .to_owned()
            }
            CredentialSource::SecondFactor => format!(
                "The profile {named} needs a second factor; `eval \"$(aws configure export-credentials{flag} --format env)\"` signs in for this shell."
            ),
            CredentialSource::Role => format!(
                "Check role_arn and the source of credentials in the profile {named}, and whether the role trusts it."
            ),
            CredentialSource::Container => {
                "Check whether this container has a role.".to_owned()
            }
            CredentialSource::Machine => format!(
                "`aws configure{flag}` sets keys; `aws login{flag}` or `aws configure sso{flag}` signs in. To use another profile, pass --profile or set AWS_PROFILE."
            ),
        })
    }
}

/// Another possible reason where a service refuses credentials with this code.
fn hint_of(code: &str) -> Option<&'static str> {
    match code {
        "InvalidClientTokenId" | "UnrecognizedClientException" | "OptInRequired" => {
            Some("If the keys are valid, the region may not be enabled in the account.")
        }
        "RequestExpired"
        | "RequestTimeTooSkewed"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException" => {
            Some("If the keys are valid, this machine's clock may be wrong.")
        }
        _ => None,
    }
}

fn missing(name: &str, profiles: &ProfileSet) -> CommandError {
    let mut known: Vec<&str> = profiles.profiles().collect();
    known.sort_unstable();
    let message = format!("there is no AWS profile {name}");
    let error = CommandError::new(ErrorKind::Credentials, message)
        .hint(format!("`aws configure --profile {name}` creates it."));
    if known.is_empty() {
        return error;
    }
    error.hint(format!("Existing profiles: {}.", known.join(", ")))
}

/// The source of the credentials, found in the order in which the SDK looks for them.
fn source(
    by_flag: bool,
    set: &impl Fn(&str) -> Option<String>,
    profiles: &ProfileSet,
) -> Result<CredentialSource, CommandError> {
    let keys = [set("AWS_ACCESS_KEY_ID"), set("AWS_SECRET_ACCESS_KEY")];
    match keys {
        _ if by_flag => {}
        [Some(_), Some(_)] => {
            let temporary = set("AWS_SESSION_TOKEN").is_some();
            return Ok(CredentialSource::Environment { temporary });
        }
        [None, None] => {}
        // The SDK would look elsewhere and might find another identity's credentials.
        [id, _] => {
            let (present, missing) = if id.is_some() {
                ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
            } else {
                ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID")
            };
            let message = format!("{present} is set, but not {missing}");
            return Err(CommandError::new(ErrorKind::Credentials, message)
                .hint("Set both, or unset both to use a profile."));
        }
    }
    if let Some(source) = of_profile(profiles) {
        return Ok(source);
    }
    Ok(if by_flag {
        CredentialSource::Machine
    } else if set("AWS_WEB_IDENTITY_TOKEN_FILE").is_some() {
        CredentialSource::WebIdentity
    } else if set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
        .or_else(|| set("AWS_CONTAINER_CREDENTIALS_FULL_URI"))
        .is_some()
    {
        CredentialSource::Container
    } else {
        CredentialSource::Machine
    })
}

/// The source that the selected profile names, following `source_profile` through assumed roles.
fn of_profile(profiles: &ProfileSet) -> Option<CredentialSource> {
    let mut profile = profiles.get_profile(profiles.selected_profile())?;
    if has(profile, "mfa_serial") {
        return Some(CredentialSource::SecondFactor);
    }
    let mut seen = Vec::new();
    while has(profile, "role_arn")
        && let Some(next) = profile.get("source_profile")
        && next != profile.name()
    {
        seen.push(profile.name());
        match profiles.get_profile(next) {
            Some(next) if !seen.contains(&next.name()) => profile = next,
            // The SDK reports what is wrong with it.
            _ => return Some(CredentialSource::Role),
        }
    }
    let sources = [
        ("credential_source", CredentialSource::Role),
        ("web_identity_token_file", CredentialSource::WebIdentity),
        ("sso_session", CredentialSource::Sso),
        ("sso_start_url", CredentialSource::Sso),
        ("login_session", CredentialSource::Login),
        ("credential_process", CredentialSource::Process),
        ("aws_access_key_id", CredentialSource::Keys),
    ];
    let found = sources.iter().find(|(key, _)| has(profile, key));
    found.map(|(_, source)| *source)
}

fn has(profile: &Profile, key: &str) -> bool {
    profile.get(key).is_some()
}

#[cfg(test)]
mod tests;
