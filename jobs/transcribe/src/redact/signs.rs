//! Which digit, or which mark of a number, is a letter? Many scripts have their own.

/// The zeros of scripts, each of which nine more digits follow (Unicode, category Nd).
const ZEROS: [u32; 20] = [
    0x0030, 0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66,
    0x0de6, 0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x17e0, 0xff10,
];

/// The value of a digit.
pub fn digit(letter: char) -> Option<u8> {
    let code = u32::from(letter);
    let value = ZEROS.iter().find_map(|zero| code.checked_sub(*zero).filter(|value| *value < 10))?;
    u8::try_from(value).ok()
}

/// What stands in numbers between digits, as ASCII has it.
pub fn mark(letter: char) -> Option<char> {
    match letter {
        ' ' | '.' | ',' | ';' | '-' | '/' | '(' | ')' | '+' => Some(letter),
        '\t' | '\n' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => Some(' '),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '－' | '‧' | '・' => Some('-'),
        '．' | '·' | '٫' => Some('.'),
        '，' | '、' | '،' | '٬' => Some(','),
        '；' | '؛' => Some(';'),
        '／' | '\u{2044}' | '\u{2215}' => Some('/'),
        '（' => Some('('),
        '）' => Some(')'),
        '＋' => Some('+'),
        _ => None,
    }
}

/// What nobody sees between two digits: marks of direction, joiners, soft hyphens.
pub fn is_unseen(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_marks_of_other_scripts_are_known() {
        for (text, expected) in
            [("0189", "0189"), ("٠١٨٩", "0189"), ("०१८९", "0189"), ("๐๑๘๙", "0189"), ("０１８９", "0189")]
        {
            let digits: String =
                text.chars().filter_map(digit).map(|value| char::from(b'0' + value)).collect();
            assert_eq!(digits, expected);
        }
        assert_eq!(digit('a').or(digit('½')).or(digit('十')), None);
        assert_eq!((mark('–'), mark('，'), mark('a')), (Some('-'), Some(','), None));
    }
}
