//! What functions share: the account's concurrency and its storage for code.

use super::error::invalid;
use super::registry::{Changes, Outcome, Registry};
use crate::error::AwsError;
use crate::ids::Ids;

/// How many concurrent invocations the account may have: AWS's usual regional quota.
pub const ACCOUNT_CONCURRENCY: u32 = 1000;

/// How many of them cannot be reserved.
const UNRESERVED_MINIMUM: u32 = 100;

/// The most bytes that all functions' zips may have together: AWS's 75 GiB.
pub const CODE_QUOTA: u64 = 75 << 30;

impl Registry {
    /// Reserves concurrency for a function; `None` ends the reservation.
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
        let reserved_by_others = others
            .filter_map(|other| other.reserved_concurrency)
            .sum::<u32>();
        let left = ACCOUNT_CONCURRENCY.saturating_sub(reserved_by_others);
        if reserved.is_some_and(|reserved| left < reserved.saturating_add(UNRESERVED_MINIMUM)) {
            return Err(invalid(format!(
                "Specified ReservedConcurrentExecutions for function decreases account's \
                 UnreservedConcurrentExecution below its minimum value of [{UNRESERVED_MINIMUM}]."
            )));
        }
        let function = self.function_mut(&name)?;
        function.reserved_concurrency = reserved;
        function.revision_id = ids.uuid();
        Ok((reserved, Changes::from(function.put())))
    }

    /// Checks that new code of a function fits in with the code of the others.
    pub(super) fn check_code_quota(&self, name: &str, size: u64) -> Result<(), AwsError> {
        let others = self.functions.values().filter(|one| one.name != name);
        let used: u64 = others.map(|one| one.code_size).sum();
        if used.saturating_add(size) <= CODE_QUOTA {
            return Ok(());
        }
        let message = "Code storage limit exceeded.";
        Err(AwsError::new("CodeStorageExceededException", 400, message))
    }

    /// How many concurrent invocations functions without a reservation may have together.
    pub fn unreserved_concurrency(&self) -> u32 {
        let reserved = self
            .functions
            .values()
            .filter_map(|one| one.reserved_concurrency);
        ACCOUNT_CONCURRENCY.saturating_sub(reserved.sum::<u32>())
    }
}
