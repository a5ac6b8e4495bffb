//! Which pages are wanted? Ranges as people write them when they print.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// Bytes of a list of ranges.
const MOST_BYTES: usize = 1_000;

/// The form of a list of ranges, for those who check an input before they send it.
const PATTERN: &str = r"^\s*[0-9]+\s*(-\s*[0-9]*\s*)?(,\s*[0-9]+\s*(-\s*[0-9]*\s*)?)*$";

/// Ranges of pages: `1-3,7,10-`. Without any, all pages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Option<String>", into = "Option<String>")]
pub struct PageRanges {
    /// As it was given.
    text: Option<String>,
    /// First and last page of each range, in order, apart from each other.
    ranges: Vec<(u32, u32)>,
}

impl PageRanges {
    /// Whether a page, from 1 on, is wanted.
    #[must_use]
    pub fn contains(&self, page: u32) -> bool {
        let next = self.ranges.partition_point(|(_, last)| *last < page);
        self.is_all() || self.ranges.get(next).is_some_and(|(first, _)| *first <= page)
    }

    /// Whether all pages are wanted.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.ranges.is_empty()
    }

    /// How many pages are wanted, where that does not depend on the document.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        let open = self.ranges.last().is_none_or(|(_, last)| *last == u32::MAX);
        let sum = self.ranges.iter().map(|(first, last)| u64::from(last - first) + 1).sum();
        (!open).then_some(sum)
    }

    /// The last page that is wanted, if there is one: nothing beyond it has to be read.
    #[must_use]
    pub fn last(&self) -> Option<u32> {
        self.ranges.last().map(|(_, last)| *last).filter(|last| *last != u32::MAX)
    }
}

impl TryFrom<Option<String>> for PageRanges {
    type Error = String;

    fn try_from(text: Option<String>) -> Result<Self, String> {
        let Some(text) = text else { return Ok(Self::default()) };
        if text.len() > MOST_BYTES {
            return Err(format!("the ranges have {} bytes; {MOST_BYTES} are allowed", text.len()));
        }
        let mut ranges = text.split(',').map(range).collect::<Result<Vec<_>, _>>()?;
        ranges.sort_unstable();
        let mut apart: Vec<(u32, u32)> = Vec::new();
        for (first, last) in ranges {
            match apart.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => before.1 = before.1.max(last),
                _ => apart.push((first, last)),
            }
        }
        Ok(Self { text: Some(text), ranges: apart })
    }
}

impl From<PageRanges> for Option<String> {
    fn from(ranges: PageRanges) -> Self {
        ranges.text
    }
}

/// One range: `7`, `1-3` or `10-`.
fn range(text: &str) -> Result<(u32, u32), String> {
    let text = text.trim();
    let bad = || format!("{text:?} is no range of pages: write them as \"1-3,7,10-\"");
    let number = |text: &str| -> Result<u32, String> {
        let text = text.trim();
        let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|_| plain).ok_or_else(bad)
    };
    let (first, last) = match text.split_once('-') {
        None => {
            let page = number(text)?;
            (page, page)
        }
        Some((first, last)) if last.trim().is_empty() => (number(first)?, u32::MAX),
        Some((first, last)) => (number(first)?, number(last)?),
    };
    if first == 0 {
        return Err("pages are counted from 1".to_owned());
    }
    if last < first {
        return Err(format!("{text:?} ends before it begins"));
    }
    Ok((first, last))
}

impl JsonSchema for PageRanges {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PageRanges".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "null"],
            "pattern": PATTERN,
            "maxLength": 1000,
            "examples": ["1-3,7,10-", "2"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(text: &str) -> Result<PageRanges, String> {
        PageRanges::try_from(Some(text.to_owned()))
    }

    #[test]
    fn ranges_are_read_in_any_order() {
        let pages = ranges("7, 1 - 3,10-,2-4").unwrap();
        let wanted: Vec<u32> = (1..=11).filter(|page| pages.contains(*page)).collect();
        assert_eq!(wanted, [1, 2, 3, 4, 7, 10, 11]);
        assert!(pages.contains(u32::MAX) && !pages.contains(0));
        assert_eq!((pages.count(), pages.last()), (None, None));
        assert_eq!(ranges("1-3,3-4,9").map(|pages| (pages.count(), pages.last())), Ok((Some(5), Some(9))));
    }

    #[test]
    fn without_ranges_all_pages_are_wanted() {
        let all: PageRanges = serde_json::from_str("null").unwrap();
        assert!(all.contains(1) && all.contains(99) && all.is_all() && all.count().is_none());
    }

    #[test]
    fn what_is_no_range_says_so() {
        for (text, wanted) in [
            ("", "no range"),
            ("a", "no range"),
            ("-5", "no range"),
            ("1-2-3", "no range"),
            ("+1", "no range"),
            ("1,,2", "no range"),
            ("99999999999", "no range"),
            ("0", "counted from 1"),
            ("3-1", "ends before"),
        ] {
            assert!(ranges(text).unwrap_err().contains(wanted), "{text}");
        }
        assert!(ranges(&"1,".repeat(600)).unwrap_err().contains("allowed"));
    }
}
