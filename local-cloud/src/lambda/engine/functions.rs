//! Commands on functions.

use std::collections::BTreeMap;

use super::configuration::Configuration;
use super::due::Due;
use super::error::{conflict, invalid, not_found};
use super::function::{CodeUpdate, Function, FunctionState, NewFunction};
use super::registry::{Changes, Outcome, Registry};
use super::validate;
use crate::clock::Now;
use crate::error::AwsError;
use crate::ids::Ids;
use crate::protocol::rest_json::missing;

impl Registry {
    /// The function with this name, partial ARN or ARN, with or without `:$LATEST`.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, or `ValidationException` for an invalid name.
    pub fn function(&self, name_or_arn: &str) -> Result<&Function, AwsError> {
        let name = self.name_of(name_or_arn)?;
        self.functions
            .get(name)
            .ok_or_else(|| not_found(format!("Function not found: {}", self.function_arn(name))))
    }

    /// The function with this name, if it can be invoked.
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

    /// Creates a function, which is pending until [`Registry::settle_function`].
    ///
    /// # Errors
    /// `ResourceConflictException` when it exists, `CodeStorageExceededException`,
    /// `ValidationException`, `InvalidParameterValueException`.
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
        self.check_code_quota(name, new.code_size)?;
        let mut function = Function::new(name, self.function_arn(name), now);
        let configuration = &new.configuration;
        if configuration.role_arn.is_none() {
            return Err(missing("role"));
        }
        if configuration.runtime.is_none() || configuration.handler.is_none() {
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
        let changes = Changes::from(function.put()).with_tags(
            &function.arn,
            &BTreeMap::new(),
            &function.tags,
        );
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
        self.check_code_quota(self.name_of(name_or_arn)?, update.code_size)?;
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
            return Ok((changed, Changes::default()));
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
            // The ARN stays, so the principal does too: see `Function::role_id`.
            wanted.role_id = None;
        }
        let mut changed = function.clone();
        changed.configure(wanted)?;
        changed.due = due;
        Ok(apply_update(function, changed, now, ids))
    }

    /// Ends the creation or update of a function, when the driver has unpacked its code. Ignores a
    /// function that is gone, has settled, or is not due yet.
    ///
    /// # Errors
    /// None.
    pub fn settle_function(&mut self, name: &str, now: Now, ids: &mut dyn Ids) -> Outcome<()> {
        let Some(function) = self.functions.get_mut(name) else {
            return Ok(((), Changes::default()));
        };
        if function.is_settled() || !function.due.is_reached(now) {
            return Ok(((), Changes::default()));
        }
        function.state = FunctionState::Active;
        function.due = Due::default();
        function.revision_id = ids.uuid();
        Ok(((), Changes::from(function.put())))
    }

    /// Deletes a function and the asynchronous invocations that wait for it. Its mappings stay,
    /// as on AWS.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub fn delete_function(&mut self, name_or_arn: &str) -> Outcome<Function> {
        let name = self.function(name_or_arn)?.name.clone();
        let missing = || not_found(format!("Function not found: {name}"));
        let function = self.functions.remove(&name).ok_or_else(missing)?;
        let mut stored = self.drop_invocations(&name);
        stored.push(function.delete());
        let changes =
            Changes::from(stored).with_tags(&function.arn, &function.tags, &BTreeMap::new());
        Ok((function, changes))
    }
}

fn apply_update(
    function: &mut Function,
    mut changed: Function,
    now: Now,
    ids: &mut dyn Ids,
) -> (Function, Changes) {
    changed.state = FunctionState::Updating;
    changed.modified = now.wall;
    changed.revision_id = ids.uuid();
    function.clone_from(&changed);
    let changes = Changes::from(function.put());
    (changed, changes)
}
