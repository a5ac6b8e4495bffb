//! What does the block of metadata in front of a Markdown file say? Only its plain lines `key: value` are read.

use mail_parser::DateTime;

use super::super::model::Metadata;
use super::html::tag;

/// Names and keywords beyond these are left out.
const MAX_NAMES: usize = 50;
/// The longest value that is read.
const MAX_LENGTH: usize = 2000;

/// Reads `block` into `metadata`.
pub fn read(block: &str, metadata: &mut Metadata) {
    for line in block.lines() {
        let Some((key, value)) = line.split_once(':') else { continue };
        let value = unquoted(value);
        if value.is_empty() || value.len() > MAX_LENGTH {
            continue;
        }
        match key.trim().to_ascii_lowercase().as_str() {
            "title" => metadata.title = Some(value.to_owned()),
            "author" | "authors" => metadata.authors = list(value),
            "keywords" | "tags" => metadata.keywords = list(value),
            "description" | "subject" | "summary" => metadata.subject = Some(value.to_owned()),
            "lang" | "language" => metadata.language = tag(value),
            "date" => metadata.created = instant(value),
            _ => {}
        }
    }
}

fn list(value: &str) -> Vec<String> {
    let value = value.trim_start_matches('[').trim_end_matches(']');
    let names = value.split([',', ';']).map(unquoted).filter(|name| !name.is_empty());
    names.take(MAX_NAMES).map(str::to_owned).collect()
}

fn unquoted(value: &str) -> &str {
    value.trim().trim_matches(['"', '\'']).trim()
}

/// A date alone is no instant.
fn instant(value: &str) -> Option<String> {
    let instant = if value.len() < 19 { None } else { DateTime::parse_rfc3339(value) };
    instant.filter(DateTime::is_valid).map(|instant| instant.to_rfc3339())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_lines_are_read() {
        let mut metadata = Metadata::default();
        read(
            "title: \"Relatório\"\ntags: [a, 'b']\nlang: pt_BR\nnested:\n  - x\ndate: 2024-01-02\n",
            &mut metadata,
        );
        assert_eq!(metadata.title.as_deref(), Some("Relatório"));
        assert_eq!(metadata.keywords, ["a", "b"]);
        assert_eq!(metadata.language.as_deref(), Some("pt-BR"));
        assert_eq!(metadata.created, None);
    }
}
