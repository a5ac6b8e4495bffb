//! Where in a text stands what is asked for? What may be two things is taken out when either is asked for.

use std::collections::BTreeMap;
use std::ops::Range;

use super::super::input::Redaction;
use super::{address, digits};

/// A place where something may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What that is.
    pub kind: Redaction,
    /// Where it is.
    pub at: Range<usize>,
    /// Whether it only counts where no other one is.
    pub alone: bool,
}

impl Candidate {
    /// One that counts wherever it is.
    pub fn new(kind: Redaction, at: Range<usize>) -> Self {
        Self { kind, at, alone: false }
    }
}

/// What stands where, in order and apart. Of places that overlap all is taken, under the name of the surer one: part of a
/// number is never left.
pub fn find(text: &str, kinds: &[Redaction]) -> Vec<(Redaction, Range<usize>)> {
    let mut all = digits::find(text, kinds);
    if kinds.contains(&Redaction::Email) {
        all.extend(address::find(text).into_iter().map(|at| Candidate::new(Redaction::Email, at)));
    }
    all.sort_by_key(|candidate| sureness(candidate.kind));
    let mut kept = BTreeMap::new();
    for candidate in all {
        keep(text, &mut kept, candidate);
    }
    kept.into_iter().map(|(start, (end, kind))| (kind, start..end)).collect()
}

/// Takes a place up; what of it others do not have comes to those.
fn keep(text: &str, kept: &mut BTreeMap<usize, (usize, Redaction)>, candidate: Candidate) {
    let Candidate { kind, at, alone } = candidate;
    let before = kept.range(..at.end).rev();
    let touched: Vec<(usize, usize)> =
        before.map(|(start, (end, _))| (*start, *end)).take_while(|(_, end)| *end > at.start).collect();
    let Some(first) = touched.last().map(|(start, _)| *start) else {
        kept.insert(at.start, (at.end, kind));
        return;
    };
    if alone {
        return;
    }
    let mut until = at.end;
    for (start, end) in touched {
        let more = text.get(end..until).unwrap_or_default().trim_end_matches(|c: char| !c.is_alphanumeric());
        if let Some(found) = kept.get_mut(&start) {
            found.0 += more.len();
        }
        until = start;
    }
    let more = text.get(at.start..first).is_some_and(|more| more.contains(char::is_alphanumeric));
    if more && let Some(found) = kept.remove(&first) {
        kept.insert(at.start, found);
    }
}

/// What has more check digits comes first.
fn sureness(kind: Redaction) -> u8 {
    match kind {
        Redaction::Iban => 0,
        Redaction::Cnpj => 1,
        Redaction::Cpf => 2,
        Redaction::Card => 3,
        Redaction::Email => 4,
        Redaction::Phone => 5,
    }
}
