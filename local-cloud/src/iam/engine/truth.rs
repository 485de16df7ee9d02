//! What can be said of a condition, when some of what it depends on cannot be told.

/// Whether something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    Yes,
    /// It does not hold.
    No,
    /// It cannot be told.
    Unknown,
}

impl Truth {
    /// Whether all of these hold.
    pub fn all(mut truths: impl Iterator<Item = Self>) -> Self {
        let all = truths.try_fold(Self::Yes, |all, one| match (all, one) {
            (_, Self::No) => None,
            (Self::Unknown, _) | (_, Self::Unknown) => Some(Self::Unknown),
            (Self::Yes, Self::Yes) => Some(Self::Yes),
            (Self::No, _) => None,
        });
        all.unwrap_or(Self::No)
    }

    /// Whether any of these holds.
    pub fn any(truths: impl Iterator<Item = Self>) -> Self {
        Self::all(truths.map(Self::negated)).negated()
    }

    /// Whether it does not hold.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
        }
    }

    /// The same, negated if `is_negated`.
    #[must_use]
    pub fn negated_if(self, is_negated: bool) -> Self {
        if is_negated { self.negated() } else { self }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

#[cfg(test)]
mod tests {
    use super::Truth::{self, No, Unknown, Yes};

    #[test]
    fn unknown_decides_nothing() {
        assert_eq!(Truth::all([Yes, Unknown].into_iter()), Unknown);
        assert_eq!(Truth::all([Unknown, No].into_iter()), No);
        assert_eq!(Truth::any([Unknown, No].into_iter()), Unknown);
        assert_eq!(Truth::any([Unknown, Yes].into_iter()), Yes);
        assert_eq!(Truth::all([].into_iter()), Yes);
        assert_eq!(Truth::any([].into_iter()), No);
    }
}
