//! How is a number written with so many decimals, as a spreadsheet rounds it?

/// Digits that spreadsheets keep of a number.
const DIGITS: usize = 15;

/// A number as its decimal digits: `0.d1d2d3… × 10^point`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    digits: Vec<u8>,
    point: i32,
}

impl Decimal {
    /// The digits of a number that is finite and not negative.
    pub fn of(value: f64) -> Self {
        let text = format!("{:.*e}", DIGITS - 1, value.abs());
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let mut digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).map(|it| it - b'0').collect();
        while digits.last() == Some(&0) {
            digits.pop();
        }
        let point = exponent.parse::<i32>().unwrap_or_default() + 1;
        if digits.is_empty() { Self { digits, point: 0 } } else { Self { digits, point } }
    }

    /// Moves the point to the right.
    pub fn shifted(mut self, places: i32) -> Self {
        if !self.digits.is_empty() {
            self.point = self.point.saturating_add(places);
        }
        self
    }

    /// Rounded, half away from zero, to `decimals` places.
    pub fn rounded(mut self, decimals: i32) -> Self {
        let keep = self.point.saturating_add(decimals);
        let Ok(keep) = usize::try_from(keep) else { return Self { digits: Vec::new(), point: 0 } };
        let Some(next) = self.digits.get(keep).copied() else { return self };
        self.digits.truncate(keep);
        if next >= 5 {
            self.carry();
        }
        while self.digits.last() == Some(&0) {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            self.point = 0;
        }
        self
    }

    fn carry(&mut self) {
        for digit in self.digits.iter_mut().rev() {
            if *digit < 9 {
                *digit += 1;
                return;
            }
            *digit = 0;
        }
        self.digits.insert(0, 1);
        self.point += 1;
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// The power of ten of its first digit.
    pub fn exponent(&self) -> i32 {
        if self.is_zero() { 0 } else { self.point - 1 }
    }

    /// Its digits before the point; empty below one.
    pub fn whole(&self) -> String {
        (0..self.point.clamp(0, 400)).map(|place| self.digit(place)).collect()
    }

    /// Its digits after the point, as far as there are any.
    pub fn fraction(&self) -> String {
        let length = i32::try_from(self.digits.len()).unwrap_or_default();
        (self.point.max(-400)..length)
            .filter(|place| *place >= self.point)
            .map(|place| self.digit(place))
            .collect()
    }

    fn digit(&self, place: i32) -> char {
        let digit = usize::try_from(place).ok().and_then(|place| self.digits.get(place));
        char::from(b'0' + digit.copied().unwrap_or_default())
    }
}

/// A number without a format: as short as says it whole.
pub fn general(value: f64) -> String {
    if !value.is_finite() {
        return String::new();
    }
    let decimal = Decimal::of(value);
    let sign = if value < 0.0 && !decimal.is_zero() { "-" } else { "" };
    let exponent = decimal.exponent();
    if !(-9..21).contains(&exponent) {
        return format!("{sign}{}", scientific(&decimal));
    }
    let whole = decimal.whole();
    let whole = if whole.is_empty() { "0" } else { &whole };
    match decimal.fraction() {
        fraction if fraction.is_empty() => format!("{sign}{whole}"),
        fraction => format!("{sign}{whole}.{fraction}"),
    }
}

fn scientific(decimal: &Decimal) -> String {
    let exponent = decimal.exponent();
    let one = decimal.clone().shifted(-exponent);
    let fraction = one.fraction();
    let point = if fraction.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}{point}{fraction}E{sign}{:02}", one.whole(), exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(value: f64, decimals: i32) -> String {
        let decimal = Decimal::of(value).rounded(decimals);
        format!("{}.{}", decimal.whole(), decimal.fraction())
    }

    #[test]
    fn numbers_are_rounded_half_away_from_zero() {
        assert_eq!(with(2.675, 2), "2.68");
        assert_eq!(with(9.995, 2), "10.");
        assert_eq!(with(0.004, 2), ".");
        assert_eq!(with(0.005, 2), ".01");
        assert_eq!(with(1234.0, -2), "1200.");
    }

    #[test]
    fn a_number_without_a_format_is_as_short_as_it_can_be() {
        assert_eq!(general(0.1 + 0.2), "0.3");
        assert_eq!(general(-1_500.0), "-1500");
        assert_eq!(general(1e21), "1E+21");
        assert_eq!(general(1.5e-10), "1.5E-10");
        assert_eq!(general(0.00012), "0.00012");
        assert_eq!(general(1e20), "100000000000000000000");
        assert_eq!(general(0.0), "0");
    }
}
