//! How is text laid over a picture so that it can be marked and copied, but not seen?

use pdf_writer::types::TextRenderingMode;
use pdf_writer::{Content, Name, Str};

use super::super::super::model::{Block, Word};
use super::font::WIDTH;

/// What a page calls the font.
pub(super) const FONT: Name<'static> = Name(b"F");
/// Which part of a line's height is below its letters without tails.
const TAILS: f32 = 0.22;

/// Draws the words of `blocks`. The page is straight when turned clockwise by `skew` degrees.
pub(super) fn draw(content: &mut Content, blocks: &[Block], skew: f32, page_height: f32) {
    let frame = Frame::new(skew, page_height);
    content.begin_text();
    content.set_text_rendering_mode(TextRenderingMode::Invisible);
    for block in blocks {
        let words: Vec<Straight> = block.words.iter().map(|word| frame.straight(word)).collect();
        for line in lines(&words) {
            draw_line(content, line, &frame);
        }
    }
    content.end_text();
}

/// A word in the frame in which lines are level; `y` grows downwards.
struct Straight<'w> {
    text: &'w str,
    x: f32,
    width: f32,
    top: f32,
    bottom: f32,
}

/// How the level frame lies on the page.
struct Frame {
    sin: f32,
    cos: f32,
    page_height: f32,
}

impl Frame {
    fn new(skew: f32, page_height: f32) -> Self {
        let (sin, cos) = skew.to_radians().sin_cos();
        Self { sin, cos, page_height }
    }

    fn straight<'w>(&self, word: &'w Word) -> Straight<'w> {
        let b = word.bounds;
        let (x, y) = ((b.x0 + b.x1) / 2.0, (b.y0 + b.y1) / 2.0);
        let (x, y) = (x * self.cos - y * self.sin, x * self.sin + y * self.cos);
        // The box stands around the word as it lies: its height has a part of the width, and the other way round.
        let height = (b.y1 - b.y0 - (b.x1 - b.x0) * self.sin.abs()).max((b.y1 - b.y0) * 0.3);
        let width = (b.x1 - b.x0 - height * self.sin.abs()).max(0.1);
        Straight {
            text: &word.text,
            x: x - width / 2.0,
            width,
            top: y - height / 2.0,
            bottom: y + height / 2.0,
        }
    }

    /// The matrix that puts text at a point of the level frame.
    fn matrix(&self, x: f32, y: f32) -> [f32; 6] {
        let (across, down) = (x * self.cos + y * self.sin, y * self.cos - x * self.sin);
        [self.cos, self.sin, -self.sin, self.cos, across, self.page_height - down]
    }
}

/// Parts words where the next one is not beside the one before.
fn lines<'s, 'w>(words: &'s [Straight<'w>]) -> impl Iterator<Item = &'s [Straight<'w>]> {
    words.chunk_by(|a, b| {
        let shared = a.bottom.min(b.bottom) - a.top.max(b.top);
        b.x > a.x && shared > 0.3 * (a.bottom - a.top).min(b.bottom - b.top)
    })
}

fn draw_line(content: &mut Content, line: &[Straight], frame: &Frame) {
    let top = line.iter().map(|word| word.top).fold(f32::MAX, f32::min);
    let bottom = line.iter().map(|word| word.bottom).fold(f32::MIN, f32::max);
    let size = (bottom - top).clamp(1.0, 2_000.0);
    let has_tails = line.iter().any(|word| word.text.contains(['g', 'j', 'p', 'q', 'y', 'ç', 'Ç', ',', ';']));
    let base = if has_tails { bottom - TAILS * size } else { bottom };
    content.set_font(FONT, size);
    for (at, word) in line.iter().enumerate() {
        let mut codes: Vec<u16> = word.text.encode_utf16().collect();
        let natural = codes.len() as f32 * size * WIDTH / 1000.0;
        if natural <= 0.0 {
            continue;
        }
        if at + 1 < line.len() {
            codes.push(u16::from(b' '));
        }
        let bytes: Vec<u8> = codes.iter().flat_map(|code| code.to_be_bytes()).collect();
        content.set_horizontal_scaling((100.0 * word.width / natural).clamp(1.0, 1_000.0));
        content.set_text_matrix(frame.matrix(word.x, base));
        content.show(Str(&bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::super::model::Rect;
    use super::*;

    fn word(text: &str, x0: f32, y0: f32) -> Word {
        Word { text: text.into(), bounds: Rect { x0, y0, x1: x0 + 40.0, y1: y0 + 10.0 }, confidence: None }
    }

    #[test]
    fn words_beside_each_other_are_a_line() {
        let frame = Frame::new(0.0, 100.0);
        let words = [word("a", 0.0, 0.0), word("b", 50.0, 2.0), word("c", 0.0, 14.0)];
        let straight: Vec<_> = words.iter().map(|word| frame.straight(word)).collect();
        assert_eq!(lines(&straight).map(<[_]>::len).collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn a_point_of_the_level_frame_comes_back_to_the_page() {
        let frame = Frame::new(2.0, 500.0);
        let word = word("a", 100.0, 200.0);
        let straight = frame.straight(&word);
        let [_, _, _, _, x, y] =
            frame.matrix(straight.x + straight.width / 2.0, (straight.top + straight.bottom) / 2.0);
        assert!((x - 120.0).abs() < 0.01 && (y - 295.0).abs() < 0.01, "{x} {y}");
    }

    #[test]
    fn accents_are_codes_of_their_own() {
        let mut content = Content::new();
        let block = Block { words: vec![word("ção", 0.0, 0.0)], ..Block::default() };
        draw(&mut content, &[block], 0.0, 100.0);
        let drawn = content.finish();
        let codes: Vec<u8> = "ção".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let hex: String = codes.iter().map(|code| format!("{code:02X}")).collect();
        let drawn = String::from_utf8_lossy(&drawn);
        assert!(drawn.contains(&hex), "{drawn}");
    }
}
