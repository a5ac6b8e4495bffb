//! How does text come out of PDFium? Asked for twice: how long it is, then what it is.

/// Code units of a text that are taken; a longer one is not.
const MOST_UNITS: usize = 1 << 20;

/// A text of UTF-16 that a call writes into a buffer of so many bytes; the call tells how many bytes it needs.
pub fn utf16(call: impl Fn(*mut u16, u64) -> u64) -> Option<String> {
    let needed = usize::try_from(call(std::ptr::null_mut(), 0)).ok()? / 2;
    // One unit is the zero at its end.
    if !(2..=MOST_UNITS).contains(&needed) {
        return None;
    }
    let mut units = vec![0_u16; needed];
    let bytes = u64::try_from(units.len() * 2).ok()?;
    call(units.as_mut_ptr(), bytes);
    let end = units.iter().position(|&unit| unit == 0).unwrap_or(units.len());
    let text = String::from_utf16_lossy(units.get(..end)?);
    (!text.is_empty()).then_some(text)
}

/// A text of bytes, by the same custom.
pub fn bytes(call: impl Fn(*mut u8, usize) -> usize) -> Option<String> {
    let needed = call(std::ptr::null_mut(), 0);
    if !(2..=MOST_UNITS).contains(&needed) {
        return None;
    }
    let mut text = vec![0_u8; needed];
    call(text.as_mut_ptr(), text.len());
    let end = text.iter().position(|&byte| byte == 0).unwrap_or(text.len());
    Some(String::from_utf8_lossy(text.get(..end)?).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_claims_to_be_endless_is_not_taken() {
        assert_eq!(utf16(|_, _| u64::MAX), None);
        assert_eq!(bytes(|_, _| usize::MAX), None);
        assert_eq!(utf16(|_, _| 2), None);
    }
}
