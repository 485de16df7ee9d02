//! The endpoints that calls go to. Each service can have its own, so a configuration may send half
//! of the lab to AWS and half to an emulator. This is detected before any call, and refused.

use aws_config::SdkConfig;
use aws_types::service_config::ServiceConfigKey;
use hyper::Uri;

use crate::error::CommandError;

/// The variable that names the endpoint of all services.
const ENDPOINT: &str = "AWS_ENDPOINT_URL";
/// The services that the tool calls, by their SDK service ids, from which the names of environment
/// variables and settings are formed.
const SERVICES: [&str; 7] = [
    "SQS",
    "DynamoDB",
    "Lambda",
    "IAM",
    "STS",
    "CloudWatch Logs",
    "Resource Groups Tagging API",
];
/// The domains of AWS's own endpoints, including private ones (`vpce`).
const AWS: [&str; 4] = [
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".amazonaws.eu",
    ".api.aws",
];

/// The environment variables that set the endpoint of a single service.
pub fn variables() -> impl Iterator<Item = String> {
    SERVICES.iter().map(|service| variable(service))
}

fn variable(service: &str) -> String {
    format!("{ENDPOINT}_{}", service.to_uppercase().replace(' ', "_"))
}

/// A service, and its endpoint where one is configured.
type ServiceEndpoint = (&'static str, Option<String>);

/// The endpoint of each service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints(Vec<ServiceEndpoint>);

impl Endpoints {
    /// The configured endpoints.
    ///
    /// # Errors
    /// When one is not a URL, or some services would go to AWS and others elsewhere.
    pub fn of(configuration: &SdkConfig) -> Result<Self, CommandError> {
        let named = |service| {
            let key = ServiceConfigKey::builder()
                .service_id(service)
                .env(ENDPOINT)
                .profile("endpoint_url");
            configuration
                .service_config()?
                .load_config(key.build().ok()?)
        };
        Self(
            SERVICES
                .iter()
                .map(|service| (*service, named(service)))
                .collect(),
        )
        .checked()
    }

    fn checked(self) -> Result<Self, CommandError> {
        for (service, endpoint) in &self.0 {
            let Some(endpoint) = endpoint else { continue };
            if host(endpoint).is_none() {
                // The SDK would go to AWS instead.
                return Err(CommandError::environment(format!(
                    "the endpoint of {service} is configured as {endpoint:?}, which is not a URL"
                ))
                .hint(format!(
                    "Set {ENDPOINT} or {} to a URL such as http://127.0.0.1:4566, or unset it.",
                    variable(service)
                )));
            }
        }
        let (to_aws, elsewhere): (Vec<_>, Vec<_>) = self
            .0
            .iter()
            .partition(|(_, endpoint)| endpoint.as_deref().is_none_or(is_aws));
        let [Some((_, Some(other))), Some(_)] = [elsewhere.first(), to_aws.first()] else {
            return Ok(self);
        };
        let names = |some: &[&ServiceEndpoint]| {
            let names: Vec<&str> = some.iter().map(|(service, _)| *service).collect();
            names.join(", ")
        };
        let unset = |some: &[&ServiceEndpoint]| {
            let configured = some.iter().filter(|(_, endpoint)| endpoint.is_some());
            let variables: Vec<String> = configured.map(|(service, _)| variable(service)).collect();
            variables.join(", ")
        };
        let and_unset = match unset(&to_aws) {
            none if none.is_empty() => none,
            own => format!(" and unset {own}"),
        };
        Err(CommandError::environment(format!(
            "the lab would be half on AWS and half elsewhere: {} would go to AWS, but {} to {other}",
            names(&to_aws),
            names(&elsewhere),
        ))
        .hint(format!(
            "To act on AWS, unset {} (or remove endpoint_url from the profile), or set AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true.",
            unset(&elsewhere)
        ))
        .hint(format!("To act there, set {ENDPOINT}={other}{and_unset}.")))
    }

    /// The endpoint where it is not AWS's own; where services differ, that of the first.
    pub fn main(&self) -> Option<&str> {
        self.0.first()?.1.as_deref()
    }

    /// The endpoints in words.
    pub fn describe(&self) -> String {
        let main = self.main();
        let mut text = main.map_or_else(
            || "AWS's own endpoints".to_owned(),
            |url| format!("endpoint {url}"),
        );
        for (service, endpoint) in &self.0 {
            if endpoint.as_deref() != main {
                let url = endpoint.as_deref().unwrap_or("AWS's own");
                text.push_str(&format!(", for {service} {url}"));
            }
        }
        text
    }
}

/// The host of an http or https URL; `None` where the text is none.
pub fn host(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    uri.scheme_str()
        .filter(|scheme| ["http", "https"].contains(scheme))?;
    uri.host().map(str::to_ascii_lowercase)
}

/// Whether a URL is of one of AWS's own endpoints.
pub fn is_aws(url: &str) -> bool {
    host(url).is_some_and(|host| AWS.iter().any(|own| host.ends_with(own)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMULATOR: &str = "http://127.0.0.1:5000";

    fn endpoints(named: &[(&str, &str)]) -> Result<Endpoints, CommandError> {
        let of = |service: &str| {
            let found = named.iter().find(|(name, _)| [service, "*"].contains(name));
            found.map(|(_, url)| (*url).to_owned())
        };
        Endpoints(SERVICES.iter().map(|one| (*one, of(one))).collect()).checked()
    }

    #[test]
    fn one_endpoint_for_all_services() {
        let own = endpoints(&[]).expect("AWS");
        assert_eq!(
            (own.main(), &*own.describe()),
            (None, "AWS's own endpoints")
        );
        let emulator = endpoints(&[("*", EMULATOR)]).expect("an emulator");
        assert_eq!(emulator.main(), Some(EMULATOR));
        assert_eq!(emulator.describe(), format!("endpoint {EMULATOR}"));
    }

    #[test]
    fn private_endpoints_are_aws() {
        let private = "https://vpce-1-x.sts.us-east-1.vpce.amazonaws.com";
        let mixed = endpoints(&[("STS", private)]).expect("all on AWS");
        assert_eq!(
            mixed.describe(),
            format!("AWS's own endpoints, for STS {private}")
        );
        assert!(!is_aws("https://amazonaws.com.example.org"));
    }

    #[test]
    fn two_emulators_are_both_named() {
        let both = endpoints(&[("IAM", "http://other:1"), ("*", EMULATOR)]).expect("no AWS");
        assert_eq!(
            both.describe(),
            format!("endpoint {EMULATOR}, for IAM http://other:1")
        );
    }

    #[test]
    fn a_mixed_target_is_refused_with_advice() {
        let mixed = endpoints(&[("SQS", EMULATOR), ("DynamoDB", EMULATOR)]);
        let error = mixed.expect_err("a mixed target");
        assert_eq!(
            error.message,
            format!(
                "the lab would be half on AWS and half elsewhere: Lambda, IAM, STS, CloudWatch \
                 Logs, Resource Groups Tagging API would go to AWS, but SQS, DynamoDB to {EMULATOR}"
            )
        );
        assert!(error.hints[0].contains("unset AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL_DYNAMODB"));
        assert!(error.hints[1].contains(&format!("set AWS_ENDPOINT_URL={EMULATOR}")));
        assert!(endpoints(&[("STS", "https://sts.amazonaws.com"), ("*", EMULATOR)]).is_err());
    }

    #[test]
    fn an_endpoint_that_is_no_url_is_refused() {
        for text in ["localhost:5000", "127.0.0.1", "ftp://x", "http://", ""] {
            let error = endpoints(&[("*", text)]).expect_err("no URL");
            assert!(error.message.ends_with("which is not a URL"), "{text}");
        }
    }

    #[test]
    fn variables_are_named_as_in_the_sdks() {
        let names: Vec<String> = variables().collect();
        assert_eq!(names[5], "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS");
        assert_eq!(names[6], "AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API");
    }
}
