//! What does a font tell of the text that is set in it? Whether it is bold, italic, or made for code.

/// How a text is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    /// Size of the font as it is seen, in points.
    pub size: f32,
    /// Bold.
    pub bold: bool,
    /// Italic or slanted.
    pub italic: bool,
    /// All its characters are equally wide.
    pub mono: bool,
}

/// The traits of a font.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FontTraits {
    /// Bold.
    pub bold: bool,
    /// Italic or slanted.
    pub italic: bool,
    /// All its characters are equally wide.
    pub mono: bool,
}

/// Flags of a font descriptor (ISO 32000-1, table 123).
const FIXED_PITCH: i32 = 1;
const ITALIC: i32 = 1 << 6;
const FORCE_BOLD: i32 = 1 << 18;

/// From this weight on a font is bold: between medium (500) and semibold (600).
const BOLD_WEIGHT: i32 = 580;

impl FontTraits {
    /// The traits of a font with this name, these flags of its descriptor, and this weight (0 where it is unknown).
    pub fn of(name: &str, flags: i32, weight: i32) -> Self {
        // A subset's name has a tag of six letters before it.
        let name = name.split_once('+').map_or(name, |(_, rest)| rest).to_ascii_lowercase();
        let any = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
        let starts = |parts: &[&str]| parts.iter().any(|part| name.starts_with(part));
        Self {
            bold: weight >= BOLD_WEIGHT
                || flags & FORCE_BOLD != 0
                || any(&["bold", "black", "heavy", "demi", "-medi", "extrabd"])
                || starts(&["cmbx", "sfbx", "ecbx", "cmssbx", "sfsx", "lmroman10-bold"]),
            italic: flags & ITALIC != 0
                || any(&["italic", "oblique", "-ital", "slant", "kursiv"])
                || starts(&["cmti", "cmsl", "cmmi", "sfti", "sfsl", "ecti"]),
            mono: flags & FIXED_PITCH != 0
                || any(&[
                    "mono",
                    "courier",
                    "consol",
                    "typewriter",
                    "menlo",
                    "lucidacons",
                    "inconsolata",
                    "fixed",
                ])
                || starts(&["cmtt", "sftt", "ectt", "cmsltt", "lmtt"]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_subsets_tell_their_traits() {
        let traits = |name| FontTraits::of(name, 0, 0);
        assert!(traits("ABCDEF+DejaVuSans-Bold").bold);
        assert!(traits("XYZABC+CMBX12").bold && !traits("XYZABC+CMR12").bold);
        assert!(traits("Arial-BoldItalicMT").italic);
        assert!(!traits("NimbusMonL-Regu").mono && traits("CourierNewPSMT").mono);
    }

    #[test]
    fn the_descriptor_counts_where_the_name_is_silent() {
        assert_eq!(
            FontTraits::of("F1", FIXED_PITCH | ITALIC, 700),
            FontTraits { bold: true, italic: true, mono: true }
        );
    }
}
