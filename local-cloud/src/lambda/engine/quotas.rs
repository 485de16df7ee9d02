//! What functions share: the account's concurrency and its room for code.

use super::{ACCOUNT_CONCURRENCY, CODE_QUOTA, Outcome, Registry, UNRESERVED_MINIMUM, invalid};
use crate::error::AwsError;
use crate::ids::Ids;

impl Registry {
    /// Reserves concurrency for a function; `None` gives it back.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, and `InvalidParameterValueException` when too little would
    /// be left for the others.
    pub fn reserve_concurrency(
        &mut self,
        name_or_arn: &str,
        reserved: Option<u32>,
        ids: &mut dyn Ids,
    ) -> Outcome<Option<u32>> {
        let name = self.function(name_or_arn)?.name.clone();
        let others = self.functions.values().filter(|other| other.name != name);
        let taken = others
            .filter_map(|other| other.reserved_concurrency)
            .sum::<u32>();
        let left = ACCOUNT_CONCURRENCY.saturating_sub(taken);
        if reserved.is_some_and(|reserved| left < reserved.saturating_add(UNRESERVED_MINIMUM)) {
            return Err(invalid(format!(
                "Specified ReservedConcurrentExecutions for function decreases account's \
                 UnreservedConcurrentExecution below its minimum value of [{UNRESERVED_MINIMUM}]."
            )));
        }
        let function = self.function_mut(&name)?;
        function.reserved_concurrency = reserved;
        function.revision_id = ids.uuid();
        Ok((reserved, vec![function.put()]))
    }

    /// A function's new code must fit in with the others'.
    pub(super) fn check_room(&self, name: &str, size: u64) -> Result<(), AwsError> {
        let others = self.functions.values().filter(|one| one.name != name);
        let taken: u64 = others.map(|one| one.code_size).sum();
        if taken.saturating_add(size) <= CODE_QUOTA {
            return Ok(());
        }
        let message = "Code storage limit exceeded.";
        Err(AwsError::new("CodeStorageExceededException", 400, message))
    }

    /// How many invocations functions without a reservation may have at a time, together.
    pub fn unreserved_concurrency(&self) -> u32 {
        let reserved = self
            .functions
            .values()
            .filter_map(|one| one.reserved_concurrency);
        ACCOUNT_CONCURRENCY.saturating_sub(reserved.sum::<u32>())
    }
}
