//! The head of a request as it was sent. Hyper accepts some heads that another program may read as
//! another request, and does not say so; they are refused here.

use super::limits::HEADER_BYTES;

/// Collects the bytes of one head.
#[derive(Debug, Default)]
pub(super) struct RawHead {
    bytes: Vec<u8>,
    is_whole: bool,
    /// How many bytes were received behind the head.
    behind: u64,
}

impl RawHead {
    /// Whether some of the head has been received and some has not.
    pub(super) fn is_partial(&self) -> bool {
        !self.is_whole && !self.bytes.is_empty()
    }

    /// How many bytes were received behind the head.
    pub(super) fn behind(&self) -> u64 {
        self.behind
    }

    /// Starts with the next head.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.is_whole = false;
        self.behind = 0;
    }

    /// Adds what was received.
    pub(super) fn push(&mut self, received: &[u8]) {
        let behind = if self.is_whole {
            received.len()
        } else {
            self.extend(received)
        };
        let behind = u64::try_from(behind).unwrap_or(u64::MAX);
        self.behind = self.behind.saturating_add(behind);
    }

    /// Adds what belongs to the head; returns how many bytes do not.
    fn extend(&mut self, received: &[u8]) -> usize {
        // Empty lines before the request line are skipped, as hyper does.
        let is_break = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let skipped = match self.bytes.is_empty() {
            true => received.iter().take_while(|byte| is_break(byte)).count(),
            false => 0,
        };
        let searched = self.bytes.len().saturating_sub(3);
        self.bytes.extend_from_slice(&received[skipped..]);
        let behind = match end(&self.bytes, searched) {
            Some(end) => {
                self.is_whole = true;
                let behind = self.bytes.len() - end;
                self.bytes.truncate(end);
                behind
            }
            None => 0,
        };
        // Hyper refuses a longer one.
        self.bytes.truncate(2 * HEADER_BYTES);
        behind
    }

    /// What makes the head ambiguous; `None` for a clear one.
    pub(super) fn flaw(&self) -> Option<&'static str> {
        if !self.is_whole {
            return Some("Requests must not be sent before the reply to the last one.");
        }
        let (mut lengths, mut encodings, mut hosts) = (0, 0, 0);
        for line in self.bytes.split_inclusive(|byte| *byte == b'\n') {
            if !line.ends_with(b"\r\n") {
                return Some("Lines must end with CR LF.");
            }
            let is = |name: &str| {
                let name = name.as_bytes();
                let start = line.get(..name.len());
                start.is_some_and(|start| start.eq_ignore_ascii_case(name))
            };
            lengths += usize::from(is("content-length:"));
            encodings += usize::from(is("transfer-encoding:"));
            hosts += usize::from(is("host:"));
        }
        if hosts > 1 {
            Some("There is more than one Host header.")
        } else if lengths > 0 && encodings > 0 {
            Some("There are both a Content-Length and a Transfer-Encoding header.")
        } else if lengths > 1 {
            Some("There is more than one Content-Length header.")
        } else if encodings > 1 {
            Some("There is more than one Transfer-Encoding header.")
        } else {
            None
        }
    }
}

/// Where the head ends: behind its first empty line, however its lines end. What is before `from` was
/// searched already.
fn end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let found = bytes.get(at..)?.iter().position(|byte| *byte == b'\n')?;
        at += found + 1;
        match bytes.get(at..)? {
            [b'\n', ..] => return Some(at + 1),
            [b'\r', b'\n', ..] => return Some(at + 2),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sent: &[&str]) -> RawHead {
        let mut head = RawHead::default();
        sent.iter().for_each(|part| head.push(part.as_bytes()));
        head
    }

    #[test]
    fn a_head_ends_however_it_is_cut() {
        let sent = "\r\nPOST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
        for cut in 0..=sent.len() {
            let head = read(&[&sent[..cut], &sent[cut..]]);
            assert_eq!((head.flaw(), head.behind()), (None, 3), "{cut}");
        }
        let letters: Vec<String> = sent.chars().map(String::from).collect();
        let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
        assert_eq!((read(&letters).flaw(), read(&letters).behind()), (None, 3));
        assert!(read(&["GET / HTTP/1.1\r\n"]).is_partial());
        assert!(!read(&["\r\n"]).is_partial());
    }

    #[test]
    fn ambiguous_heads_have_a_flaw() {
        let flaw = |headers: &str| read(&["GET / HTTP/1.1\r\n", headers, "\r\n"]).flaw();
        assert_eq!(flaw("Host: a\r\nContent-Length: 1\r\n"), None);
        for ambiguous in [
            "Host: a\r\nhost: a\r\n",
            "Host: a\r\nHost: b\r\n",
            "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
            "TRANSFER-ENCODING: chunked\r\ncontent-length: 1\r\n",
            "Content-Length: 1\r\nContent-Length: 1\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "Host: a\nX: b\r\n",
        ] {
            assert!(flaw(ambiguous).is_some(), "{ambiguous:?}");
        }
        assert!(read(&["GET / HTTP/1.1\nHost: a\n\n"]).flaw().is_some());
        assert!(RawHead::default().flaw().is_some());
    }
}
