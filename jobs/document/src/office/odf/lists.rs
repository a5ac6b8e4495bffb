//! Which number does an item of a list of OpenDocument get?

use std::collections::HashMap;

use super::super::labels::{Counting, Label};
use super::styles::{Level, Styles};

/// Levels of a list.
const LEVELS: usize = 10;

/// What the levels of a list have counted to.
pub type Counts = [Option<u32>; LEVELS];

/// A list that is being read, on one of its levels.
#[derive(Debug, Clone, Default)]
pub struct At {
    pub style: String,
    pub level: usize,
    pub counts: Counts,
}

/// The lists read so far.
#[derive(Debug, Default)]
pub struct Lists {
    by_id: HashMap<String, Counts>,
    by_style: HashMap<String, Counts>,
    headings: Counts,
}

impl Lists {
    /// What a list goes on from: another list, the last one of its style, or nothing.
    pub fn before(&self, continued: Option<&str>, continues: bool, style: &str) -> Counts {
        let other = continued.and_then(|id| self.by_id.get(id));
        let last = || self.by_style.get(style).filter(|_| continues);
        other.or_else(last).copied().unwrap_or_default()
    }

    /// Remembers how far a list came.
    pub fn after(&mut self, id: Option<&str>, at: &At) {
        if let Some(id) = id {
            self.by_id.insert(id.to_owned(), at.counts);
        }
        self.by_style.insert(at.style.clone(), at.counts);
    }

    /// The label of the next heading of `level`, from 0 on, if headings are numbered.
    pub fn heading(&mut self, level: usize, styles: &Styles) -> Option<Label> {
        label(&mut self.headings, level, None, |level| styles.outline.get(&level))
    }
}

impl At {
    /// The label of the next item; with its own number, if it has one.
    pub fn next(&mut self, own: Option<u32>, styles: &Styles) -> Label {
        let Self { style, counts, level } = self;
        let label = label(counts, *level, own, |level| styles.level(style, level));
        label.unwrap_or_else(|| Label {
            level: u8::try_from(self.level).unwrap_or(8),
            counting: Counting::Bullet,
            ..Label::default()
        })
    }
}

fn label<'s>(
    counts: &mut Counts,
    level: usize,
    own: Option<u32>,
    level_of: impl Fn(usize) -> Option<&'s Level>,
) -> Option<Label> {
    let level = level.min(LEVELS - 1);
    let at = level_of(level)?;
    let number = own.or_else(|| counts[level].map(|it| it.saturating_add(1))).unwrap_or(at.start);
    counts[level] = Some(number);
    for count in counts.iter_mut().skip(level + 1) {
        *count = None;
    }
    let first = (level + 1).saturating_sub(at.shows.max(1));
    let numbers = (first..=level).filter_map(|place| {
        let level = level_of(place)?;
        let count = counts[place].unwrap_or(level.start);
        Some(level.counting.shown(count)).filter(|it| !it.is_empty())
    });
    let numbers = numbers.collect::<Vec<_>>().join(".");
    let shown =
        if numbers.is_empty() { String::new() } else { format!("{}{numbers}{}", at.prefix, at.suffix) };
    Some(Label { level: u8::try_from(level).unwrap_or_default(), counting: at.counting, number, shown })
}
