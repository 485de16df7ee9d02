//! Page tokens: the key of the last item of a page, so that items that come and go between two
//! pages shift nothing. Keys are in hexadecimal, so that nobody relies on them.

/// The token of the page that follows the item with this key.
pub fn write(key: &str) -> String {
    hex::encode(key)
}

/// The key in a token; `None` for any other text.
pub fn read(token: &str) -> Option<String> {
    String::from_utf8(hex::decode(token).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::{read, write};

    #[test]
    fn a_token_is_read_as_it_was_written() {
        for key in ["", "a/b", "é"] {
            assert_eq!(read(&write(key)).as_deref(), Some(key));
        }
        for token in ["x", "abc", "ff"] {
            assert_eq!(read(token), None, "{token}");
        }
    }
}
