//! Do the check digits agree?

/// Luhn's formula (ISO/IEC 7812-1, annex B), for numbers of cards.
pub fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = (0_usize..)
        .zip(digits.iter().rev())
        .map(|(at, digit)| match (at % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => 2 * digit - 9,
            (_, digit) => 2 * digit,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// CPF: 11 digits, the last two of them checks modulo 11 with the weights 10…2 and 11…2 (Receita Federal).
pub fn cpf(digits: &[u8]) -> bool {
    let same = digits.windows(2).all(|pair| pair.first() == pair.last());
    digits.len() == 11 && !same && checks_agree(digits, |length| (2..=length + 1).rev().collect())
}

/// CNPJ: 12 digits or, since July 2026, capital letters, and two checks modulo 11 with the weights 2…9 from the right;
/// a letter counts as its code less 48 (Receita Federal, Instrução Normativa 2.229/2024).
pub fn cnpj(characters: &[u8]) -> bool {
    let same = characters.windows(2).all(|pair| pair.first() == pair.last());
    let weights = |length: u32| (0..length).rev().map(|at| at % 8 + 2).collect();
    characters.len() == 14 && !same && checks_agree(characters, weights)
}

/// Both checks at the end; `weights` for a body of so many characters. Values are those less `0`.
fn checks_agree(values: &[u8], weights: impl Fn(u32) -> Vec<u32>) -> bool {
    let Some((body, [one, two])) = values.split_last_chunk::<2>() else { return false };
    let check = |values: &[u8]| {
        let weights = weights(u32::try_from(values.len()).unwrap_or(0));
        let sum: u32 = values.iter().zip(weights).map(|(value, weight)| u32::from(*value) * weight).sum();
        match sum % 11 {
            0 | 1 => 0,
            rest => 11 - rest,
        }
    };
    let with_one: Vec<u8> = body.iter().chain([one]).copied().collect();
    check(body) == u32::from(*one) && check(&with_one) == u32::from(*two)
}

/// IBAN: the country's length, and 1 modulo 97 once the first four characters stand at the end and letters are numbers from
/// 10 on (ISO 13616-1).
pub fn iban(text: &str) -> bool {
    let is_known =
        |country: &str| COUNTRIES.iter().any(|(code, length)| *code == country && *length == text.len());
    let Some((head, tail)) = text.split_at_checked(4) else { return false };
    if !head.get(..2).is_some_and(is_known) || !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return false;
    }
    let rest = tail.chars().chain(head.chars()).filter_map(|c| c.to_digit(36)).fold(0_u32, |rest, value| {
        if value < 10 { (rest * 10 + value) % 97 } else { (rest * 100 + value) % 97 }
    });
    rest == 1
}

/// The lengths of the countries' numbers (SWIFT, IBAN Registry).
const COUNTRIES: [(&str, usize); 89] = [
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BI", 27),
    ("BR", 29),
    ("BY", 28),
    ("CH", 21),
    ("CR", 22),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DJ", 27),
    ("DK", 18),
    ("DO", 28),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FK", 18),
    ("FO", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GR", 27),
    ("GT", 28),
    ("HN", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LC", 32),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("LY", 25),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MN", 20),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("NI", 28),
    ("NL", 18),
    ("NO", 15),
    ("OM", 23),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("RU", 33),
    ("SA", 24),
    ("SC", 31),
    ("SD", 18),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("SO", 23),
    ("ST", 25),
    ("SV", 28),
    ("TL", 23),
    ("TN", 24),
    ("TR", 26),
    ("UA", 29),
    ("VA", 22),
    ("VG", 24),
    ("XK", 20),
    ("YE", 30),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<u8> {
        text.bytes().map(|byte| byte - b'0').collect()
    }

    #[test]
    fn numbers_with_right_checks_are_told_from_others() {
        assert!(luhn(&values("4111111111111111")) && !luhn(&values("4111111111111112")));
        assert!(cpf(&values("52998224725")) && !cpf(&values("52998224726")) && !cpf(&values("11111111111")));
        assert!(cnpj(&values("10404184000109")) && !cnpj(&values("10404184000108")));
        assert!(cnpj(&values("12ABC34501DE35")), "the example of the Receita Federal");
        assert!(
            iban("DE89370400440532013000")
                && !iban("DE89370400440532013001")
                && !iban("XX89370400440532013000")
        );
        assert!(iban("BR1800360305000010009795493C1"));
        for example in
            ["RU0304452522540817810538091310419", "DJ2100010000000154000100186", "SD8811123456789012"]
        {
            assert!(iban(example), "{example}, of the registry");
        }
        for short in ["", "D", "DE", "DE8"] {
            assert!(!iban(short) && !cpf(&values("")) && !cnpj(&values("1")));
        }
    }
}
