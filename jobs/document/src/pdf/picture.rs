//! Does a page say its text, or show a picture of it? How much text there is, and how much of the page images cover.

use super::content::Content;
use super::geometry::Area;
use super::line::Line;
use crate::model::Rect;

/// What tells whether a page is to be read from its picture.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PictureShare {
    /// Characters of its text, spaces left out; those that are there but not seen, as under a scan, too.
    pub characters: u32,
    /// Those that stand neither at an edge of the page nor beside its pictures, as a stamp on a scan does.
    pub inside: u32,
    /// Which share of the page images cover, 0 to 1.
    pub image_cover: f32,
    /// Which share of its characters nobody can tell what they are, 0 to 1.
    pub broken_share: f32,
}

/// Squares in which the cover is counted, each way.
const SQUARES: usize = 48;
/// Which part of a page is its edge, on each side: stamps of courts and offices take up to three lines there.
const EDGE: f32 = 0.12;
/// A text of more characters is no stamp, though it stands beside a picture.
const LONGEST_STAMP: u32 = 600;

/// Looks at a page.
pub fn share(content: &Content) -> PictureShare {
    let (width, height) = content.frame.size();
    let (across, down) = (width / SQUARES as f32, height / SQUARES as f32);
    let mut covered = vec![false; SQUARES * SQUARES];
    for image in content.shapes.images.iter().filter(|image| image.width() > 1.0 && image.height() > 1.0) {
        let first = |edge: f32, step: f32| ((edge / step - 0.5).ceil().max(0.0) as usize).min(SQUARES);
        let end =
            |edge: f32, step: f32| ((edge / step - 0.5).floor() + 1.0).clamp(0.0, SQUARES as f32) as usize;
        for row in first(image.y0, down)..end(image.y1, down) {
            let columns = first(image.x0, across)..end(image.x1, across);
            let part =
                covered.get_mut(row * SQUARES..(row + 1) * SQUARES).and_then(|row| row.get_mut(columns));
            if let Some(part) = part {
                part.fill(true);
            }
        }
    }
    let count = covered.iter().filter(|square| **square).count();
    PictureShare {
        characters: content.characters,
        inside: inside(content),
        image_cover: count as f32 / covered.len() as f32,
        broken_share: content.broken as f32 / content.characters.max(1) as f32,
    }
}

/// Where the texts of a page stand.
pub fn texts(content: &Content) -> Vec<Rect> {
    let aside = content.aside.iter().map(|(_, bounds)| *bounds);
    content.lines.iter().map(|line| line.bounds).chain(aside).collect()
}

fn inside(content: &Content) -> u32 {
    let (width, height) = content.frame.size();
    let images = &content.shapes.images;
    let is_stamp = content.characters <= LONGEST_STAMP;
    let is_inside = |bounds: &Rect| {
        let (x, y) = (f32::midpoint(bounds.x0, bounds.x1), f32::midpoint(bounds.y0, bounds.y1));
        let is_at = |place: f32, length: f32| place < EDGE * length || place > (1.0 - EDGE) * length;
        let is_over = |image: &Rect| image.x0 < x && x < image.x1 && image.y0 < y && y < image.y1;
        let is_beside = is_stamp && !images.iter().any(is_over);
        !is_at(x, width) && !is_at(y, height) && !is_beside
    };
    let lines = content.lines.iter().filter(|line| is_inside(&line.bounds)).map(Line::length);
    let aside = content.aside.iter().filter(|(_, bounds)| is_inside(bounds));
    let aside = aside.map(|(text, _)| text.chars().filter(|code| !code.is_whitespace()).count());
    u32::try_from(lines.chain(aside).sum::<usize>()).unwrap_or(u32::MAX)
}
