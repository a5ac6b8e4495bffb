//! Which character does a place of a symbol font show?

/// The Greek letters of the font Symbol from 0x41 on, then from 0x61 on (Adobe's Symbol encoding).
const CAPITALS: &str = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ";
const SMALL: &str = "αβχδεφγηιϕκλμνοπθρστυϖωξψζ";

/// The character that `code` shows in `font`; none if the font is not one of symbols or the place is not known.
pub fn shown(font: &str, code: u32) -> Option<char> {
    // Word puts the places of symbol fonts into the private use area.
    let place = if (0xf000..=0xf0ff).contains(&code) { code - 0xf000 } else { code };
    if place > 0xff {
        return char::from_u32(code);
    }
    let font = font.to_lowercase();
    if font.starts_with("wingdings") || font.starts_with("webdings") {
        return dingbat(place);
    }
    if font.starts_with("symbol") {
        return symbol(place);
    }
    char::from_u32(place).filter(|it| !it.is_control())
}

fn symbol(place: u32) -> Option<char> {
    let letter = |letters: &str, first: u32| letters.chars().nth((place - first) as usize);
    match place {
        0x41..=0x5a => letter(CAPITALS, 0x41),
        0x61..=0x7a => letter(SMALL, 0x61),
        0x22 => Some('∀'),
        0x24 => Some('∃'),
        0x27 => Some('∋'),
        0x2a => Some('∗'),
        0x2d => Some('−'),
        0x40 => Some('≅'),
        0x5c => Some('∴'),
        0x5e => Some('⊥'),
        0x20..=0x7e => char::from_u32(place),
        0xa3 => Some('≤'),
        0xa5 => Some('∞'),
        0xa7 => Some('♣'),
        0xa8 => Some('♦'),
        0xa9 => Some('♥'),
        0xaa => Some('♠'),
        0xab => Some('↔'),
        0xac => Some('←'),
        0xad => Some('↑'),
        0xae => Some('→'),
        0xaf => Some('↓'),
        0xb0 => Some('°'),
        0xb1 => Some('±'),
        0xb3 => Some('≥'),
        0xb4 => Some('×'),
        0xb5 => Some('∝'),
        0xb6 => Some('∂'),
        0xb7 => Some('•'),
        0xb8 => Some('÷'),
        0xb9 => Some('≠'),
        0xba => Some('≡'),
        0xbb => Some('≈'),
        0xbc => Some('…'),
        0xc6 => Some('∅'),
        0xc7 => Some('∩'),
        0xc8 => Some('∪'),
        0xce => Some('∈'),
        0xcf => Some('∉'),
        0xd1 => Some('∇'),
        0xd2 | 0xe2 => Some('®'),
        0xd3 | 0xe3 => Some('©'),
        0xd4 | 0xe4 => Some('™'),
        0xd5 => Some('∏'),
        0xd6 => Some('√'),
        0xd9 => Some('∧'),
        0xda => Some('∨'),
        0xdb => Some('⇔'),
        0xdc => Some('⇐'),
        0xde => Some('⇒'),
        0xe5 => Some('∑'),
        0xf2 => Some('∫'),
        _ => None,
    }
}

fn dingbat(place: u32) -> Option<char> {
    match place {
        0x28 => Some('☎'),
        0x2a => Some('✉'),
        0x4a => Some('☺'),
        0x6c | 0x9f => Some('•'),
        0x6e | 0xa7 => Some('▪'),
        0x6f | 0xa8 | 0x71 | 0x72 => Some('☐'),
        0x76 => Some('❖'),
        0xd8 => Some('➢'),
        0xdf => Some('←'),
        0xe0 | 0xe8 | 0xf0 => Some('→'),
        0xfb | 0xce => Some('✗'),
        0xfc => Some('✓'),
        0xfd => Some('☒'),
        0xfe => Some('☑'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_told_by_their_font() {
        assert_eq!(shown("Symbol", 0xf061), Some('α'));
        assert_eq!(shown("Wingdings", 0xf0fc), Some('✓'));
        assert_eq!(shown("Arial", 0x41), Some('A'));
        assert_eq!(shown("Wingdings 3", 0xf001), None);
    }
}
