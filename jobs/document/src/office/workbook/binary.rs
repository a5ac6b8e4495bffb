//! What do the cells of the binary formats have in common?

/// A number in the short form (MS-XLS, RkNumber).
pub fn short_number(bits: u32) -> f64 {
    let number = if bits & 2 != 0 {
        f64::from(bits.cast_signed() >> 2)
    } else {
        f64::from_bits(u64::from(bits & !3) << 32)
    };
    if bits & 1 != 0 { number / 100.0 } else { number }
}

/// What an error says (MS-XLS, BErr).
pub fn error(code: u8) -> &'static str {
    match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0f => "#VALUE!",
        0x17 => "#REF!",
        0x1d => "#NAME?",
        0x24 => "#NUM!",
        0x2a => "#N/A",
        _ => "#ERROR!",
    }
}

/// What a truth value says.
pub fn truth(is: bool) -> String {
    if is { "TRUE" } else { "FALSE" }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_numbers_are_whole_or_the_upper_half_of_a_double() {
        assert_eq!(short_number((120 << 2) | 2), 120.0);
        assert_eq!(short_number((12_345 << 2) | 3), 123.45);
        assert_eq!(short_number((-7_i32 << 2).cast_unsigned() | 2), -7.0);
        assert_eq!(short_number(0x3ff0_0000), 1.0);
    }
}
