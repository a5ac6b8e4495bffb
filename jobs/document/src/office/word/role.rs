//! What is a paragraph, by the name of its style?

use super::super::super::model::BlockKind;

/// What a style makes of a paragraph.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Role {
    #[default]
    Body,
    Heading(u8),
    Code,
    Quote,
    Bullet,
}

impl Role {
    /// By the name that all languages of the program share, or the usual ones of other programs.
    pub fn of(name: &str) -> Self {
        let name = name.trim().to_lowercase();
        match name.as_str() {
            "title" | "título" | "titulo" => Self::Heading(1),
            "html preformatted"
            | "preformatted text"
            | "source code"
            | "code"
            | "code block"
            | "verbatim"
            | "macro text"
            | "texto préformatado"
            | "texto pré-formatado" => Self::Code,
            "quote" | "intense quote" | "block text" | "quotations" | "block quotation" | "citação"
            | "citação intensa" => Self::Quote,
            "list bullet" | "list bullet 2" | "list bullet 3" => Self::Bullet,
            _ => heading_level(&name).map_or(Self::Body, Self::Heading),
        }
    }

    /// The kind of block.
    pub fn kind(self) -> BlockKind {
        match self {
            Self::Body => BlockKind::Paragraph,
            Self::Heading(level) => BlockKind::Heading { level: level.clamp(1, 6) },
            Self::Code => BlockKind::Code { code_language: None },
            Self::Quote => BlockKind::Quote,
            Self::Bullet => BlockKind::ListItem { level: 0, number: None },
        }
    }
}

fn heading_level(name: &str) -> Option<u8> {
    let rest =
        ["heading ", "título ", "titulo ", "cabeçalho "].iter().find_map(|start| name.strip_prefix(start))?;
    rest.trim().parse().ok().filter(|level| (1..=9).contains(level))
}

/// Whether a style of characters means code.
pub fn is_code(name: &str) -> bool {
    let name = name.to_lowercase();
    ["html code", "source text", "verbatim char", "html typewriter", "html keyboard", "code char", "teletype"]
        .iter()
        .any(|it| name == *it)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_known_in_both_languages() {
        assert_eq!(Role::of("Heading 2"), Role::Heading(2));
        assert_eq!(Role::of("Título 3"), Role::Heading(3));
        assert_eq!(Role::of("heading two"), Role::Body);
        assert_eq!(Role::of("HTML Preformatted"), Role::Code);
    }
}
