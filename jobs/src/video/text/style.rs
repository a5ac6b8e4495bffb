//! How do words look, in pixels? What titles, texts and captions have in common.

use crate::video::model::Align;
use crate::video::picture::Colour;

/// The look of a block of words; every length is in pixels of the frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// Family, if one is asked for.
    pub font: Option<String>,
    /// Size of the letters.
    pub size: f64,
    /// Heavy letters.
    pub bold: bool,
    /// Slanted letters.
    pub italic: bool,
    /// Colour of the letters.
    pub colour: Colour,
    /// Alignment of the lines.
    pub align: Align,
    /// Widest line.
    pub max_width: f64,
    /// Distance from line to line.
    pub line_height: f64,
    /// A box behind.
    pub background: Option<BoxLook>,
    /// A line around the letters.
    pub outline: Option<OutlineLook>,
    /// A shadow below.
    pub shadow: Option<ShadowLook>,
}

/// A box.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoxLook {
    /// Its colour.
    pub colour: Colour,
    /// Space around the words.
    pub padding: f64,
    /// Radius of its corners.
    pub radius: f64,
}

/// A line around letters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OutlineLook {
    /// Its colour.
    pub colour: Colour,
    /// Its width.
    pub width: f64,
}

/// A shadow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShadowLook {
    /// Its colour.
    pub colour: Colour,
    /// How soft it is.
    pub blur: f64,
    /// Where it falls.
    pub shift: (f64, f64),
}

impl Look {
    /// Space that the look needs around the words.
    #[must_use]
    pub fn padding(&self) -> f64 {
        let outline = self.outline.map_or(0.0, |outline| outline.width + 1.0);
        let shadow = self.shadow.map_or(0.0, |shadow| {
            shadow.blur * 2.0 + shadow.shift.0.abs().max(shadow.shift.1.abs()) + outline
        });
        let background = self.background.map_or(0.0, |background| background.padding);
        outline.max(shadow).max(background).ceil() + 1.0
    }
}
