//! Settings read from fake environments and files.

use super::*;

async fn read(
    flag: Option<&str>,
    variables: &[(&str, &str)],
    config: &str,
) -> Result<AwsSettings, CommandError> {
    let mut all = vec![("HOME", "/home/me")];
    all.extend(variables);
    let fs = Fs::from_slice(&[("/home/me/.aws/config", config)]);
    AwsSettings::read_from(flag, &Env::from_slice(&all), &fs).await
}

const KEYS: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", "secret"),
];

const PROFILES: &str = "\
[default]
region = eu-west-1
[profile sso]
sso_session = company
sso_account_id = 123456789012
sso_role_name = Admin
[sso-session company]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
[profile role]
role_arn = arn:aws:iam::123456789012:role/admin
source_profile = sso
[profile login]
login_session = arn:aws:iam::123456789012:user/alice
[profile process]
credential_process = /bin/credentials
[profile keys]
aws_access_key_id = AKIAEXAMPLE
aws_secret_access_key = secret
[profile second]
role_arn = arn:aws:iam::123456789012:role/admin
source_profile = keys
mfa_serial = arn:aws:iam::123456789012:mfa/alice
[profile loop]
role_arn = arn:aws:iam::123456789012:role/admin
source_profile = pool
[profile pool]
role_arn = arn:aws:iam::123456789012:role/admin
source_profile = loop
";

#[tokio::test]
async fn each_kind_of_profile_has_its_renewal() {
    let renewals = [
        (
            "sso",
            CredentialSource::Sso,
            "`aws sso login --profile sso`",
        ),
        (
            "role",
            CredentialSource::Sso,
            "`aws sso login --profile role`",
        ),
        (
            "login",
            CredentialSource::Login,
            "`aws login --profile login`",
        ),
        (
            "process",
            CredentialSource::Process,
            "credential_process of the profile process",
        ),
        (
            "keys",
            CredentialSource::Keys,
            "`aws configure --profile keys`",
        ),
        (
            "default",
            CredentialSource::Machine,
            "`aws configure --profile default`",
        ),
        (
            "second",
            CredentialSource::SecondFactor,
            "aws configure export-credentials --profile second",
        ),
        ("loop", CredentialSource::Role, "role_arn"),
    ];
    for (name, source, renewal) in renewals {
        let settings = read(Some(name), &[], PROFILES).await.expect("settings");
        assert_eq!(settings.source, source, "{name}");
        let hints = settings.explain(CommandError::environment("x")).hints;
        assert!(hints[0].contains(renewal), "{name}: {hints:?}");
    }
}

#[tokio::test]
async fn the_profile_flag_outranks_environment_keys() {
    let by_variable = [&KEYS[..], &[("AWS_PROFILE", "sso")]].concat();
    let settings = read(None, &by_variable, PROFILES).await.expect("settings");
    assert_eq!(
        settings.source,
        CredentialSource::Environment { temporary: false }
    );
    assert_eq!(settings.credentials(), "keys from the environment");
    let settings = read(Some("sso"), &KEYS, PROFILES).await.expect("settings");
    assert_eq!(settings.source, CredentialSource::Sso);
    assert_eq!(settings.credentials(), "profile sso");
}

#[tokio::test]
async fn a_key_without_its_secret_is_refused() {
    for (one, other) in [(0, 1), (1, 0)] {
        let settings = read(None, &KEYS[one..=one], PROFILES).await;
        let error = settings.expect_err("half a key");
        assert_eq!(error.kind, ErrorKind::Credentials);
        assert!(error.message.ends_with(KEYS[other].0), "{}", error.message);
    }
}

#[tokio::test]
async fn a_missing_profile_lists_the_existing_ones() {
    let variable = [("AWS_PROFILE", "sos")];
    for (flag, variables) in [(Some("sos"), &[][..]), (None, &variable[..])] {
        let settings = read(flag, variables, PROFILES).await;
        let error = settings.expect_err("no such profile");
        assert_eq!(error.message, "there is no AWS profile sos");
        assert!(
            error.hints[1].contains("default, keys, login"),
            "{:?}",
            error.hints
        );
    }
    let settings = read(None, &[], "").await.expect("settings");
    assert_eq!(
        (settings.source, settings.region),
        (CredentialSource::Machine, None)
    );
}

#[tokio::test]
async fn a_broken_file_is_named() {
    let settings = read(None, &[], "[default\nregion = x").await;
    let error = settings.expect_err("a broken file").full_message();
    assert!(error.contains("/home/me/.aws/config"), "{error}");
}

#[tokio::test]
async fn the_environments_region_outranks_the_profiles() {
    let settings = read(None, &[], PROFILES).await.expect("settings");
    assert_eq!(settings.region.as_deref(), Some("eu-west-1"));
    let variables = [("AWS_DEFAULT_REGION", "eu-north-1"), ("AWS_REGION", "")];
    let settings = read(None, &variables, PROFILES).await.expect("settings");
    assert_eq!(settings.region.as_deref(), Some("eu-north-1"));
    let error = read(None, &[("AWS_REGION", "us east")], PROFILES).await;
    assert!(error.is_err());
}
