//! Does a page say its text, or show a picture of it? How much text there is, and how much of the page images cover.

use super::content::Content;
use super::geometry::Area;

/// What tells whether a page is to be read from its picture.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PictureShare {
    /// Characters of its text, spaces left out; those that are there but not seen, as under a scan, too.
    pub characters: u32,
    /// Which share of the page images cover, 0 to 1.
    pub image_cover: f32,
    /// Which share of its characters nobody can tell what they are, 0 to 1.
    pub broken_share: f32,
}

/// Squares in which the cover is counted, each way.
const SQUARES: usize = 48;

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
        image_cover: count as f32 / covered.len() as f32,
        broken_share: content.broken as f32 / content.characters.max(1) as f32,
    }
}
