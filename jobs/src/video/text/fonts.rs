//! Which fonts are there, and which one stands for none? The system's, read once a job.

use cosmic_text::FontSystem;
use cosmic_text::fontdb::Database;

/// Families that the engine's own look is set in, the first one installed.
const PLAIN: [&str; 6] =
    ["Noto Sans", "Inter", "Open Sans", "Source Sans 3", "Noto Sans CJK SC", "DejaVu Sans"];
/// The family of colour emoji.
pub const EMOJI: &str = "Noto Color Emoji";

/// The fonts of the system.
pub struct Fonts {
    /// cosmic-text's view of them.
    pub system: FontSystem,
    families: Vec<String>,
}

impl Fonts {
    /// Reads the system's fonts.
    #[must_use]
    pub fn load() -> Self {
        let mut database = Database::new();
        database.load_system_fonts();
        let mut families: Vec<String> =
            database.faces().flat_map(|face| face.families.iter().map(|(name, _)| name.clone())).collect();
        families.sort_unstable();
        families.dedup();
        Self { system: FontSystem::new_with_locale_and_db("en-US".to_owned(), database), families }
    }

    /// Whether there are any.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.families.is_empty()
    }

    /// The installed family of this name, whatever its case.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&str> {
        self.families.iter().find(|family| family.eq_ignore_ascii_case(name)).map(String::as_str)
    }

    /// The family for a text that asks for none: Han characters take their shape from their neighbours.
    #[must_use]
    pub fn plain(&self, text: &str) -> Option<&str> {
        let cjk = match () {
            () if text.chars().any(|c| matches!(c, '\u{3040}'..='\u{30FF}')) => Some("Noto Sans CJK JP"),
            () if text.chars().any(|c| matches!(c, '\u{AC00}'..='\u{D7AF}')) => Some("Noto Sans CJK KR"),
            () if text.chars().any(|c| matches!(c, '\u{4E00}'..='\u{9FFF}')) => Some("Noto Sans CJK SC"),
            () => None,
        };
        cjk.and_then(|family| self.find(family)).or_else(|| PLAIN.iter().find_map(|family| self.find(family)))
    }
}
