//! What does a document look like as a whole? The size of its text, those of its headings, and what its pages share.
//!
//! A few pages are looked at when it is opened, the same ones every time: so a page means the same whichever are read.

use std::collections::BTreeMap;

use super::content::Content;
use super::furniture::{EdgeLine, Furniture, edge_lines};

/// What is known of a whole document.
#[derive(Debug, Default)]
pub struct Survey {
    /// The size in which most of its text is set.
    pub body: f32,
    /// Whether most of it is set in a font for code, so that this tells nothing.
    pub is_mono: bool,
    /// Whether most of it is bold.
    pub is_bold: bool,
    /// Sizes of headings, the largest first, in half points.
    headings: Vec<u32>,
    /// What stands at the same place on its pages.
    pub furniture: Furniture,
}

/// The pages, from 0 on, that are looked at in a document of so many: all of a short one, pairs of a long one, so that what
/// stands on left or on right pages only is seen.
pub fn samples(pages: u32) -> Vec<u32> {
    if pages <= 4 {
        return (0..pages).collect();
    }
    let mut chosen: Vec<u32> =
        [pages / 4, pages / 2, pages / 4 * 3].into_iter().flat_map(|page| [page, page + 1]).collect();
    chosen.retain(|page| *page < pages);
    chosen.dedup();
    chosen
}

/// A survey in the making.
#[derive(Debug, Default)]
pub struct Surveyor {
    sizes: BTreeMap<u32, usize>,
    mono: usize,
    bold: usize,
    all: usize,
    edges: Vec<Vec<EdgeLine>>,
}

/// A size in half points.
fn halves(size: f32) -> u32 {
    (size.clamp(0.0, 4_000.0) * 2.0).round() as u32
}

impl Surveyor {
    /// Looks at a page.
    pub fn look(&mut self, content: &Content) {
        for word in content.lines.iter().flat_map(|line| &line.words) {
            let length = word.text.len();
            *self.sizes.entry(halves(word.style.size)).or_default() += length;
            self.mono += if word.style.mono { length } else { 0 };
            self.bold += if word.style.bold { length } else { 0 };
            self.all += length;
        }
        self.edges.push(edge_lines(&content.lines, content.frame.size()));
    }

    /// What was seen.
    pub fn finish(self) -> Survey {
        let most = self.sizes.iter().max_by_key(|(_, count)| **count).map_or(20, |(size, _)| *size);
        let body = most as f32 / 2.0;
        let mut headings: Vec<u32> =
            self.sizes.keys().copied().filter(|size| is_larger(*size as f32 / 2.0, body)).collect();
        headings.reverse();
        Survey {
            body,
            is_mono: self.mono * 2 > self.all,
            is_bold: self.bold * 2 > self.all,
            headings,
            furniture: Furniture::of(&self.edges),
        }
    }
}

/// Whether a size is that of a heading.
pub fn is_larger(size: f32, body: f32) -> bool {
    size > 1.13 * body && size > body + 0.9
}

impl Survey {
    /// The level of a heading of this size: that of its rank among the larger sizes.
    pub fn level(&self, size: f32) -> u8 {
        let size = halves(size);
        let larger = self.headings.iter().filter(|known| **known > size + 1).count();
        u8::try_from(larger + 1).unwrap_or(6).min(6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_pages_are_looked_at_every_time() {
        assert_eq!(samples(1), [0]);
        assert_eq!(samples(3), [0, 1, 2]);
        assert_eq!(samples(100), [25, 26, 50, 51, 75, 76]);
        assert_eq!(samples(5), [1, 2, 3, 4]);
    }

    #[test]
    fn larger_headings_stand_higher() {
        let survey = Survey { body: 10.0, headings: vec![40, 28], ..Survey::default() };
        assert_eq!((survey.level(20.0), survey.level(14.0), survey.level(10.0)), (1, 2, 3));
    }
}
