//! Functions: their configuration, their code's hash, and the states that they pass through.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::request::{CodeUpdate, Configuration, NewFunction};
use super::transition::Due;
use super::{Outcome, Registry, conflict, invalid, not_found, validate};
use crate::clock::{Now, WallMs};
use crate::error::AwsError;
use crate::iam::RoleRef;
use crate::ids::Ids;
use crate::protocol::rest_json::missing;
use crate::storage::Change;

/// Where a function stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FunctionState {
    /// It is being created and cannot be invoked.
    Pending,
    /// It can be invoked.
    Active,
    /// It can be invoked as it was; an update of it is in progress.
    Updating,
}

/// A function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Its ARN, without a version.
    pub arn: String,
    /// For people.
    pub description: String,
    /// The role that it runs as.
    pub role_arn: String,
    /// That role's unique id. On AWS a function's grant for its key belongs to one principal:
    /// another role that is given the name is not the function's, not even when the function is
    /// given the same ARN again, but only by way of a role with another ARN. Empty where any role
    /// with the ARN will do.
    #[serde(default)]
    pub role_id: String,
    /// `provided.al2023` or `provided.al2`.
    pub runtime: String,
    /// What `_HANDLER` says.
    pub handler: String,
    /// `x86_64` or `arm64`.
    pub architecture: String,
    /// How long an invocation may take.
    pub timeout_seconds: u32,
    /// Its memory in MiB.
    pub memory_mb: u32,
    /// The size of `/tmp` in MiB.
    pub storage_mb: u32,
    /// The user's environment variables.
    pub environment: BTreeMap<String, String>,
    /// The SHA-256 of its zip, in base64.
    pub code_sha256: String,
    /// The size of its zip in bytes.
    pub code_size: u64,
    /// The log group that it writes to.
    pub log_group: String,
    /// Whether the platform's log lines, and the function's by its own doing, are JSON.
    pub log_json: bool,
    /// `ApplicationLogLevel`, only where logs are JSON.
    pub application_log_level: Option<String>,
    /// `SystemLogLevel`, only where logs are JSON.
    pub system_log_level: Option<String>,
    /// Changes with every change of the function.
    pub revision_id: String,
    /// How many invocations it may have at a time, taken from the account's.
    pub reserved_concurrency: Option<u32>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// When code or configuration last changed.
    pub modified: WallMs,
    /// Where it stands.
    pub state: FunctionState,
    /// When it may settle.
    #[serde(default)]
    pub(super) due: Due,
}

impl Function {
    /// The role that it runs as.
    pub fn role(&self) -> RoleRef<'_> {
        RoleRef {
            arn: &self.role_arn,
            id: &self.role_id,
        }
    }

    fn new(name: &str, arn: String, now: Now) -> Self {
        Self {
            name: name.to_owned(),
            arn,
            description: String::new(),
            role_arn: String::new(),
            role_id: String::new(),
            runtime: String::new(),
            handler: String::new(),
            architecture: "x86_64".to_owned(),
            timeout_seconds: 3,
            memory_mb: 128,
            storage_mb: 512,
            environment: BTreeMap::new(),
            code_sha256: String::new(),
            code_size: 0,
            log_group: format!("/aws/lambda/{name}"),
            log_json: false,
            application_log_level: None,
            system_log_level: None,
            revision_id: String::new(),
            reserved_concurrency: None,
            tags: BTreeMap::new(),
            modified: now.wall,
            state: FunctionState::Pending,
            due: Due::default(),
        }
    }

    fn configure(&mut self, wanted: Configuration) -> Result<(), AwsError> {
        validate::configuration(&wanted)?;
        let set = |member: &mut String, value: Option<String>| {
            if let Some(value) = value {
                *member = value;
            }
        };
        set(&mut self.description, wanted.description);
        set(&mut self.role_arn, wanted.role_arn);
        set(&mut self.role_id, wanted.role_id);
        set(&mut self.runtime, wanted.runtime);
        set(&mut self.handler, wanted.handler);
        set(&mut self.log_group, wanted.log_group);
        self.timeout_seconds = wanted.timeout_seconds.unwrap_or(self.timeout_seconds);
        self.memory_mb = wanted.memory_mb.unwrap_or(self.memory_mb);
        self.storage_mb = wanted.storage_mb.unwrap_or(self.storage_mb);
        if let Some(environment) = wanted.environment {
            self.environment = environment;
        }
        if let Some(format) = wanted.log_format {
            self.log_json = format == "JSON";
        }
        let levels = [
            (
                &mut self.application_log_level,
                wanted.application_log_level,
            ),
            (&mut self.system_log_level, wanted.system_log_level),
        ];
        for (level, wanted) in levels {
            *level = match (self.log_json, wanted) {
                (true, wanted) => wanted.or(level.take()).or(Some("INFO".to_owned())),
                (false, None) => None,
                (false, Some(_)) => {
                    return Err(invalid(
                        "The log level can only be set when the log format is JSON.",
                    ));
                }
            };
        }
        Ok(())
    }

    /// The ARN of the version of its runtime. Ours has one version of each, named by a hash of
    /// the runtime's name.
    pub fn runtime_version_arn(&self) -> String {
        let region = self.arn.split(':').nth(3).unwrap_or_default();
        let version = hex::encode(Sha256::digest(&self.runtime));
        format!("arn:aws:lambda:{region}::runtime:{version}")
    }

    pub(super) fn is_settled(&self) -> bool {
        self.state == FunctionState::Active
    }

    fn check_settled(&self) -> Result<(), AwsError> {
        let reason = match self.state {
            FunctionState::Active => return Ok(()),
            FunctionState::Pending => {
                "The function is currently in the following state: Pending".to_owned()
            }
            FunctionState::Updating => {
                format!("An update is in progress for resource: {}", self.arn)
            }
        };
        Err(conflict(format!(
            "The operation cannot be performed at this time. {reason}"
        )))
    }

    fn check_revision(&self, wanted: Option<&str>) -> Result<(), AwsError> {
        if wanted.is_none_or(|wanted| wanted == self.revision_id) {
            return Ok(());
        }
        Err(AwsError::new(
            "PreconditionFailedException",
            412,
            "The Revision Id provided does not match the latest Revision Id. Call the \
             GetFunction/GetAlias API to retrieve the latest Revision Id",
        ))
    }
}

impl Registry {
    /// The function with this name, partial ARN or ARN, with or without `:$LATEST`.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, or `ValidationException` for what can be no name.
    pub fn function(&self, name_or_arn: &str) -> Result<&Function, AwsError> {
        let name = self.name_of(name_or_arn)?;
        self.functions
            .get(name)
            .ok_or_else(|| not_found(format!("Function not found: {}", self.function_arn(name))))
    }

    /// The same for whoever wants to invoke it.
    ///
    /// # Errors
    /// Those of [`Registry::function`], and `ResourceConflictException` while it is created.
    pub fn invocable(&self, name_or_arn: &str) -> Result<&Function, AwsError> {
        let function = self.function(name_or_arn)?;
        if function.state == FunctionState::Pending {
            function.check_settled()?;
        }
        Ok(function)
    }

    /// All functions by name.
    pub fn functions(&self) -> impl Iterator<Item = &Function> {
        self.functions.values()
    }

    pub(super) fn function_mut(&mut self, name_or_arn: &str) -> Result<&mut Function, AwsError> {
        let name = self.function(name_or_arn)?.name.clone();
        let missing = || not_found(format!("Function not found: {name}"));
        self.functions.get_mut(&name).ok_or_else(missing)
    }

    /// Makes a function, which is pending until [`Registry::function_settled`].
    ///
    /// # Errors
    /// `ResourceConflictException` when it is there, and those of what it is made of.
    pub fn create_function(
        &mut self,
        new: NewFunction,
        now: Now,
        ids: &mut dyn Ids,
    ) -> Outcome<Function> {
        let name = self.name_of(&new.name)?;
        validate::name(name)?;
        if self.functions.contains_key(name) {
            return Err(conflict(format!("Function already exist: {name}")));
        }
        validate::tags(&new.tags)?;
        self.check_room(name, new.code_size)?;
        let mut function = Function::new(name, self.function_arn(name), now);
        let asked = &new.configuration;
        if asked.role_arn.is_none() {
            return Err(missing("role"));
        }
        if asked.runtime.is_none() || asked.handler.is_none() {
            return Err(invalid(
                "Runtime and Handler are mandatory parameters for functions created with \
                 deployment packages.",
            ));
        }
        function.configure(new.configuration)?;
        function.architecture =
            validate::architecture(new.architecture)?.unwrap_or(function.architecture);
        function.code_sha256 = new.code_sha256;
        function.code_size = new.code_size;
        function.tags = new.tags;
        function.revision_id = ids.uuid();
        function.due = Due::after(now, self.times.function_ms);
        let changes = vec![function.put()];
        self.functions
            .insert(function.name.clone(), function.clone());
        Ok((function, changes))
    }

    /// Gives a function new code.
    ///
    /// # Errors
    /// `ResourceConflictException` while another update is in progress,
    /// `PreconditionFailedException`, `InvalidParameterValueException`.
    pub fn update_code(
        &mut self,
        name_or_arn: &str,
        update: CodeUpdate,
        now: Now,
        ids: &mut dyn Ids,
    ) -> Outcome<Function> {
        self.check_room(self.name_of(name_or_arn)?, update.code_size)?;
        let due = Due::after(now, self.times.function_ms);
        let function = self.function_mut(name_or_arn)?;
        function.check_settled()?;
        function.check_revision(update.revision_id.as_deref())?;
        let mut changed = function.clone();
        changed.code_sha256 = update.code_sha256;
        changed.code_size = update.code_size;
        changed.architecture =
            validate::architecture(update.architecture)?.unwrap_or(changed.architecture);
        if update.dry_run {
            return Ok((changed, Vec::new()));
        }
        changed.due = due;
        Ok(apply_update(function, changed, now, ids))
    }

    /// Changes a function's configuration.
    ///
    /// # Errors
    /// Those of [`Registry::update_code`].
    pub fn update_configuration(
        &mut self,
        name_or_arn: &str,
        mut wanted: Configuration,
        revision_id: Option<&str>,
        now: Now,
        ids: &mut dyn Ids,
    ) -> Outcome<Function> {
        let due = Due::after(now, self.times.function_ms);
        let function = self.function_mut(name_or_arn)?;
        function.check_settled()?;
        function.check_revision(revision_id)?;
        if wanted.role_arn.as_ref() == Some(&function.role_arn) && !function.role_id.is_empty() {
            // Nothing changes that Lambda would look at: see `Function::role_id`.
            wanted.role_id = None;
        }
        let mut changed = function.clone();
        changed.configure(wanted)?;
        changed.due = due;
        Ok(apply_update(function, changed, now, ids))
    }

    /// The driver's word that a creation or an update has taken effect. Passes over a function
    /// that is gone, has nothing to settle, or must take longer.
    ///
    /// # Errors
    /// None.
    pub fn function_settled(&mut self, name: &str, now: Now, ids: &mut dyn Ids) -> Outcome<()> {
        let Some(function) = self.functions.get_mut(name) else {
            return Ok(((), Vec::new()));
        };
        if function.is_settled() || !function.due.has_come(now) {
            return Ok(((), Vec::new()));
        }
        function.state = FunctionState::Active;
        function.due = Due::default();
        function.revision_id = ids.uuid();
        Ok(((), vec![function.put()]))
    }

    /// Removes a function and the asynchronous invocations that wait for it. Its mappings stay,
    /// as on AWS.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub fn delete_function(&mut self, name_or_arn: &str) -> Outcome<Function> {
        let name = self.function(name_or_arn)?.name.clone();
        let missing = || not_found(format!("Function not found: {name}"));
        let function = self.functions.remove(&name).ok_or_else(missing)?;
        let mut changes = self.drop_invocations(&name);
        changes.push(function.delete());
        Ok((function, changes))
    }
}

fn apply_update(
    function: &mut Function,
    mut changed: Function,
    now: Now,
    ids: &mut dyn Ids,
) -> (Function, Vec<Change>) {
    changed.state = FunctionState::Updating;
    changed.modified = now.wall;
    changed.revision_id = ids.uuid();
    function.clone_from(&changed);
    let changes = vec![function.put()];
    (changed, changes)
}
