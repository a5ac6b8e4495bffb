//! What number does an item of a list show?

use super::super::model::BlockKind;

/// How a level of a list counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Counting {
    /// 1, 2, 3.
    #[default]
    Decimal,
    /// 01, 02, 03.
    Padded,
    /// a, b, c.
    Letters,
    /// A, B, C.
    Capitals,
    /// i, ii, iii.
    Roman,
    /// I, II, III.
    RomanCapitals,
    /// 1º, 2º.
    Ordinal,
    /// A mark that does not count.
    Bullet,
    /// Nothing is shown.
    Nothing,
}

impl Counting {
    /// By the name that WordprocessingML has for it (ST_NumberFormat).
    pub fn of_word(name: &str) -> Self {
        match name {
            "bullet" => Self::Bullet,
            "none" => Self::Nothing,
            "lowerLetter" => Self::Letters,
            "upperLetter" => Self::Capitals,
            "lowerRoman" => Self::Roman,
            "upperRoman" => Self::RomanCapitals,
            "ordinal" => Self::Ordinal,
            "decimalZero" => Self::Padded,
            _ => Self::Decimal,
        }
    }

    /// By the number that the binary formats have for it (MSONFC), which RTF shares.
    pub fn of_binary(code: u32) -> Self {
        match code {
            1 => Self::RomanCapitals,
            2 => Self::Roman,
            3 => Self::Capitals,
            4 => Self::Letters,
            5 => Self::Ordinal,
            22 => Self::Padded,
            23 => Self::Bullet,
            255 => Self::Nothing,
            _ => Self::Decimal,
        }
    }

    /// By the value of `style:num-format` in OpenDocument.
    pub fn of_open(format: &str) -> Self {
        match format {
            "a" => Self::Letters,
            "A" => Self::Capitals,
            "i" => Self::Roman,
            "I" => Self::RomanCapitals,
            "" => Self::Nothing,
            _ => Self::Decimal,
        }
    }

    /// `number` as it is shown.
    pub fn shown(self, number: u32) -> String {
        match self {
            Self::Decimal => number.to_string(),
            Self::Padded => format!("{number:02}"),
            Self::Letters => letters(number),
            Self::Capitals => letters(number).to_uppercase(),
            Self::Roman => roman(number).to_lowercase(),
            Self::RomanCapitals => roman(number),
            Self::Ordinal => format!("{number}º"),
            Self::Bullet | Self::Nothing => String::new(),
        }
    }
}

/// An item's label, as its place in the list makes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Label {
    pub level: u8,
    pub counting: Counting,
    pub number: u32,
    /// What a reader sees before the text.
    pub shown: String,
}

impl Label {
    /// The kind of block of the item, and what of the label its text must say because the number alone does not: `1.2.`,
    /// `Art. 3º`, `a)`.
    pub fn item(&self) -> (BlockKind, &str) {
        let level = self.level.min(8);
        if matches!(self.counting, Counting::Bullet) {
            return (BlockKind::ListItem { level, number: None }, "");
        }
        if self.is_plain() {
            return (BlockKind::ListItem { level, number: Some(self.number) }, "");
        }
        (BlockKind::ListItem { level, number: None }, self.shown.trim())
    }

    /// What a heading shows before its text; a bullet is not part of it.
    pub fn shown_number(&self) -> &str {
        if self.counting == Counting::Bullet { "" } else { self.shown.trim() }
    }

    /// Whether the number says all that the label does.
    fn is_plain(&self) -> bool {
        let number = self.counting.shown(self.number);
        let around = self.shown.trim().strip_prefix('(').unwrap_or(self.shown.trim());
        let Some(after) = around.strip_prefix(&number) else { return false };
        match self.counting {
            Counting::Decimal | Counting::Padded => matches!(after, "." | ")" | "" | ".)" | "-" | " -"),
            Counting::Letters | Counting::Roman | Counting::Capitals | Counting::RomanCapitals => {
                after == "."
            }
            _ => false,
        }
    }
}

/// a to z, then aa, bb as Word counts.
fn letters(number: u32) -> String {
    let place = number.saturating_sub(1);
    let letter = char::from(b'a' + u8::try_from(place % 26).unwrap_or_default());
    let times = (place / 26 + 1).min(30) as usize;
    std::iter::repeat_n(letter, times).collect()
}

fn roman(number: u32) -> String {
    const STEPS: [(u32, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    if number == 0 || number >= 4000 {
        return number.to_string();
    }
    let mut rest = number;
    let mut text = String::new();
    for (value, letters) in STEPS {
        while rest >= value {
            text.push_str(letters);
            rest -= value;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(counting: Counting, number: u32, shown: &str) -> Label {
        Label { level: 1, counting, number, shown: shown.to_owned() }
    }

    #[test]
    fn numbers_are_shown_as_their_level_counts() {
        let shown = [
            Counting::Decimal.shown(3),
            Counting::Letters.shown(28),
            Counting::RomanCapitals.shown(1994),
            Counting::Roman.shown(4),
            Counting::Ordinal.shown(2),
        ];
        assert_eq!(shown, ["3", "bb", "MCMXCIV", "iv", "2º"]);
        assert_eq!(Counting::Roman.shown(u32::MAX), u32::MAX.to_string());
    }

    #[test]
    fn a_label_that_says_more_than_its_number_stays_in_the_text() {
        let plain = BlockKind::ListItem { level: 1, number: Some(2) };
        let said = BlockKind::ListItem { level: 1, number: None };
        assert_eq!(label(Counting::Decimal, 2, "2.").item(), (plain.clone(), ""));
        assert_eq!(label(Counting::Letters, 2, "b.").item(), (plain, ""));
        assert_eq!(label(Counting::Letters, 2, "b)").item(), (said.clone(), "b)"));
        assert_eq!(label(Counting::Decimal, 2, "1.2.").item(), (said.clone(), "1.2."));
        assert_eq!(label(Counting::Ordinal, 2, "Art. 2º").item(), (said.clone(), "Art. 2º"));
        assert_eq!(label(Counting::Bullet, 2, "•").item(), (said, ""));
    }
}
