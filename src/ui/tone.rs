//! What a colour means. No output needs its colours to be understood.

use comfy_table::{Attribute, Color};

/// How a piece of text is meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    /// As it is.
    #[default]
    Plain,
    /// As it should be: green.
    Good,
    /// It works, or passes, but deserves a look: yellow.
    Warning,
    /// Wrong: red.
    Bad,
    /// Beside the point: dim.
    Dim,
}

impl Tone {
    /// Its colour in a table.
    pub(super) fn color(self) -> Option<Color> {
        match self {
            Self::Good => Some(Color::DarkGreen),
            Self::Warning => Some(Color::DarkYellow),
            Self::Bad => Some(Color::DarkRed),
            Self::Plain | Self::Dim => None,
        }
    }

    /// Its attribute in a table.
    pub(super) fn attribute(self) -> Option<Attribute> {
        (self == Self::Dim).then_some(Attribute::Dim)
    }

    /// The text with the escape codes of this tone, where `color` allows them.
    pub(super) fn paint(self, text: &str, color: bool) -> String {
        let code = match self {
            _ if !color || text.is_empty() => return text.to_owned(),
            Self::Plain => return text.to_owned(),
            Self::Good => 32,
            Self::Warning => 33,
            Self::Bad => 31,
            Self::Dim => 2,
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}
