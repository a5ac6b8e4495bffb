//! What holds inside of a group of an RTF?

use std::rc::Rc;

use encoding_rs::Encoding;

use super::super::lines::Look;

/// Where the text of a group goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Destination {
    /// Into the document.
    #[default]
    Body,
    /// Nowhere.
    Nowhere,
    Fonts,
    Styles,
    /// Into the title, the subject, the author, the keywords.
    Title,
    Subject,
    Author,
    Keywords,
    /// Into the instruction of a field.
    Instruction,
    /// Into the label of an item.
    Label,
    /// Into the name of a property of a shape, or its value.
    PropertyName,
    PropertyValue,
    /// Into the name of a comment's author.
    Commenter,
}

/// What a group has; an inner one begins with what the outer one has.
#[derive(Debug, Clone)]
pub struct State {
    pub destination: Destination,
    pub look: Look,
    /// Where the text of the field leads that the group is, or stands in.
    pub link: Option<Rc<str>>,
    pub is_hidden: bool,
    /// The encoding of the font that is set.
    pub encoding: &'static Encoding,
    /// The font that is set, if it is one of symbols.
    pub symbols: Option<Rc<str>>,
    /// How many characters stand in for one of Unicode.
    pub substitutes: u32,
    /// The font that is being told, or the style.
    pub number: i32,
}

/// What a paragraph has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paragraph {
    pub style: i32,
    /// From 0 on.
    pub outline: Option<u8>,
    pub is_in_list: bool,
    pub level: u8,
    pub is_in_table: bool,
    /// How deep the table stands in tables.
    pub nesting: i32,
    pub breaks_page: bool,
}

/// The encoding of a character set of fonts (RTF 1.9.1, \fcharset).
pub fn of_character_set(number: i32) -> Option<u32> {
    Some(match number {
        0 => 1252,
        77 => 10000,
        128 => 932,
        129 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        _ => return None,
    })
}
