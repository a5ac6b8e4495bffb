//! Which colour does a text such as `#ffcc00` name, and what is it in BT.709?

use std::str::FromStr;

/// A colour of sRGB with alpha, not premultiplied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    /// Red.
    pub r: u8,
    /// Green.
    pub g: u8,
    /// Blue.
    pub b: u8,
    /// Opacity.
    pub a: u8,
}

/// A colour as the planes hold it: BT.709, limited range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Yuv {
    /// Luma, 16 to 235.
    pub y: u8,
    /// Blue difference, 16 to 240.
    pub u: u8,
    /// Red difference, 16 to 240.
    pub v: u8,
}

impl Yuv {
    /// Black.
    pub const BLACK: Self = Self { y: 16, u: 128, v: 128 };
    /// White.
    pub const WHITE: Self = Self { y: 235, u: 128, v: 128 };
}

/// The text names no colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "write a colour as #rgb, #rrggbb, #rrggbbaa or one of black, white, red, green, blue, yellow, orange, gray, transparent"
)]
pub struct BadColour;

impl FromStr for Colour {
    type Err = BadColour;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (r, g, b, a) = match text.to_ascii_lowercase().as_str() {
            "black" => (0, 0, 0, 255),
            "white" => (255, 255, 255, 255),
            "red" => (229, 57, 53, 255),
            "green" => (67, 160, 71, 255),
            "blue" => (30, 136, 229, 255),
            "yellow" => (253, 216, 53, 255),
            "orange" => (251, 140, 0, 255),
            "gray" | "grey" => (128, 128, 128, 255),
            "transparent" => (0, 0, 0, 0),
            hex => return from_hex(hex.strip_prefix('#').ok_or(BadColour)?),
        };
        Ok(Self { r, g, b, a })
    }
}

fn from_hex(hex: &str) -> Result<Colour, BadColour> {
    if !hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(BadColour);
    }
    let digit = |index: usize| hex.get(index..=index).and_then(|one| u8::from_str_radix(one, 16).ok());
    let pair = |index: usize| hex.get(index..index + 2).and_then(|two| u8::from_str_radix(two, 16).ok());
    let colour = match hex.len() {
        3 => digit(0).zip(digit(1)).zip(digit(2)).map(|((r, g), b)| (r * 17, g * 17, b * 17, 255)),
        6 => pair(0).zip(pair(2)).zip(pair(4)).map(|((r, g), b)| (r, g, b, 255)),
        8 => pair(0).zip(pair(2)).zip(pair(4)).zip(pair(6)).map(|(((r, g), b), a)| (r, g, b, a)),
        _ => None,
    };
    colour.map(|(r, g, b, a)| Colour { r, g, b, a }).ok_or(BadColour)
}

impl Colour {
    /// The same colour in BT.709.
    #[must_use]
    pub fn to_yuv(self) -> Yuv {
        let (r, g, b) = (f64::from(self.r), f64::from(self.g), f64::from(self.b));
        let luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        let scaled = |value: f64| value.round().clamp(0.0, 255.0) as u8;
        Yuv {
            y: scaled(16.0 + luma * 219.0 / 255.0),
            u: scaled(128.0 + (b - luma) / 1.8556 * 224.0 / 255.0),
            v: scaled(128.0 + (r - luma) / 1.5748 * 224.0 / 255.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_colour_is_understood() {
        let orange = Colour { r: 255, g: 136, b: 0, a: 255 };
        assert_eq!("#f80".parse(), Ok(orange));
        assert_eq!("#FF8800".parse(), Ok(orange));
        assert_eq!("#ff880080".parse(), Ok(Colour { a: 128, ..orange }));
        assert_eq!("white".parse(), Ok(Colour { r: 255, g: 255, b: 255, a: 255 }));
    }

    #[test]
    fn what_is_no_colour_is_refused() {
        for text in ["", "#", "#12", "#12345", "#gggggg", "mauve-ish", "ff8800", "#éé0"] {
            assert_eq!(text.parse::<Colour>(), Err(BadColour), "{text}");
        }
    }

    #[test]
    fn primary_colours_have_their_bt709_values() {
        let yuv = |text: &str| text.parse::<Colour>().map(Colour::to_yuv);
        assert_eq!(yuv("#ffffff"), Ok(Yuv::WHITE));
        assert_eq!(yuv("#000000"), Ok(Yuv::BLACK));
        assert_eq!(yuv("#ff0000"), Ok(Yuv { y: 63, u: 102, v: 240 }));
        assert_eq!(yuv("#0000ff"), Ok(Yuv { y: 32, u: 240, v: 118 }));
    }
}
