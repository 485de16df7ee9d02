//! Handler builds, which are programs or zips of them. Reading one takes no more memory than its
//! limits allow, and whatever is reported as needed is named in the file.

use super::{Program, System, bootstrap_within, inspect};

/// Checks any bytes as a file.
pub(crate) fn handler_build(data: &[u8]) {
    const MAX_BYTES: usize = 1 << 16;
    if let Ok(program) = bootstrap_within(data, 1 << 20, 1 << 16) {
        assert!(program.len() <= MAX_BYTES);
        assert!(program.is_empty() || data.len() > 22);
    }
    let Ok(Program { system, .. }) = inspect(data) else {
        return;
    };
    let System::Linux { glibc, interpreter } = system else {
        assert_eq!(data.first_chunk(), Some(&[0xcf, 0xfa, 0xed, 0xfe]));
        return;
    };
    assert!(data.starts_with(b"\x7fELF"));
    assert!(glibc.is_none() || names(data, b"GLIBC_"));
    let is_text = |path: &String| !path.contains(char::REPLACEMENT_CHARACTER);
    if let Some(interpreter) = interpreter.filter(is_text) {
        assert!(names(data, interpreter.as_bytes()));
    }
}

fn names(data: &[u8], text: &[u8]) -> bool {
    text.is_empty() || data.windows(text.len()).any(|window| window == text)
}
