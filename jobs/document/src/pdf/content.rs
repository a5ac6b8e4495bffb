//! What is on a page, before it is known what it means? Its lines, what is drawn, and what readers have laid over it.

use super::geometry::{Area, Frame};
use super::glyph;
use super::line::Line;
use super::native::OpenPage;
use super::notes::{self, Note};
use super::row::lines;
use super::shape::{self, Shapes};
use super::word::words;
use crate::model::Rect;

/// An address longer than this is data, not a link.
const LONGEST_LINK: usize = 2_048;
/// Links of a page that are read.
const MOST_LINKS: usize = 2_000;

/// What is on a page. It holds nothing of PDFium's.
#[derive(Debug)]
pub struct Content {
    /// How it is turned to be read.
    pub frame: Frame,
    /// Its lines.
    pub lines: Vec<Line>,
    /// Texts that do not stand upright.
    pub aside: Vec<(String, Rect)>,
    /// What is drawn.
    pub shapes: Shapes,
    /// Where its links lead.
    pub links: Vec<String>,
    /// Notes and fields.
    pub notes: Vec<Note>,
    /// Characters, spaces left out.
    pub characters: u32,
    /// Those of which nobody knows what they are.
    pub broken: u32,
    /// Whether there is more than is read.
    pub truncated: bool,
}

/// Reads a page; none where it has no box.
pub fn read(page: &OpenPage<'_>) -> Option<Content> {
    let frame = Frame::new(page.bounds()?, page.rotation());
    let glyphs = glyph::read(page, frame);
    let frame = glyphs.frame;
    let mut words = words(&glyphs);
    let links = read_links(page, frame, &mut words);
    Some(Content {
        frame,
        lines: lines(words),
        aside: glyphs.aside,
        shapes: shape::read(page, frame),
        links,
        notes: notes::read(page, frame),
        characters: glyphs.count,
        broken: glyphs.broken,
        truncated: glyphs.truncated,
    })
}

/// Reads the links of a page, and notes in the words under them where they lead.
fn read_links(page: &OpenPage<'_>, frame: Frame, words: &mut [super::word::Word]) -> Vec<String> {
    let mut links: Vec<String> = Vec::new();
    let mut boxes: Vec<(Rect, u16)> = Vec::new();
    let mut from = 0;
    while let Some((address, bounds, next)) = page.link_from(from) {
        if next <= from || boxes.len() >= MOST_LINKS {
            break;
        }
        from = next;
        let Some(address) = address.filter(|address| is_shown(address)) else { continue };
        let bounds = frame.rect(super::native::CharBox {
            left: bounds.x0,
            bottom: bounds.y1,
            right: bounds.x1,
            top: bounds.y0,
        });
        let number = links.iter().position(|known| *known == address).unwrap_or_else(|| {
            links.push(address);
            links.len() - 1
        });
        boxes.extend(u16::try_from(number).ok().map(|number| (bounds, number)));
    }
    if boxes.is_empty() {
        return links;
    }
    boxes.sort_by(|a, b| a.0.y0.total_cmp(&b.0.y0));
    let tallest = boxes.iter().map(|(bounds, _)| bounds.height()).fold(0.0, f32::max);
    for word in words {
        let middle = word.bounds.centre();
        let start = boxes.partition_point(|(bounds, _)| bounds.y0 < middle - tallest - 1.0);
        let near = boxes.iter().skip(start).take_while(|(bounds, _)| bounds.y0 <= middle + 1.0);
        word.link =
            near.take(500).find(|(bounds, _)| bounds.holds(&word.bounds, 0.5)).map(|(_, number)| *number);
    }
    links
}

/// Whether a link is one that a reader can follow: what runs something is left out.
fn is_shown(address: &str) -> bool {
    let start = address.get(..12.min(address.len())).unwrap_or_default().to_ascii_lowercase();
    address.len() <= LONGEST_LINK
        && !start.starts_with("javascript:")
        && !start.starts_with("data:")
        && !start.starts_with("file:")
}
