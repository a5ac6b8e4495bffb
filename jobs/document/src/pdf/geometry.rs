//! Where is a thing, seen by a reader? From the page's own space, where y goes up, to points from the top left corner.

use super::native::CharBox;
use crate::model::Rect;

/// How a page's own space is turned and moved to be read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// The box that is shown; y0 is above y1.
    shown: Rect,
    /// Quarter turns clockwise.
    turns: u8,
}

impl Frame {
    /// The frame of a page with this box that is shown with so many quarter turns.
    pub fn new(shown: Rect, turns: u8) -> Self {
        Self { shown, turns: turns % 4 }
    }

    /// The same page, turned by so many further quarters.
    pub fn turned(self, turns: u8) -> Self {
        Self::new(self.shown, self.turns + turns % 4)
    }

    /// By how many degrees clockwise the page is turned.
    pub fn degrees(self) -> f32 {
        f32::from(self.turns) * 90.0
    }

    /// Width and height as a reader sees them.
    pub fn size(self) -> (f32, f32) {
        let (width, height) = (self.shown.x1 - self.shown.x0, self.shown.y0 - self.shown.y1);
        if self.turns.is_multiple_of(2) { (width, height) } else { (height, width) }
    }

    /// Where a point of the page's own space is seen.
    pub fn point(self, x: f32, y: f32) -> (f32, f32) {
        let Rect { x0, y0, x1, y1 } = self.shown;
        match self.turns {
            0 => (x - x0, y0 - y),
            1 => (y - y1, x - x0),
            2 => (x1 - x, y - y1),
            _ => (y0 - y, x1 - x),
        }
    }

    /// Where a direction of the page's own space is seen to lead.
    pub fn direction(self, x: f32, y: f32) -> (f32, f32) {
        match self.turns {
            0 => (x, -y),
            1 => (y, x),
            2 => (-x, y),
            _ => (-y, -x),
        }
    }

    /// Where a box of the page's own space is seen.
    pub fn rect(self, bounds: CharBox) -> Rect {
        let a = self.point(bounds.left, bounds.bottom);
        let b = self.point(bounds.right, bounds.top);
        Rect { x0: a.0.min(b.0), y0: a.1.min(b.1), x1: a.0.max(b.0), y1: a.1.max(b.1) }
    }
}

/// What boxes are asked.
pub trait Area: Sized {
    /// Its width.
    fn width(&self) -> f32;
    /// Its height.
    fn height(&self) -> f32;
    /// The middle of its width.
    fn middle(&self) -> f32;
    /// The middle of its height.
    fn centre(&self) -> f32;
    /// The smallest box around both.
    fn around(&self, other: &Self) -> Self;
    /// Whether the middle of `other` lies in it, give or take `slack`.
    fn holds(&self, other: &Self, slack: f32) -> bool;
    /// By how much both share their heights.
    fn shared_height(&self, other: &Self) -> f32;
    /// By how much both share their widths.
    fn shared_width(&self, other: &Self) -> f32;
}

impl Area for Rect {
    fn width(&self) -> f32 {
        self.x1 - self.x0
    }

    fn height(&self) -> f32 {
        self.y1 - self.y0
    }

    fn middle(&self) -> f32 {
        f32::midpoint(self.x0, self.x1)
    }

    fn centre(&self) -> f32 {
        f32::midpoint(self.y0, self.y1)
    }

    fn around(&self, other: &Self) -> Self {
        Self {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }

    fn holds(&self, other: &Self, slack: f32) -> bool {
        let (x, y) = (other.middle(), other.centre());
        x >= self.x0 - slack && x <= self.x1 + slack && y >= self.y0 - slack && y <= self.y1 + slack
    }

    fn shared_height(&self, other: &Self) -> f32 {
        self.y1.min(other.y1) - self.y0.max(other.y0)
    }

    fn shared_width(&self, other: &Self) -> f32 {
        self.x1.min(other.x1) - self.x0.max(other.x0)
    }
}

/// The box around all of them; none around nothing.
pub fn around<'a>(boxes: impl IntoIterator<Item = &'a Rect>) -> Option<Rect> {
    boxes.into_iter().fold(None, |all: Option<Rect>, next| Some(all.map_or(*next, |all| all.around(next))))
}

/// The middle one of some numbers; 0 of none.
pub fn median(numbers: &mut [f32]) -> f32 {
    let middle = numbers.len() / 2;
    if numbers.is_empty() {
        return 0.0;
    }
    *numbers.select_nth_unstable_by(middle, f32::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: Rect = Rect { x0: 10.0, y0: 210.0, x1: 110.0, y1: 10.0 };

    #[test]
    fn the_top_left_corner_is_nought_however_the_page_is_turned() {
        for (turns, corner) in
            [(0, (10.0, 210.0)), (1, (10.0, 10.0)), (2, (110.0, 10.0)), (3, (110.0, 210.0))]
        {
            assert_eq!(Frame::new(PAGE, turns).point(corner.0, corner.1), (0.0, 0.0), "{turns}");
        }
    }

    #[test]
    fn a_quarter_turn_swaps_the_sides_of_a_page() {
        assert_eq!(Frame::new(PAGE, 0).size(), (100.0, 200.0));
        assert_eq!(Frame::new(PAGE, 3).size(), (200.0, 100.0));
        assert_eq!(Frame::new(PAGE, 3).turned(2).degrees(), 90.0);
    }

    #[test]
    fn directions_turn_with_their_page() {
        // A text that goes up the page reads to the right once the page is turned clockwise.
        assert_eq!(Frame::new(PAGE, 1).direction(0.0, 1.0), (1.0, 0.0));
        assert_eq!(Frame::new(PAGE, 0).direction(0.0, 1.0), (0.0, -1.0));
    }

    #[test]
    fn the_median_of_nothing_is_nought() {
        assert_eq!(median(&mut []), 0.0);
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
    }
}
