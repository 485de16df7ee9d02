//! Receipt handles: which message of which queue, and one value for every receive. They carry
//! all of it themselves, so they work after a restart; what deletes a message is knowing one.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::error::invalid_handle;
use crate::error::AwsError;

const LENGTH: usize = 24;

/// Makes the handle of one receive; `salt` differs between receives of a message.
pub(super) fn encode(queue: u32, sequence: u64, receives: u32, salt: u64) -> String {
    let mut bytes = [0; LENGTH];
    bytes[..4].copy_from_slice(&queue.to_be_bytes());
    bytes[4..12].copy_from_slice(&sequence.to_be_bytes());
    bytes[12..16].copy_from_slice(&receives.to_be_bytes());
    bytes[16..].copy_from_slice(&salt.to_be_bytes());
    BASE64_STANDARD.encode(bytes)
}

/// The sequence number of the message that a handle of this queue stands for.
pub(super) fn decode(queue: u32, handle: &str) -> Result<u64, AwsError> {
    let invalid = || invalid_handle(handle);
    let bytes = BASE64_STANDARD.decode(handle).map_err(|_| invalid())?;
    let bytes: [u8; LENGTH] = bytes.try_into().map_err(|_| invalid())?;
    let (owner, rest) = bytes.split_first_chunk().ok_or_else(invalid)?;
    let sequence = rest.first_chunk().ok_or_else(invalid)?;
    if u32::from_be_bytes(*owner) == queue {
        Ok(u64::from_be_bytes(*sequence))
    } else {
        Err(invalid())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_handle_finds_its_message_and_no_other_queues(queue: u32, sequence: u64, receives: u32, salt: u64) {
            let handle = encode(queue, sequence, receives, salt);
            prop_assert_eq!(decode(queue, &handle), Ok(sequence));
            prop_assert!(decode(queue.wrapping_add(1), &handle).is_err());
        }

        #[test]
        fn any_text_is_taken_or_refused(text in ".*") {
            let _ = decode(1, &text);
        }
    }
}
