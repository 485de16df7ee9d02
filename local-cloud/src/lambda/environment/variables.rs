//! The environment variables that a process is started with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::iam::SessionCredentials;
use crate::lambda::engine::{Function, LATEST};

/// What a process is started with, apart from its function.
#[derive(Debug)]
pub(crate) struct ProcessContext<'a> {
    /// The directory with the function's code.
    pub(crate) code: &'a Path,
    /// The process's own directory for temporary files.
    pub(crate) temporary: PathBuf,
    /// The credentials of the function's role.
    pub(crate) credentials: &'a SessionCredentials,
    /// The cloud's endpoint, for example `http://127.0.0.1:4567`.
    pub(crate) endpoint: &'a str,
    /// Its port.
    pub(crate) port: u16,
    /// The region.
    pub(crate) region: &'a str,
}

impl ProcessContext<'_> {
    /// The variables that AWS sets for custom runtimes, besides the function's own. Two are added,
    /// so that SDKs find this cloud and look nowhere else for credentials. `token` is the
    /// environment's secret, `log_stream` the name of its log stream.
    pub(crate) fn variables(
        &self,
        function: &Function,
        token: &str,
        log_stream: &str,
    ) -> BTreeMap<&'static str, String> {
        let code = self.code.display();
        let credentials = self.credentials;
        let mut variables = BTreeMap::from([
            ("AWS_ACCESS_KEY_ID", credentials.access_key.clone()),
            (
                "AWS_SECRET_ACCESS_KEY",
                credentials.secret_key.reveal().to_owned(),
            ),
            (
                "AWS_SESSION_TOKEN",
                credentials.session_token.reveal().to_owned(),
            ),
            ("AWS_REGION", self.region.to_owned()),
            ("AWS_DEFAULT_REGION", self.region.to_owned()),
            ("AWS_LAMBDA_FUNCTION_NAME", function.name.clone()),
            ("AWS_LAMBDA_FUNCTION_VERSION", LATEST.to_owned()),
            (
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                function.memory_mb.to_string(),
            ),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
            ("AWS_LAMBDA_LOG_GROUP_NAME", function.log_group.clone()),
            ("AWS_LAMBDA_LOG_STREAM_NAME", log_stream.to_owned()),
            // On AWS this is a bare authority. Here it has a path, which is the environment's
            // secret, and `lambda_runtime` accepts a URI with a path only with a scheme.
            (
                "AWS_LAMBDA_RUNTIME_API",
                format!("{}/_runtime/{token}", self.endpoint),
            ),
            ("LAMBDA_TASK_ROOT", code.to_string()),
            ("LAMBDA_RUNTIME_DIR", code.to_string()),
            ("_HANDLER", function.handler.clone()),
            ("LANG", "en_US.UTF-8".to_owned()),
            ("TZ", ":UTC".to_owned()),
            ("PATH", "/usr/local/bin:/usr/bin:/bin:/opt/bin".to_owned()),
            ("LD_LIBRARY_PATH", format!("{code}:{code}/lib")),
            ("TMPDIR", self.temporary.display().to_string()),
            ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR".to_owned()),
            // Nothing listens there: traces are neither recorded nor sent off the machine.
            ("AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:2000".to_owned()),
            ("_AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1".to_owned()),
            ("_AWS_XRAY_DAEMON_PORT", "2000".to_owned()),
            ("AWS_ENDPOINT_URL", self.endpoint.to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ]);
        if function.log_json {
            variables.insert("AWS_LAMBDA_LOG_FORMAT", "JSON".to_owned());
            variables.insert("AWS_LAMBDA_LOG_LEVEL", "INFO".to_owned());
        }
        variables
    }
}
