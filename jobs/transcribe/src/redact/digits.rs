//! Which numbers of persons, companies, cards, accounts and telephones stand in a text? By their digits and their checks.

use std::ops::Range;

use super::super::input::Redaction;
use super::checks::{cnpj, cpf, iban, luhn};
use super::find::Candidate;
use super::signs::{digit, is_unseen, mark};

/// Groups of digits that may belong to one number: it can be dictated digit by digit.
const MOST_GROUPS: usize = 24;
/// Digits of the longest number.
const MOST_DIGITS: usize = 19;
/// Marks between two groups of one number, as in `(11) - 98765`.
const MOST_MARKS: usize = 4;
/// Letters and digits of the longest IBAN.
const LONGEST_IBAN: usize = 34;

/// Digits that stand together, with the places of their first and last byte.
#[derive(Debug, Clone)]
struct Group {
    at: Range<usize>,
    values: Vec<u8>,
    /// The marks before it, as ASCII has them.
    before: String,
}

/// Whatever may be a number of these kinds; of each kind the likelier first.
pub fn find(text: &str, kinds: &[Redaction]) -> Vec<Candidate> {
    let accounts = ibans(text);
    let runs = runs(text);
    let mut found = Vec::new();
    for kind in kinds {
        match kind {
            Redaction::Iban => found.extend(accounts.iter().map(|at| Candidate::new(*kind, at.clone()))),
            Redaction::Cnpj => {
                found.extend(companies(text).into_iter().map(|at| Candidate::new(*kind, at)));
                found.extend(checked(&runs, *kind));
            }
            Redaction::Cpf | Redaction::Card => found.extend(checked(&runs, *kind)),
            Redaction::Phone => found.extend(phones(text, &runs, &accounts)),
            Redaction::Email => {}
        }
    }
    found
}

/// The stretches of whole groups that may be one number.
fn windows(runs: &[Vec<Group>]) -> impl Iterator<Item = &[Group]> {
    runs.iter().flat_map(|run| (0..run.len()).map(move |from| (run, from))).flat_map(|(run, from)| {
        let most = (run.len() - from).min(MOST_GROUPS);
        (1..=most)
            .filter_map(move |count| run.get(from..from + count))
            .take_while(|groups| count(groups) <= MOST_DIGITS)
    })
}

fn count(groups: &[Group]) -> usize {
    groups.iter().map(|group| group.values.len()).sum()
}

fn place(groups: &[Group]) -> Option<Range<usize>> {
    Some(groups.first()?.at.start..groups.last()?.at.end)
}

/// Whether a sentence may have ended within: a comma or a full stop, and a blank.
fn is_broken(groups: &[Group]) -> bool {
    groups.iter().skip(1).any(|group| [", ", ". ", "; "].iter().any(|end| group.before.contains(end)))
}

/// What passes the check of a kind; what is written in one piece first, and cards of 16 digits before others.
fn checked(runs: &[Vec<Group>], kind: Redaction) -> Vec<Candidate> {
    let fits = |digits: &[u8]| match kind {
        Redaction::Cnpj => digits.len() == 14 && cnpj(digits),
        Redaction::Cpf => digits.len() == 11 && cpf(digits),
        Redaction::Card => {
            let issued = digits.first().is_some_and(|first| (2..=6).contains(first));
            issued && (13..=19).contains(&digits.len()) && luhn(digits)
        }
        _ => false,
    };
    let mut found: Vec<((bool, bool), Range<usize>)> = windows(runs)
        .filter_map(|groups| {
            let digits: Vec<u8> = groups.iter().flat_map(|group| group.values.iter().copied()).collect();
            let odd = kind == Redaction::Card && digits.len() != 16;
            fits(&digits).then_some(((is_broken(groups), odd), place(groups)?))
        })
        .collect();
    found.sort_by_key(|(rank, at)| (*rank, at.start));
    found.into_iter().map(|(_, at)| Candidate::new(kind, at)).collect()
}

/// Groups of digits with nothing but blanks and marks of numbers between them.
fn runs(text: &str) -> Vec<Vec<Group>> {
    let mut runs: Vec<Vec<Group>> = Vec::new();
    let mut marks = String::new();
    let mut follows = false;
    for (at, letter) in text.char_indices() {
        if let Some(value) = digit(letter) {
            if !follows || marks.len() > MOST_MARKS {
                runs.push(Vec::new());
                follows = false;
            }
            let Some(run) = runs.last_mut() else { continue };
            if !follows || !marks.is_empty() {
                run.push(Group { at: at..at, values: Vec::new(), before: std::mem::take(&mut marks) });
            }
            if let Some(group) = run.last_mut() {
                group.values.push(value);
                group.at.end = at + letter.len_utf8();
            }
            follows = true;
        } else if let Some(mark) = mark(letter) {
            marks.push(mark);
        } else if !is_unseen(letter) {
            marks.clear();
            follows = false;
        }
    }
    runs
}

/// Telephone numbers. Those with a comma and a blank in them only where nothing else was found.
fn phones(text: &str, runs: &[Vec<Group>], accounts: &[Range<usize>]) -> Vec<Candidate> {
    let others = others(text, runs, accounts);
    let mut found: Vec<((bool, u8, usize), Range<usize>)> = windows(runs)
        .filter_map(|groups| {
            let likely = phone(groups)?;
            let at = place(groups)?;
            let is_other = others.get(at.clone()).is_some_and(|bytes| bytes.contains(&true));
            let rank = (is_broken(groups), likely, MOST_DIGITS.saturating_sub(count(groups)));
            (!is_other).then(|| (rank, opening(text, groups, at.start)..at.end))
        })
        .collect();
    found.sort_by_key(|(rank, at)| (*rank, at.start));
    let candidates = found.into_iter();
    candidates.map(|((alone, ..), at)| Candidate { kind: Redaction::Phone, at, alone }).collect()
}

/// Which bytes are surely no telephone number: those of an account, or of a card as it is printed.
fn others(text: &str, runs: &[Vec<Group>], accounts: &[Range<usize>]) -> Vec<bool> {
    let is_upper = |at: &&Range<usize>| {
        text.get((*at).clone()).is_some_and(|account| account.starts_with(|c: char| c.is_ascii_uppercase()))
    };
    let mut bytes = vec![false; text.len()];
    let cards = runs.iter().flat_map(|run| run.windows(4)).filter(|groups| {
        let digits: Vec<u8> = groups.iter().flat_map(|group| group.values.iter().copied()).collect();
        groups.iter().all(|group| group.values.len() == 4) && luhn(&digits)
    });
    for at in accounts.iter().filter(is_upper).cloned().chain(cards.filter_map(place)) {
        if let Some(bytes) = bytes.get_mut(at) {
            bytes.fill(true);
        }
    }
    bytes
}

/// Where a telephone number begins whose first digit stands there: at its bracket, or the sign of a country.
fn opening(text: &str, groups: &[Group], start: usize) -> usize {
    let before = groups.first().map_or("", |group| group.before.as_str());
    let signs = match before {
        before if before.ends_with("+(") => 2,
        before if before.ends_with(['+', '(']) => 1,
        _ => return start,
    };
    let seen = text.get(..start).unwrap_or_default().char_indices().rev().filter(|(_, c)| !is_unseen(*c));
    seen.take(signs).last().map_or(start, |(at, _)| at)
}

/// Whether groups are a telephone number, and how far from sure that is: by its length, its groups, and the sign of a
/// country before it.
fn phone(groups: &[Group]) -> Option<u8> {
    let (first, later) = groups.split_first()?;
    let lengths: Vec<usize> = groups.iter().map(|group| group.values.len()).collect();
    let abroad = first.before.ends_with('+') || first.before.ends_with("+(");
    let between: String = later.iter().map(|group| group.before.as_str()).collect();
    // A bracket opens a number, or follows its country.
    let bracket = later.iter().position(|group| group.before.contains('('));
    if between.contains(['+', '/']) || bracket.is_some_and(|at| at > 0 || first.values.len() > 3) {
        return None;
    }
    // 1.234.567.890 is an amount, and 2026-03-02 a day.
    let amount =
        lengths.iter().skip(1).all(|length| *length == 3) && between.chars().all(|c| ".,".contains(c));
    let ends_as_one = matches!(lengths.as_slice(), [.., 3..=5, 4]);
    let abroad_by_digits = first.values.starts_with(&[0, 0]);
    let likely = |digits: usize| {
        ends_as_one || lengths.iter().all(|l| *l <= 2) || (lengths.len() == 1 && digits <= 13)
    };
    match count(groups) {
        10..=15 if abroad => Some(0),
        digits @ (10 | 11) if !(amount && lengths.len() > 1) && likely(digits) => Some(1),
        digits @ (12 | 13) if !(amount && lengths.len() > 1) && likely(digits) => Some(2),
        14 | 15 if abroad_by_digits && ends_as_one => Some(1),
        9 if first.values.first() == Some(&9) && matches!(lengths.as_slice(), [5, 4] | [1, 4, 4] | [9]) => {
            Some(3)
        }
        8 | 9 if between.contains('-') && ends_as_one && !is_years(groups) => Some(3),
        7 if between == "-" && lengths == [3, 4] => Some(4),
        _ => None,
    }
}

/// 1914-1918.
fn is_years(groups: &[Group]) -> bool {
    groups
        .iter()
        .all(|group| group.values.len() == 4 && matches!(group.values.as_slice(), [1, ..] | [2, 0, ..]))
}

/// Account numbers: two letters and two digits begin one.
fn ibans(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut free = 0;
    let mut before = ' ';
    for (start, letter) in text.char_indices() {
        let begins_word = letter.is_ascii_alphabetic() && !before.is_ascii_alphanumeric();
        before = letter;
        if start < free || !begins_word {
            continue;
        }
        if let Some(end) = iban_end(text.get(start..).unwrap_or_default()) {
            found.push(start..start + end);
            free = start + end;
        }
    }
    found
}

/// Where the account number ends that a text begins with.
fn iban_end(text: &str) -> Option<usize> {
    // Small letters may as well be words, `de 20 a 30`: then most of it must be digits.
    let small = text.starts_with(|c: char| c.is_ascii_lowercase());
    let mut plain = String::new();
    let mut digits = 0;
    let mut end = None;
    for (at, letter) in text.char_indices() {
        let value = digit(letter).map(|value| char::from(b'0' + value));
        if let Some(sign) =
            value.or_else(|| letter.is_ascii_alphabetic().then(|| letter.to_ascii_uppercase()))
        {
            let fits = if plain.len() < 2 { value.is_none() } else { plain.len() >= 4 || value.is_some() };
            if !fits || plain.len() >= LONGEST_IBAN {
                break;
            }
            plain.push(sign);
            digits += usize::from(value.is_some());
            if (!small || 3 * digits >= 2 * plain.len()) && iban(&plain) {
                end = Some(at + letter.len_utf8());
            }
        } else if !matches!(mark(letter), Some(' ' | '-' | '.')) && !is_unseen(letter) {
            break;
        }
    }
    end
}

/// Numbers of companies with letters in them, written with their marks or in one piece.
fn companies(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(mark(c), Some('.' | '/' | '-'));
    let mut at = 0;
    for word in text.split_inclusive(|c| !is_part(c)) {
        let bare = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let plain: Vec<u8> =
            bare.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_uppercase()).collect();
        let checks = plain.last_chunk::<2>().is_some_and(|pair| pair.iter().all(u8::is_ascii_digit));
        let values: Vec<u8> = plain.iter().map(|byte| byte - b'0').collect();
        if checks && cnpj(&values) {
            found.push(at..at + bare.len());
        }
        at += word.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::find::find;
    use super::*;

    const ALL: [Redaction; 5] =
        [Redaction::Iban, Redaction::Cnpj, Redaction::Cpf, Redaction::Card, Redaction::Phone];

    fn found<'a>(text: &'a str, kinds: &[Redaction]) -> Vec<(Redaction, &'a str)> {
        find(text, kinds).into_iter().map(|(kind, at)| (kind, &text[at])).collect()
    }

    #[test]
    fn numbers_are_found_however_they_are_written() {
        for (text, kind, number) in [
            ("meu CPF é 529.982.247-25, anote", Redaction::Cpf, "529.982.247-25"),
            ("5 2 9 9 8 2 2 4 7 2 5", Redaction::Cpf, "5 2 9 9 8 2 2 4 7 2 5"),
            ("529\u{2013}982\u{2013}247\u{2013}25", Redaction::Cpf, "529\u{2013}982\u{2013}247\u{2013}25"),
            ("٥٢٩٩٨٢٢٤٧٢٥", Redaction::Cpf, "٥٢٩٩٨٢٢٤٧٢٥"),
            ("CNPJ 10.404.184/0001-09.", Redaction::Cnpj, "10.404.184/0001-09"),
            ("o novo, 12.ABC.345/01DE-35.", Redaction::Cnpj, "12.ABC.345/01DE-35"),
            ("card 4111 1111 1111 1111 please", Redaction::Card, "4111 1111 1111 1111"),
            ("4111-1111-1111-1111", Redaction::Card, "4111-1111-1111-1111"),
            ("conta DE89 3704 0044 0532 0130 00 do banco", Redaction::Iban, "DE89 3704 0044 0532 0130 00"),
            ("conta de89 3704 0044 0532 0130 00.", Redaction::Iban, "de89 3704 0044 0532 0130 00"),
            ("ligue para (11) 98765-4321 hoje", Redaction::Phone, "(11) 98765-4321"),
            ("ligue para (11) - 98765 - 4321", Redaction::Phone, "(11) - 98765 - 4321"),
            ("call +1 212 555 0123.", Redaction::Phone, "+1 212 555 0123"),
            ("+55 (11) 98765\u{2013}4321", Redaction::Phone, "+55 (11) 98765\u{2013}4321"),
            ("my number is 555-0123", Redaction::Phone, "555-0123"),
            ("98765 4321, ligue", Redaction::Phone, "98765 4321"),
            ("9 8765 4321", Redaction::Phone, "9 8765 4321"),
            ("اتصل على ٢١٢ ٥٥٥ ٠١٢٣ اليوم", Redaction::Phone, "٢١٢ ٥٥٥ ٠١٢٣"),
            ("電話は090-1234-5678です", Redaction::Phone, "090-1234-5678"),
        ] {
            assert!(found(text, &ALL).contains(&(kind, number)), "{text}: {:?}", found(text, &ALL));
        }
    }

    #[test]
    fn numbers_one_after_the_other_are_each_found() {
        use Redaction::{Card, Cpf, Phone};
        for (text, kinds, expected) in [
            ("(11) 98765-4321 (11) 91234-5678", vec![Phone], vec!["(11) 98765-4321", "(11) 91234-5678"]),
            ("212-555-0123, 212-555-0199", vec![Phone], vec!["212-555-0123", "212-555-0199"]),
            ("212-555-0123 212-555-0199", vec![Phone], vec!["212-555-0123", "212-555-0199"]),
            ("11 98765-4321/11 91234-5678", vec![Phone], vec!["11 98765-4321", "11 91234-5678"]),
            ("CPF 529.982.247-25, 11 98765-4321", vec![Phone, Cpf], vec!["529.982.247-25", "11 98765-4321"]),
            ("529.982.247-25/111.444.777-35", vec![Cpf, Card], vec!["529.982.247-25", "111.444.777-35"]),
            ("529.982.247-25 111.444.777-35", vec![Card, Cpf], vec!["529.982.247-25", "111.444.777-35"]),
        ] {
            let found: Vec<&str> = found(text, &kinds).into_iter().map(|(_, number)| number).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn what_is_asked_for_is_found_whatever_else_it_may_be() {
        // A mobile number whose digits are those of a CPF, and a CPF that has the digits of a card after it.
        assert_eq!(found("11 98765-4374", &[Redaction::Phone]), [(Redaction::Phone, "11 98765-4374")]);
        for kinds in [vec![Redaction::Cpf], vec![Redaction::Cpf, Redaction::Phone]] {
            let text = "CPF 529.982.247-25, 21 anos";
            assert_eq!(found(text, &kinds), [(Redaction::Cpf, "529.982.247-25")]);
        }
        assert!(found("DE89 3704 0044 0532 0130 00", &[Redaction::Phone]).is_empty());
        assert!(found("4111 1111 1111 1111", &[Redaction::Phone]).is_empty());
        assert!(found("CNPJ 10.404.184/0001-09", &[Redaction::Phone]).is_empty());
        assert!(found("529.982.247-25", &[Redaction::Phone]).is_empty());
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
            "de 20 a 30 pessoas, de 2 em 2",
        ] {
            assert!(found(text, &ALL).is_empty(), "{text}: {:?}", found(text, &ALL));
        }
        for text in ["CPF 529.982.247-26", "4111 1111 1111 1112, no"] {
            let surely = ALL.map(|kind| if kind == Redaction::Phone { Redaction::Iban } else { kind });
            assert!(found(text, &surely).is_empty(), "{text}: {:?}", found(text, &surely));
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_anything_panic(text in "[0-9A-Zé(). +/–٠-٩@-]{0,120}") {
            for (_, at) in find(&text, &ALL) {
                proptest::prop_assert!(text.get(at).is_some());
            }
        }
    }
}
