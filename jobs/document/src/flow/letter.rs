//! What does a reader see over a message, and what may the files beside it be called?

use super::super::model::Metadata;
use super::super::sink::LetterField;
use super::gather::prefix;

/// The longest line over a message.
const MAX_LINE: usize = 16 << 10;
/// The longest name of a file.
const MAX_NAME: usize = 200;

/// Who writes to whom, when and about what.
#[derive(Debug, Clone, Default)]
pub struct Letter {
    /// What it is about.
    pub subject: Option<String>,
    /// Who wrote it.
    pub from: Vec<String>,
    /// To whom.
    pub to: Vec<String>,
    /// Who gets a copy.
    pub cc: Vec<String>,
    /// Who gets one without the others seeing it.
    pub bcc: Vec<String>,
    /// When, as it says.
    pub date: Option<String>,
    /// When (RFC 3339).
    pub instant: Option<String>,
    /// The program that sent it.
    pub producer: Option<String>,
}

impl Letter {
    /// The fields over the message, in the order in which people know them.
    pub fn fields(&self) -> Vec<LetterField> {
        let list = |names: &[String]| (!names.is_empty()).then(|| names.join(", "));
        let fields = [
            ("From", list(&self.from)),
            ("To", list(&self.to)),
            ("Cc", list(&self.cc)),
            ("Bcc", list(&self.bcc)),
            ("Date", self.date.clone()),
            ("Subject", self.subject.clone()),
        ];
        let field = |(name, value): (&'static str, Option<String>)| {
            value.map(|value| LetterField { name, value: prefix(&value, MAX_LINE).to_owned() })
        };
        fields.into_iter().filter_map(field).collect()
    }

    /// The same as metadata.
    pub fn metadata(self) -> Metadata {
        Metadata {
            title: self.subject.clone(),
            subject: self.subject,
            authors: self.from,
            recipients: self.to.into_iter().chain(self.cc).chain(self.bcc).collect(),
            created: self.instant,
            producer: self.producer,
            pages: Some(1),
            ..Metadata::default()
        }
    }
}

/// A name for a file within a document: what the document calls it, without folders, or one made of its number.
pub fn file_name(name: Option<&str>, number: usize, extension: &str) -> String {
    let name = name.unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|letter| !letter.is_control()).collect();
    let name = prefix(name.trim(), MAX_NAME);
    if name.trim_matches('.').is_empty() {
        return format!("part-{number}.{extension}");
    }
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn names_lead_nowhere() {
        assert_eq!(file_name(Some("../../etc/relatório.pdf"), 1, "bin"), "relatório.pdf");
        assert_eq!(file_name(Some(r"C:\x\a.doc"), 1, "bin"), "a.doc");
        for name in [None, Some(""), Some(".."), Some("a/"), Some("\0\n")] {
            assert_eq!(file_name(name, 7, "png"), "part-7.png");
        }
    }
}
