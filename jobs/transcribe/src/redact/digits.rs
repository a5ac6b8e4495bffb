//! Which numbers of persons, companies, cards, accounts and telephones stand in a text? By their digits and their checks.

use std::ops::Range;

use super::super::input::Redaction;
use super::checks::{cnpj, cpf, iban, luhn};

/// Groups of digits that may belong to one number: it can be dictated digit by digit.
const MOST_GROUPS: usize = 24;
/// Letters and digits of the longest IBAN.
const LONGEST_IBAN: usize = 34;

/// Digits that stand together, with the places of their first and last byte.
#[derive(Debug, Clone)]
struct Group {
    at: Range<usize>,
    values: Vec<u8>,
}

/// All numbers; those that are surest first.
pub fn find(text: &str) -> Vec<(Redaction, Range<usize>)> {
    let mut found = ibans(text);
    found.extend(companies(text));
    for run in runs(text) {
        found.extend(windows(&run, |digits| match digits.len() {
            14 if cnpj(digits) => Some(Redaction::Cnpj),
            11 if cpf(digits) => Some(Redaction::Cpf),
            13..=19 if luhn(digits) && digits.first().is_some_and(|first| (2..=6).contains(first)) => {
                Some(Redaction::Card)
            }
            _ => None,
        }));
        found.extend(phone(text, &run).map(|at| (Redaction::Phone, at)));
    }
    found
}

/// The stretches of a number that are whole groups and pass a check; the longest first.
fn windows(run: &[Group], kind: impl Fn(&[u8]) -> Option<Redaction>) -> Vec<(Redaction, Range<usize>)> {
    let mut found = Vec::new();
    let mut from = 0;
    while from < run.len() {
        let most = (run.len() - from).min(MOST_GROUPS);
        let hit = (1..=most).rev().find_map(|count| {
            let groups = run.get(from..from + count)?;
            let digits: Vec<u8> = groups.iter().flat_map(|group| group.values.iter().copied()).collect();
            let at = groups.first()?.at.start..groups.last()?.at.end;
            kind(&digits).map(|kind| (kind, at, count))
        });
        match hit {
            Some((kind, at, count)) => {
                found.push((kind, at));
                from += count;
            }
            None => from += 1,
        }
    }
    found
}

/// Groups of digits with nothing but blanks and marks of numbers between them.
fn runs(text: &str) -> Vec<Vec<Group>> {
    let mut runs: Vec<Vec<Group>> = Vec::new();
    let mut between = usize::MAX;
    for (at, letter) in text.char_indices() {
        if let Some(digit) = letter.to_digit(10).and_then(|digit| u8::try_from(digit).ok()) {
            let (new_run, new_group) = (between > 2, between > 0);
            if new_run {
                runs.push(Vec::new());
            }
            let Some(run) = runs.last_mut() else { continue };
            if new_group {
                run.push(Group { at: at..at, values: Vec::new() });
            }
            if let Some(group) = run.last_mut() {
                group.values.push(digit);
                group.at.end = at + 1;
            }
            between = 0;
        } else if " .,-/()+".contains(letter) {
            between = between.saturating_add(1);
        } else {
            between = usize::MAX;
        }
    }
    runs
}

/// Where a run of digits is a telephone number: by its length, its groups, and the sign of a country before it.
fn phone(text: &str, run: &[Group]) -> Option<Range<usize>> {
    let (first, last) = (run.first()?, run.last()?);
    let lengths: Vec<usize> = run.iter().map(|group| group.values.len()).collect();
    let digits: usize = lengths.iter().sum();
    let before = text.get(..first.at.start)?;
    let abroad = before.ends_with('+') || before.ends_with("+(");
    let between: String =
        run.array_windows().filter_map(|[one, next]| text.get(one.at.end..next.at.start)).collect();
    // 1.234.567.890 is an amount, and 2026-03-02 a day.
    let amount =
        lengths.iter().skip(1).all(|length| *length == 3) && between.chars().all(|c| ".,".contains(c));
    let ends_as_one = matches!(lengths.as_slice(), [.., 3..=5, 4] | [9 | 8]);
    let is_one = match digits {
        10..=15 => {
            abroad
                || !amount
                    && (lengths.len() == 1 && digits <= 13 || ends_as_one || lengths.iter().all(|l| *l <= 2))
        }
        8 | 9 => between.contains('-') && ends_as_one && !is_years(run),
        7 => between == "-" && lengths == [3, 4],
        _ => false,
    };
    let start = if abroad { first.at.start - 1 } else { first.at.start };
    is_one.then(|| if before.ends_with('(') && !abroad { start - 1 } else { start }..last.at.end)
}

/// 1914-1918.
fn is_years(run: &[Group]) -> bool {
    run.iter().all(|group| group.values.len() == 4 && matches!(group.values.as_slice(), [1, ..] | [2, 0, ..]))
}

/// Account numbers: two letters and two digits begin one.
fn ibans(text: &str) -> Vec<(Redaction, Range<usize>)> {
    let mut found = Vec::new();
    let mut free = 0;
    for (start, _) in text.char_indices().filter(|(_, letter)| letter.is_ascii_uppercase()) {
        let begins_word =
            text.get(..start).is_none_or(|before| !before.ends_with(|c: char| c.is_alphanumeric()));
        if start < free || !begins_word {
            continue;
        }
        if let Some(end) = iban_end(text.get(start..).unwrap_or_default()) {
            found.push((Redaction::Iban, start..start + end));
            free = start + end;
        }
    }
    found
}

/// Where the account number ends that a text begins with.
fn iban_end(text: &str) -> Option<usize> {
    let mut plain = String::new();
    let mut end = None;
    for (at, letter) in text.char_indices() {
        if letter.is_ascii_alphanumeric() {
            plain.push(letter.to_ascii_uppercase());
            let head = plain.bytes().enumerate().take(4);
            let begins = head
                .into_iter()
                .all(|(at, b)| if at < 2 { b.is_ascii_uppercase() } else { b.is_ascii_digit() });
            if !begins || plain.len() > LONGEST_IBAN {
                break;
            }
            if iban(&plain) {
                end = Some(at + 1);
            }
        } else if letter != ' ' && letter != '-' {
            break;
        }
    }
    end
}

/// Numbers of companies with letters in them, written with their marks or in one piece.
fn companies(text: &str) -> Vec<(Redaction, Range<usize>)> {
    let mut found = Vec::new();
    let is_part = |c: char| c.is_ascii_alphanumeric() || "./-".contains(c);
    let mut at = 0;
    for word in text.split_inclusive(|c| !is_part(c)) {
        let bare = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let plain: Vec<u8> =
            bare.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_uppercase()).collect();
        let checks = plain.last_chunk::<2>().is_some_and(|pair| pair.iter().all(u8::is_ascii_digit));
        let values: Vec<u8> = plain.iter().map(|byte| byte - b'0').collect();
        if checks && cnpj(&values) {
            found.push((Redaction::Cnpj, at..at + bare.len()));
        }
        at += word.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(Redaction, &str)> {
        find(text).into_iter().map(|(kind, at)| (kind, &text[at])).collect()
    }

    #[test]
    fn numbers_are_found_however_they_are_written() {
        for (text, kind, number) in [
            ("meu CPF é 529.982.247-25, anote", Redaction::Cpf, "529.982.247-25"),
            ("5 2 9 9 8 2 2 4 7 2 5", Redaction::Cpf, "5 2 9 9 8 2 2 4 7 2 5"),
            ("CNPJ 10.404.184/0001-09.", Redaction::Cnpj, "10.404.184/0001-09"),
            ("o novo, 12.ABC.345/01DE-35.", Redaction::Cnpj, "12.ABC.345/01DE-35"),
            ("card 4111 1111 1111 1111 please", Redaction::Card, "4111 1111 1111 1111"),
            ("4111-1111-1111-1111", Redaction::Card, "4111-1111-1111-1111"),
            ("conta DE89 3704 0044 0532 0130 00 do banco", Redaction::Iban, "DE89 3704 0044 0532 0130 00"),
            ("ligue para (11) 98765-4321 hoje", Redaction::Phone, "(11) 98765-4321"),
            ("call +1 212 555 0123.", Redaction::Phone, "+1 212 555 0123"),
            ("my number is 555-0123", Redaction::Phone, "555-0123"),
        ] {
            assert!(found(text).contains(&(kind, number)), "{text}: {:?}", found(text));
        }
    }

    #[test]
    fn years_amounts_days_and_other_numbers_are_left() {
        for text in [
            "from 1914-1918",
            "on 2026-03-02",
            "1.234.567.890 reais",
            "1,234,567,890",
            "in 1984",
            "3.14159",
            "chapter 12, page 345",
            "CPF 529.982.247-26",
            "4111 1111 1111 1112, no",
        ] {
            let surely: Vec<_> =
                found(text).into_iter().filter(|(kind, _)| *kind != Redaction::Phone).collect();
            assert!(surely.is_empty(), "{text}: {surely:?}");
        }
        for text in
            ["from 1914-1918", "on 2026-03-02", "1.234.567.890 reais", "in 1984", "chapter 12, page 345"]
        {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_anything_panic(text in "[0-9A-Zé(). +/-]{0,120}") {
            for (_, at) in find(&text) {
                proptest::prop_assert!(text.get(at).is_some());
            }
        }
    }
}
