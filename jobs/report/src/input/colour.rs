//! A colour, and which others stand out from it.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A colour of the screen: red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Colour([u8; 3]);

impl Colour {
    /// White.
    pub const WHITE: Self = Self([255; 3]);

    /// Of its parts.
    #[must_use]
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self([red, green, blue])
    }

    /// How bright it is, 0–1: the relative luminance of WCAG 2.2.
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// How well it stands out from another, 1–21: the contrast ratio of WCAG 2.2.
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// A part of it, and of another for the rest.
    #[must_use]
    pub fn mixed(self, other: Self, part: f64) -> Self {
        let mut mixed = self.0;
        for (one, two) in mixed.iter_mut().zip(other.0) {
            let sum = f64::from(*one) * part + f64::from(two) * (1.0 - part);
            *one = sum.round().clamp(0.0, 255.0) as u8;
        }
        Self(mixed)
    }

    /// The same, made darker until it can be read on white: 4.5 is what WCAG's level AA asks of text.
    #[must_use]
    pub fn readable(self) -> Self {
        let mut colour = self;
        for _ in 0..32 {
            if colour.contrast(Self::WHITE) >= 4.5 {
                break;
            }
            colour = colour.mixed(Self::new(0, 0, 0), 0.9);
        }
        colour
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl From<Colour> for String {
    fn from(colour: Colour) -> Self {
        colour.to_string()
    }
}

impl TryFrom<String> for Colour {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const FORM: &str = "a colour is # and six hexadecimal digits, such as #0f766e";
        let digits =
            text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii()).ok_or(FORM)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(FORM);
        }
        let number = u32::from_str_radix(digits, 16).map_err(|_| FORM)?;
        let [_, red, green, blue] = number.to_be_bytes();
        Ok(Self([red, green, blue]))
    }
}

impl JsonSchema for Colour {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Colour".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^#[0-9a-fA-F]{6}$", "examples": ["#0f766e"]})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(text: &str) -> Result<Colour, &'static str> {
        Colour::try_from(text.to_owned())
    }

    #[test]
    fn a_colour_is_read_and_told() {
        assert_eq!(colour("#0F766e").unwrap().to_string(), "#0f766e");
        for text in ["", "#", "0f766e", "#0f766", "#0f766é", "#+f766e", "red", "#0f766e)"] {
            assert!(colour(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_bright_colour_is_darkened_until_it_can_be_read() {
        for text in ["#ffff00", "#ffffff", "#00ff88", "#0f766e"] {
            let readable = colour(text).unwrap().readable();
            assert!(readable.contrast(Colour::WHITE) >= 4.5, "{text}: {readable}");
        }
        assert_eq!(colour("#0f766e").unwrap().readable().to_string(), "#0f766e");
    }
}
