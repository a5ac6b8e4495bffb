//! How are bytes spoilt? Bits, lengths, numbers, tags and whole parts change, go, come twice or come from elsewhere.

use super::dice::Dice;

/// Bytes that a spoilt thing may have at most.
const LARGEST: usize = 4 << 20;
/// Bytes that a change may add.
const MOST_ADDED: usize = 256 << 10;

/// What stands at the edges of lengths and counts.
const EDGES: [u64; 16] = [
    0,
    1,
    2,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x7fff,
    0x8000,
    0xffff,
    0x1_0000,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_fffe,
    0xffff_ffff,
    u64::MAX,
];

/// Numbers that hurt where they are written as text.
const NUMBERS: [&str; 16] = [
    "0",
    "-1",
    "1",
    "2",
    "255",
    "65535",
    "65536",
    "1000000",
    "16777216",
    "2147483647",
    "-2147483648",
    "4294967295",
    "18446744073709551616",
    "1e308",
    "NaN",
    "0.0000001",
];

/// Spoils `bytes` once to six times; parts may come from `others`.
pub fn spoil(bytes: &mut Vec<u8>, others: &[&[u8]], dice: &mut Dice) {
    for _ in 0..=dice.below(6) {
        let changed = match dice.below(14) {
            0 => flip(bytes, dice),
            1 => scatter(bytes, dice),
            2 => edge(bytes, 2, dice),
            3 => edge(bytes, 4, dice),
            4 => swap_lengths(bytes, dice),
            5 => swap_parts(bytes, dice),
            6 => cut(bytes, dice),
            7 => repeat(bytes, dice),
            8 => splice(bytes, others, dice),
            9 => truncate(bytes, dice),
            10 | 11 => number(bytes, dice),
            12 => nest(bytes, dice),
            _ => swap_tags(bytes, dice),
        };
        // What has no numbers or tags has bits.
        if changed.is_none() {
            let _ = flip(bytes, dice);
        }
        bytes.truncate(LARGEST);
    }
}

fn flip(bytes: &mut [u8], dice: &mut Dice) -> Option<()> {
    for _ in 0..=dice.below(8) {
        let at = dice.below(bytes.len());
        *bytes.get_mut(at)? ^= 1 << dice.below(8);
    }
    Some(())
}

/// Bytes of a part become any others.
fn scatter(bytes: &mut [u8], dice: &mut Dice) -> Option<()> {
    let part = dice.part(bytes.len());
    for byte in bytes.get_mut(part)?.iter_mut().take(64) {
        *byte = dice.next().to_le_bytes()[0];
    }
    Some(())
}

/// A length of `width` bytes becomes one from the edge, or a little more or less than it was.
fn edge(bytes: &mut [u8], width: usize, dice: &mut Dice) -> Option<()> {
    let at = dice.below(bytes.len().checked_sub(width)? + 1);
    let is_little = !dice.once_in(3);
    let place = bytes.get_mut(at..at + width)?;
    let mut wide = [0; 8];
    for (to, from) in wide.iter_mut().zip(place.iter()) {
        *to = *from;
    }
    if !is_little {
        wide.get_mut(..width)?.reverse();
    }
    let was = u64::from_le_bytes(wide);
    let becomes = match dice.below(4) {
        0 => was.wrapping_add(1 + dice.below(16) as u64),
        1 => was.wrapping_sub(1 + dice.below(16) as u64),
        _ => *dice.pick(&EDGES)?,
    };
    let mut written = becomes.to_le_bytes();
    let written = written.get_mut(..width)?;
    if !is_little {
        written.reverse();
    }
    place.copy_from_slice(written);
    Some(())
}

/// Two numbers of four bytes, or of two, change their places.
fn swap_lengths(bytes: &mut [u8], dice: &mut Dice) -> Option<()> {
    let width = if dice.once_in(2) { 2 } else { 4 };
    let end = bytes.len().checked_sub(width)? + 1;
    let one = dice.below(end);
    // Lengths of one record stand near each other.
    let other =
        if dice.once_in(2) { (one + width * (1 + dice.below(8))).min(end - 1) } else { dice.below(end) };
    for at in 0..width {
        bytes.swap(one + at, other + at);
    }
    Some(())
}

fn swap_parts(bytes: &mut Vec<u8>, dice: &mut Dice) -> Option<()> {
    let part: Vec<u8> = bytes.drain(dice.part(bytes.len())).collect();
    let at = dice.below(bytes.len() + 1);
    insert(bytes, at, part);
    Some(())
}

fn cut(bytes: &mut Vec<u8>, dice: &mut Dice) -> Option<()> {
    bytes.drain(dice.part(bytes.len()));
    Some(())
}

fn repeat(bytes: &mut Vec<u8>, dice: &mut Dice) -> Option<()> {
    let part = dice.part(bytes.len());
    let taken = bytes.get(part.clone())?.to_vec();
    let times = (1 << dice.below(12)).min(MOST_ADDED / taken.len().max(1));
    insert(bytes, part.end, taken.repeat(times));
    Some(())
}

/// A part of another document comes in, over what was there or between it.
fn splice(bytes: &mut Vec<u8>, others: &[&[u8]], dice: &mut Dice) -> Option<()> {
    let other = *dice.pick(others)?;
    let part = other.get(dice.part(other.len()))?.to_vec();
    let at = dice.below(bytes.len() + 1);
    if dice.once_in(2) {
        let end = (at + part.len()).min(bytes.len());
        bytes.drain(at..end);
    }
    insert(bytes, at, part);
    Some(())
}

fn truncate(bytes: &mut Vec<u8>, dice: &mut Dice) -> Option<()> {
    // Mostly near its end, where most of it is left to be read.
    let kept =
        if dice.once_in(3) { dice.below(bytes.len()) } else { bytes.len() - dice.below(bytes.len() / 4 + 1) };
    bytes.truncate(kept);
    Some(())
}

/// A number that is written in digits becomes another one.
fn number(bytes: &mut Vec<u8>, dice: &mut Dice) -> Option<()> {
    let from = dice.below(bytes.len());
    let start = from + bytes.get(from..)?.iter().position(u8::is_ascii_digit)?;
    let length = bytes.get(start..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let becomes = dice.pick(&NUMBERS)?;
    bytes.splice(start..start + length, becomes.bytes());
    Some(())
}

/// A tag, a group or a bracket is opened many times.
fn nest(bytes: &mut Vec<u8>, dice: &mut Dice) -> Option<()> {
    let tag = tag(bytes, dice)?;
    let opening = bytes.get(tag.clone())?.to_vec();
    let times = (1 << dice.below(16)).min(MOST_ADDED / opening.len().max(1));
    insert(bytes, tag.end, opening.repeat(times));
    Some(())
}

/// Two tags change their places.
fn swap_tags(bytes: &mut Vec<u8>, dice: &mut Dice) -> Option<()> {
    let (one, other) = (tag(bytes, dice)?, tag(bytes, dice)?);
    let (first, second) = if one.start <= other.start { (one, other) } else { (other, one) };
    if first.end > second.start {
        return None;
    }
    let (a, b) = (bytes.get(first.clone())?.to_vec(), bytes.get(second.clone())?.to_vec());
    bytes.splice(second, a);
    bytes.splice(first, b);
    Some(())
}

/// Where something in brackets stands: `<td colspan="2">`, `{\b `, `[1 2`, `(x`.
fn tag(bytes: &[u8], dice: &mut Dice) -> Option<std::ops::Range<usize>> {
    let from = dice.below(bytes.len());
    let start = from + bytes.get(from..)?.iter().position(|byte| b"<{[(".contains(byte))?;
    let rest = bytes.get(start..)?.iter().take(200);
    let length = match bytes.get(start)? {
        b'<' => rest.take_while(|byte| **byte != b'>').count() + 1,
        _ => rest.take_while(|byte| **byte != b' ').count(),
    };
    Some(start..(start + length.max(1)).min(bytes.len()))
}

fn insert(bytes: &mut Vec<u8>, at: usize, part: Vec<u8>) {
    bytes.splice(at..at, part);
}
