//! Is a text a number, as tables have them? `1.234,56`, `$ 12`, `-3 %`, `(4)`, a dash for nothing.

/// Whether a text is a number, with its currency or unit, or stands for one that is missing.
pub fn is_number(text: &str) -> bool {
    let text = text.trim();
    if matches!(text, "-" | "–" | "—" | "−" | "n/a" | "N/A" | "n.d.") {
        return true;
    }
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let others = text.chars().filter(|code| code.is_alphabetic()).count();
    // Currencies and units have few letters: R$, EUR, kg.
    digits > 0
        && others <= 3
        && others <= digits.max(2)
        && text.chars().all(|code| code.is_alphanumeric() || " .,:;/+-–−%$€£¥°ºª()'*±×~<>=²³".contains(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_tables_are_told_from_words() {
        for text in ["12", "1.234,56", "R$ 10,00", "-3 %", "(4)", "€ 7", "10 kg", "2024-01-31", "—"] {
            assert!(is_number(text), "{text}");
        }
        for text in ["", "Total", "Sala 12", "abc1", "SKU-8847-XY", "..."] {
            assert!(!is_number(text), "{text}");
        }
    }
}
