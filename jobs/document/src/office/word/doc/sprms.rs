//! What do the modifiers of properties say (MS-DOC, 2.2.5: Sprm)?

use super::super::super::compound::Bytes;

/// The modifiers in `bytes`: each with what it is set to.
pub fn sprms(bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let code = bytes.u16_at(at)?;
        at += 2;
        let length = match code >> 13 {
            0 | 1 => 1,
            2 | 4 | 5 => 2,
            3 => 4,
            7 => 3,
            // The definition of a table has a length of two bytes, one more than what follows.
            _ if code == 0xd608 => usize::from(bytes.u16_at(at)?) + 1,
            _ => usize::from(bytes.u8_at(at)?) + 1,
        };
        let value = bytes.cut(at, length)?;
        at += length;
        Some((code, value))
    })
}

/// Whether a switch is on. Of the values that mean "as the style has it" the one that turns it around counts.
pub fn is_on(value: &[u8]) -> bool {
    matches!(value.first(), Some(1 | 0x81))
}
