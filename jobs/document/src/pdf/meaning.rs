//! What does a code of a text stand for? A character, a space, nothing, or something that nobody can tell.

/// What a code of a text stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A character.
    Char(char),
    /// A space.
    Space,
    /// Nothing that is seen.
    Nothing,
    /// Something that nobody can tell.
    Broken,
}

/// What a code point of PDFium's stands for.
pub fn meaning(code: u32) -> Meaning {
    match code {
        // PDFium's mark for a hyphen at the end of a line.
        0x02 | 0xFFFE => Meaning::Char('-'),
        0x09..=0x0D | 0x20 | 0xA0 | 0x2000..=0x200A | 0x202F | 0x205F | 0x3000 => Meaning::Space,
        0xAD => Meaning::Char('\u{AD}'),
        0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x2069 | 0xFEFF | 0xFE00..=0xFE0F => Meaning::Nothing,
        // Bullets of Symbol and Wingdings, which programs leave in the private area.
        0xF0B7 | 0xF09F => Meaning::Char('•'),
        0xF0A7 | 0xF06E => Meaning::Char('▪'),
        0xF0D8 | 0xF0E0 => Meaning::Char('➢'),
        0xF0FC => Meaning::Char('✓'),
        0xF06F => Meaning::Char('○'),
        0xF0A8 | 0xF071 => Meaning::Char('☐'),
        0xF0FE | 0xF078 => Meaning::Char('☒'),
        0x00..=0x1F | 0x7F..=0x9F | 0xE000..=0xF8FF | 0xFFFD | 0xFFFF => Meaning::Broken,
        _ => char::from_u32(code).map_or(Meaning::Broken, Meaning::Char),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_that_fonts_keep_for_themselves_are_broken_unless_they_are_bullets() {
        assert_eq!(meaning(0xF0B7), Meaning::Char('•'));
        assert_eq!(meaning(0xE123), Meaning::Broken);
        assert_eq!(meaning(0x00), Meaning::Broken);
    }

    #[test]
    fn the_end_of_a_line_that_is_hyphenated_is_a_hyphen() {
        assert_eq!(meaning(0x02), Meaning::Char('-'));
        assert_eq!(meaning(0xA0), Meaning::Space);
        assert_eq!(meaning(0x200B), Meaning::Nothing);
    }
}
