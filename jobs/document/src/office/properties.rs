//! What does a document of the older formats say of itself (MS-OLEPS)?

use super::super::model::Metadata;
use super::compound::{Bytes, Compound, code_page, utf16};
use super::sheet::serial::civil;

/// The stream that has it.
const STREAM: &str = "\u{5}SummaryInformation";
/// Properties that are looked at.
const MOST: usize = 100;
/// Ticks of 100 ns in a second, and seconds from 1601 to 1970.
const TICKS: u64 = 10_000_000;
const TO_UNIX: i64 = 11_644_473_600;

/// The metadata of `compound`, as far as it can be read.
pub fn metadata(compound: &mut Compound) -> Metadata {
    let stream = compound.stream(STREAM).ok().flatten().unwrap_or_default();
    parsed(&stream).unwrap_or_default()
}

fn parsed(stream: &[u8]) -> Option<Metadata> {
    // The header, then the identifier and the place of the first set.
    let start = stream.u32_at(44)? as usize;
    let set = stream.get(start..)?;
    let count = (set.u32_at(4)? as usize).min(MOST);
    let mut page = 1252;
    let mut metadata = Metadata::default();
    let places: Vec<(u32, usize)> = (0..count)
        .filter_map(|it| Some((set.u32_at(8 + it * 8)?, set.u32_at(12 + it * 8)? as usize)))
        .collect();
    if let Some((_, place)) = places.iter().find(|(id, _)| *id == 1) {
        page = u32::from(set.u16_at(place.saturating_add(4)).unwrap_or(1252));
    }
    for (id, place) in places {
        let text = || text(set, place, page).filter(|it| !it.is_empty());
        match id {
            2 => metadata.title = text(),
            3 => metadata.subject = text(),
            4 => metadata.authors = text().into_iter().collect(),
            5 => metadata.keywords = text().map(|it| words(&it)).unwrap_or_default(),
            12 => metadata.created = instant(set, place),
            13 => metadata.modified = instant(set, place),
            18 => metadata.producer = text(),
            _ => {}
        }
    }
    Some(metadata)
}

fn words(text: &str) -> Vec<String> {
    text.split([',', ';']).map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()).collect()
}

fn text(set: &[u8], place: usize, page: u32) -> Option<String> {
    let kind = set.u32_at(place)?;
    let length = set.u32_at(place.checked_add(4)?)? as usize;
    let start = place.checked_add(8)?;
    let text = match kind {
        30 if page == 1200 => utf16(set.cut(start, length)?),
        30 => code_page(page).decode_without_bom_handling(set.cut(start, length)?).0.into_owned(),
        31 => utf16(set.cut(start, length.checked_mul(2)?)?),
        _ => return None,
    };
    Some(text.split('\0').next().unwrap_or_default().trim().to_owned())
}

fn instant(set: &[u8], place: usize) -> Option<String> {
    let low = u64::from(set.u32_at(place.checked_add(4)?)?);
    let high = u64::from(set.u32_at(place.checked_add(8)?)?);
    let seconds = i64::try_from(((high << 32) | low) / TICKS).ok()? - TO_UNIX;
    if set.u32_at(place)? != 64 || seconds <= 0 {
        return None;
    }
    let (year, month, day) = civil(seconds.div_euclid(86_400));
    let of_day = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    (year < 10_000).then(|| format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_breaks_off_is_nothing() {
        assert_eq!(parsed(&[0; 60]).unwrap_or_default(), Metadata::default());
        assert_eq!(parsed(b"x"), None);
    }
}
