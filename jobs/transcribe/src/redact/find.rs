//! Where in a text stands what? Every kind is looked for, so that a CPF is not taken for a telephone number.

use std::ops::Range;

use super::super::input::Redaction;
use super::{address, digits};

/// What stands where, in order and apart; where two kinds could be meant, the surer one.
pub fn find(text: &str) -> Vec<(Redaction, Range<usize>)> {
    let mut all = digits::find(text);
    all.extend(address::find(text).into_iter().map(|at| (Redaction::Email, at)));
    all.sort_by_key(|(kind, _)| sureness(*kind));
    let mut kept: Vec<(Redaction, Range<usize>)> = Vec::new();
    for (kind, at) in all {
        if kept.iter().all(|(_, other)| at.end <= other.start || other.end <= at.start) {
            kept.push((kind, at));
        }
    }
    kept.sort_by_key(|(_, at)| at.start);
    kept
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
