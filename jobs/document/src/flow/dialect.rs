//! How are the values of this file kept apart, and how are they quoted?

use csv_core::{Reader, ReaderBuilder};

use super::rows::Values;

/// So much of a file is looked at.
const LOOKED_AT: usize = 256 << 10;
/// So many of its records.
const RECORDS: usize = 500;
/// What keeps values apart, in the order of trust: the commas of a text, or of numbers, are everywhere.
const DELIMITERS: [u8; 4] = [b'\t', b';', b'|', b','];

/// How a file of values is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// What keeps values apart.
    pub delimiter: u8,
    /// Whether values may stand in quotes.
    pub quoted: bool,
    /// Whether a quote within quotes is written with a backslash before it, not as two.
    pub escaped: bool,
}

/// How well a dialect fits.
#[derive(Debug, Clone, Copy)]
struct Fit {
    /// Values of most records.
    fields: usize,
    /// How many records have that many, 0 to 1.
    agreement: f64,
    /// How many records there are.
    records: usize,
}

impl Dialect {
    /// The dialect that fits `text` best; none where it does not look like values in rows at all.
    pub fn sniff(text: &str) -> Option<Self> {
        let head = head(text);
        let escaped = head.contains("\\\"") && !head.contains("\"\"");
        let mut best: Option<(Self, Fit)> = None;
        for delimiter in DELIMITERS {
            let quoted = Self { delimiter, quoted: true, escaped };
            let plain = Self { delimiter, quoted: false, escaped: false };
            let (mut dialect, mut fit) = (quoted, quoted.fit(head));
            if head.contains('"') {
                let other = plain.fit(head);
                if other.agreement > 0.9 && (fit.agreement < 0.6 || fit.swallows(&other)) {
                    (dialect, fit) = (plain, other);
                }
            }
            if fit.fields >= 2 && best.is_none_or(|(_, known)| fit.beats(&known)) {
                best = Some((dialect, fit));
            }
        }
        best.map(|(dialect, _)| dialect)
    }

    /// Whether `text` is so clearly rows of values that no name is needed to say so.
    pub fn is_evident(text: &str) -> bool {
        let Some(dialect) = Self::sniff(text) else { return false };
        let fit = dialect.fit(head(text));
        // Prose has commas, and a semicolon now and then; not as many in each of its lines.
        let fields = if matches!(dialect.delimiter, b'\t' | b';') { 2 } else { 3 };
        fit.records >= 3
            && fit.fields >= fields
            && fit.agreement >= 0.999
            && dialect.has_short_values(head(text))
    }

    /// Whether values are no longer than those of tables usually are: on average, so many bytes.
    fn has_short_values(self, head: &str) -> bool {
        const USUAL: usize = 48;
        let mut reader = Values::new(self.reader(), head.as_bytes());
        let (mut values, mut bytes) = (0, 0);
        while values < RECORDS
            && let Some(value) = reader.next()
        {
            values += 1;
            bytes += value.text.len();
        }
        bytes <= values * USUAL
    }

    /// A reader of values.
    pub fn reader(self) -> Reader {
        ReaderBuilder::new()
            .delimiter(self.delimiter)
            .quoting(self.quoted)
            .double_quote(!self.escaped)
            .escape(self.escaped.then_some(b'\\'))
            .build()
    }

    fn fit(self, head: &str) -> Fit {
        let mut counts: Vec<usize> = Vec::new();
        let mut values = Values::new(self.reader(), head.as_bytes());
        let mut count = 0;
        while let Some(value) = values.next() {
            count += 1;
            if value.ends_row {
                counts.push(std::mem::take(&mut count));
            }
            if counts.len() >= RECORDS {
                break;
            }
        }
        let records = counts.len();
        counts.sort_unstable();
        let most = counts.chunk_by(|a, b| a == b).max_by_key(|same| same.len());
        let (fields, agreeing) = most.and_then(|same| Some((*same.first()?, same.len()))).unwrap_or((0, 0));
        #[expect(clippy::cast_precision_loss, reason = "at most RECORDS")]
        let agreement = agreeing as f64 / records.max(1) as f64;
        Fit { fields, agreement, records }
    }
}

impl Fit {
    /// Whether quotes that do not end hide most of the records that are there without them.
    fn swallows(&self, plain: &Fit) -> bool {
        plain.fields == self.fields && plain.records >= self.records * 2
    }

    /// Whether it is better than that of a delimiter that is trusted more.
    fn beats(&self, trusted: &Fit) -> bool {
        if trusted.agreement >= 0.9 {
            return false;
        }
        self.agreement > trusted.agreement + 0.1
            || (self.agreement >= trusted.agreement && self.fields > trusted.fields)
    }
}

/// The beginning of a text, to the end of a line.
fn head(text: &str) -> &str {
    if text.len() <= LOOKED_AT {
        return text;
    }
    let head = super::gather::prefix(text, LOOKED_AT);
    head.rfind('\n').and_then(|end| head.get(..=end)).unwrap_or(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delimiter(text: &str) -> Option<char> {
        Dialect::sniff(text).map(|dialect| char::from(dialect.delimiter))
    }

    #[test]
    fn decimal_commas_do_not_part_values() {
        assert_eq!(delimiter("produto;preço;peso\ncafé;10,50;1,5\nleite;4,20;1,0\n"), Some(';'));
        assert_eq!(delimiter("10,5;20,3;30,1\n11,5;21,3;31,1\n"), Some(';'));
    }

    #[test]
    fn commas_tabs_and_bars_are_found() {
        assert_eq!(delimiter("a,b,c\n1,2,3\n4,\"5;6\",7\n"), Some(','));
        assert_eq!(delimiter("a\tb\n1, 2\t3\n"), Some('\t'));
        assert_eq!(delimiter("a|b|c\n1|2|3\n"), Some('|'));
        assert_eq!(delimiter("one column\nof text\n"), None);
    }

    #[test]
    fn a_quote_that_does_not_end_does_not_swallow_the_file() {
        let text = "id,size\n1,\"5 inch\n2,3 inch\n3,4 inch\n4,6 inch\n5,7 inch\n";
        let dialect = Dialect::sniff(text).unwrap();
        assert_eq!((dialect.delimiter, dialect.quoted), (b',', false));
    }

    #[test]
    fn prose_is_not_evidently_values() {
        assert!(!Dialect::is_evident("Dear Ana, how are you?\nI am well, thank you.\nYours,\nBob\n"));
        assert!(Dialect::is_evident("a;b;c\n1;2;3\n4;5;6\n7;8;9\n"));
    }
}
