//! AWS's Query protocol, which IAM and STS speak: a form in, XML out.
//!
//! A list arrives as `Name.member.1`, `Name.member.2`, …; see smithy.io/2.0/aws/protocols.

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};

use percent_encoding::percent_decode;

use super::http::Reply;
use crate::error::AwsError;

/// The parameters of a request, decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params(BTreeMap<String, String>);

impl Params {
    /// Reads a form. Of a name that appears twice, the last value counts.
    ///
    /// # Errors
    /// `MalformedInput`: names or values are not UTF-8.
    pub fn parse(form: &[u8]) -> Result<Self, AwsError> {
        let mut values = BTreeMap::new();
        for pair in form.split(|byte| *byte == b'&') {
            if pair.is_empty() {
                continue;
            }
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            values.insert(name, decode(halves.next().unwrap_or_default())?);
        }
        Ok(Self(values))
    }

    /// The text of a parameter; `None` where it was not sent.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The text of a required parameter.
    ///
    /// # Errors
    /// `ValidationError`: it was not sent.
    pub fn require(&self, name: &str) -> Result<&str, AwsError> {
        self.text(name)
            .ok_or_else(|| constraint(name, None, "Member must not be null"))
    }

    /// A whole number from `least` to `most`; `None` where it was not sent.
    ///
    /// # Errors
    /// `MalformedInput`: it is not a number. `ValidationError`: it is out of range.
    pub fn number(&self, name: &str, least: u32, most: u32) -> Result<Option<u32>, AwsError> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let number: i64 = text.parse().map_err(|_| {
            AwsError::new(
                "MalformedInput",
                400,
                "Invalid numeric value in the request",
            )
        })?;
        match u32::try_from(number) {
            Ok(number) if number > most => Err(constraint(
                name,
                Some(text),
                &format!("Member must have value less than or equal to {most}"),
            )),
            Ok(number) if number >= least => Ok(Some(number)),
            _ if number > 0 && least <= 1 => Err(constraint(
                name,
                Some(text),
                &format!("Member must have value less than or equal to {most}"),
            )),
            _ => Err(constraint(
                name,
                Some(text),
                &format!("Member must have value greater than or equal to {least}"),
            )),
        }
    }

    /// The members of a list of texts, in order. A list that was not sent is empty.
    pub fn list(&self, name: &str) -> Vec<&str> {
        (1_u32..)
            .map_while(|index| self.text(&format!("{name}.member.{index}")))
            .collect()
    }

    /// The members of a list of tags. A tag without a value has an empty one.
    pub fn tags(&self, name: &str) -> Vec<(String, String)> {
        (1_u32..)
            .map_while(|index| {
                let key = self.text(&format!("{name}.member.{index}.Key"))?;
                let value = self.text(&format!("{name}.member.{index}.Value"));
                Some((key.to_owned(), value.unwrap_or_default().to_owned()))
            })
            .collect()
    }
}

/// The error for a parameter that violates a constraint of the service's model. `value` is `None`
/// for one that was not sent.
pub fn constraint(name: &str, value: Option<&str>, constraint: &str) -> AwsError {
    let member = initial_small(name);
    let value = value.map_or_else(|| "null".to_owned(), |value| format!("'{value}'"));
    AwsError::new(
        "ValidationError",
        400,
        format!(
            "1 validation error detected: Value {value} at '{member}' failed to satisfy \
             constraint: {constraint}"
        ),
    )
}

/// A member's name with a small initial letter, as in messages about constraints.
pub(super) fn initial_small(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

fn decode(text: &[u8]) -> Result<String, AwsError> {
    let spaced: Vec<u8> = text
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    String::from_utf8(percent_decode(&spaced).collect())
        .map_err(|_| AwsError::new("MalformedInput", 400, "The request is not valid UTF-8"))
}

/// XML under construction: elements only, because AWS's replies have no attributes.
#[derive(Debug, Default)]
pub struct Xml(String);

impl Xml {
    /// An element around what `content` writes.
    pub fn element(&mut self, name: &str, content: impl FnOnce(&mut Self)) -> &mut Self {
        self.0.extend(["<", name, ">"]);
        content(self);
        self.0.extend(["</", name, ">"]);
        self
    }

    /// An element that holds a text.
    pub fn text(&mut self, name: &str, value: impl Display) -> &mut Self {
        let value = value.to_string();
        self.element(name, |xml| xml.escape(&value))
    }

    /// An element that holds a text; nothing for `None`.
    pub fn optional(&mut self, name: &str, value: Option<impl Display>) -> &mut Self {
        if let Some(value) = value {
            self.text(name, value);
        }
        self
    }

    /// A list: `member` elements around what `content` writes for each item.
    pub fn list<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        mut content: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        self.element(name, |xml| {
            for item in items {
                xml.element("member", |xml| content(xml, item));
            }
        })
    }

    /// Writes character data. A character that XML 1.0 cannot hold, even escaped, becomes
    /// U+FFFD.
    pub fn escape(&mut self, text: &str) {
        for letter in text.chars() {
            match letter {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\r' => self.0.push_str("&#xD;"),
                '\t' | '\n' => self.0.push(letter),
                '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => self.0.push('\u{fffd}'),
                _ => self.0.push(letter),
            }
        }
    }

    /// The XML text.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// One service's dialect of the protocol.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    /// The API's version, for example `2010-05-08`.
    pub version: &'static str,
    /// The namespace of its replies.
    pub namespace: &'static str,
}

impl Dialect {
    /// The operation that a request names.
    ///
    /// # Errors
    /// `MissingAction`: it names none. `InvalidAction`: it names another version.
    pub fn operation<'a>(&self, params: &'a Params) -> Result<&'a str, AwsError> {
        let action = params.text("Action").ok_or_else(|| {
            AwsError::new(
                "MissingAction",
                400,
                "The request must contain the parameter Action",
            )
        })?;
        match params.text("Version") {
            Some(version) if version != self.version => Err(unknown(action, version)),
            _ => Ok(action),
        }
    }

    /// The error for an operation that does not exist.
    pub fn unknown_operation(&self, action: &str) -> AwsError {
        unknown(action, self.version)
    }

    /// The reply of an operation. `result` writes the content of its `…Result` element, which an
    /// operation without output does not have.
    pub fn output(
        &self,
        action: &str,
        request_id: &str,
        result: Option<impl FnOnce(&mut Xml)>,
    ) -> Reply {
        let mut xml = Xml::default();
        if let Some(result) = result {
            xml.element(&format!("{action}Result"), result);
        }
        xml.element("ResponseMetadata", |xml| {
            xml.text("RequestId", request_id);
        });
        self.document(200, &format!("{action}Response"), xml)
    }

    /// The reply with an error.
    pub fn error(&self, request_id: &str, error: &AwsError) -> Reply {
        let fault = if error.status < 500 {
            "Sender"
        } else {
            "Receiver"
        };
        let mut xml = Xml::default();
        xml.element("Error", |xml| {
            xml.text("Type", fault)
                .text("Code", error.query_code.as_deref().unwrap_or(&error.code))
                .text("Message", &error.message);
        })
        .text("RequestId", request_id);
        self.document(error.status, "ErrorResponse", xml)
    }

    fn document(&self, status: u16, root: &str, content: Xml) -> Reply {
        let mut text = String::new();
        // Writing into a String cannot fail.
        let _ = write!(
            text,
            "<{root} xmlns=\"{}\">{}</{root}>",
            self.namespace,
            content.into_string()
        );
        Reply::new(status, "text/xml", text)
    }
}

fn unknown(action: &str, version: &str) -> AwsError {
    AwsError::new(
        "InvalidAction",
        400,
        format!("Could not find operation {action} for version {version}"),
    )
}

#[cfg(test)]
mod tests;
