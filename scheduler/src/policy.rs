//! What may a schedule ask for where its runs meet, and after an outage? The words of the contract.

use std::str::FromStr;

/// What becomes of a due instant while the run before is not over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlap {
    /// Nothing runs for it.
    Skip,
    /// Its run waits until the one before is over.
    Queue,
    /// The run before is cancelled.
    Replace,
}

/// What becomes of instants that nobody looked at in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CatchUp {
    /// Nothing runs for them.
    None,
    /// The newest is run.
    Latest,
    /// All are run, one after the other; of more than a hundred, the newest hundred.
    All,
}

/// Why nothing runs for a due instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Nobody looked in time, and `catch_up` does not ask for it.
    Missed,
    /// The run before was not over.
    Overlap,
    /// As many runs wait as may.
    LineFull,
}

impl Overlap {
    /// Every value.
    pub const ALL: [Self; 3] = [Self::Skip, Self::Queue, Self::Replace];

    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Queue => "queue",
            Self::Replace => "replace",
        }
    }
}

impl CatchUp {
    /// Every value.
    pub const ALL: [Self; 3] = [Self::None, Self::Latest, Self::All];

    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Latest => "latest",
            Self::All => "all",
        }
    }
}

impl Reason {
    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missed => "missed",
            Self::Overlap => "overlap",
            Self::LineFull => "line_full",
        }
    }
}

impl FromStr for Overlap {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|word| word.as_str() == text).ok_or("must be skip, queue or replace")
    }
}

impl FromStr for CatchUp {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|word| word.as_str() == text).ok_or("must be none, latest or all")
    }
}
