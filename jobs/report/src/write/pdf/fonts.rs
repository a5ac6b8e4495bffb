//! Which fonts are there? Those in the program, so that a report looks the same everywhere: Inter for reports (SIL Open Font
//! License, see `fonts/LICENSE`), and those that Typst's own templates expect.

use std::sync::LazyLock;

use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

const INTER: [&[u8]; 2] =
    [include_bytes!("../../../fonts/Inter-Regular.ttf"), include_bytes!("../../../fonts/Inter-SemiBold.ttf")];

/// Fonts, and what is in them.
pub struct Shelf {
    /// The fonts.
    pub fonts: Vec<Font>,
    /// Their catalogue.
    pub book: LazyHash<FontBook>,
}

impl Shelf {
    fn of(files: impl Iterator<Item = &'static [u8]>) -> Self {
        let fonts: Vec<Font> = files.flat_map(|file| Font::iter(Bytes::new(file))).collect();
        let book = LazyHash::new(FontBook::from_fonts(&fonts));
        Self { fonts, book }
    }

    /// A text in which each character that no font has is shown by a square.
    pub fn printable(&self, text: &str) -> String {
        let has = |character: char| {
            self.fonts.iter().any(|font| font.info().coverage.contains(u32::from(character)))
        };
        if text.is_ascii() {
            return text.to_owned();
        }
        text.chars().map(|character| if has(character) { character } else { '□' }).collect()
    }
}

/// The fonts of the program's own reports: Inter, and one of even width.
pub static OWN: LazyLock<Shelf> = LazyLock::new(|| {
    let mono = typst_assets::fonts().filter(|file| {
        Font::iter(Bytes::new(*file))
            .any(|font| font.info().family == "DejaVu Sans Mono" && is_upright(&font))
    });
    Shelf::of(INTER.into_iter().chain(mono))
});

/// The same, and all that Typst brings: a template may name any of them.
pub static ALL: LazyLock<Shelf> = LazyLock::new(|| Shelf::of(INTER.into_iter().chain(typst_assets::fonts())));

fn is_upright(font: &Font) -> bool {
    font.info().variant.style == typst::text::FontStyle::Normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_fonts_have_what_both_languages_need() {
        let text = "áàâãéêíóôõúüçÁÀÂÃÉÊÍÓÔÕÚÜÇ ºª “”‘’–—−…· €$ ²³ ×≤≥ ▲▼□\u{a0}";
        assert_eq!(OWN.printable(text), text);
        assert_eq!(OWN.printable("a한😀"), "a□□");
        assert!(OWN.book.contains_family("inter") && OWN.book.contains_family("dejavu sans mono"));
        assert!(ALL.book.contains_family("libertinus serif"));
    }
}
