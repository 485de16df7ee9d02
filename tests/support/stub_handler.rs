//! A build of a handler that is quick to upload and does nothing, for tests in which no function
//! runs.

/// A static program for `x86_64` Linux that ends at once: an ELF header, one segment, `exit(0)`.
pub(crate) fn program() -> Vec<u8> {
    const BASE: u64 = 0x40_0000;
    const START: u64 = 120;
    // xor edi, edi; mov eax, 60; syscall
    let code = [0x31, 0xff, 0xb8, 60, 0, 0, 0, 0x0f, 0x05];
    let size = START + code.len() as u64;
    let mut program = vec![0x7f, b'E', b'L', b'F', 2, 1, 1];
    program.resize(16, 0);
    let half = |number: u16| number.to_le_bytes();
    for number in [2, 62] {
        program.extend(half(number)); // an executable, for x86_64
    }
    program.extend(1_u32.to_le_bytes());
    for number in [BASE + START, 64, 0] {
        program.extend(number.to_le_bytes()); // the entry, program headers, no sections
    }
    program.extend(0_u32.to_le_bytes());
    for number in [64, 56, 1, 64, 0, 0] {
        program.extend(half(number)); // the sizes and numbers of headers
    }
    for number in [1_u32, 5] {
        program.extend(number.to_le_bytes()); // a segment to load, readable and executable
    }
    for number in [0, BASE, BASE, size, size, 0x1000] {
        program.extend(number.to_le_bytes());
    }
    program.extend(code);
    program
}
