//! Which numbers does one field of a cron text allow?

use std::collections::BTreeSet;

/// One of the six fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name, for messages.
    pub name: &'static str,
    low: u32,
    high: u32,
    /// Names of the numbers from `low` on.
    names: &'static [&'static str],
}

/// The fields in the order of a text with seconds.
pub const FIELDS: [Field; 6] = [
    Field { name: "second", low: 0, high: 59, names: &[] },
    Field { name: "minute", low: 0, high: 59, names: &[] },
    Field { name: "hour", low: 0, high: 23, names: &[] },
    Field { name: "day of month", low: 1, high: 31, names: &[] },
    Field {
        name: "month",
        low: 1,
        high: 12,
        names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    },
    // Sunday is 0 and 7.
    Field { name: "day of week", low: 0, high: 7, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

impl Field {
    /// The numbers that `text` allows: a list of `*`, numbers and ranges, the last two with `/step`.
    pub fn parse(&self, text: &str) -> Result<BTreeSet<u32>, String> {
        let mut numbers = BTreeSet::new();
        for item in text.split(',') {
            let (range, step) = match item.split_once('/') {
                Some((range, step)) => (range, self.step(step)?),
                None => (item, 1),
            };
            let (low, high) = match range.split_once('-') {
                _ if range == "*" => (self.low, self.high),
                Some((low, high)) => (self.number(low)?, self.range_end(high)?),
                None if step > 1 || item.contains('/') => {
                    return Err(format!("{item:?}: a step needs a range or * before it"));
                }
                None => (self.number(range)?, self.number(range)?),
            };
            if low > high {
                return Err(format!("{item:?}: the range runs backwards"));
            }
            numbers.extend((low..=high).step_by(step));
        }
        Ok(numbers)
    }

    fn step(&self, text: &str) -> Result<usize, String> {
        match text.parse::<usize>() {
            Ok(step) if step > 0 => Ok(step),
            _ => Err(format!("{text:?} is no step")),
        }
    }

    /// `fri-sun` ends on the Sunday after, not on the one before.
    fn range_end(&self, text: &str) -> Result<u32, String> {
        let end = self.number(text)?;
        Ok(if self.high == 7 && end == 0 && !text.starts_with('0') { 7 } else { end })
    }

    fn number(&self, text: &str) -> Result<u32, String> {
        let lower = text.to_ascii_lowercase();
        let named = self.names.iter().position(|name| *name == lower);
        let number = match named.and_then(|index| u32::try_from(index).ok()) {
            Some(index) => Some(index + self.low),
            None => text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit())),
        };
        match number {
            Some(number) if (self.low..=self.high).contains(&number) => Ok(number),
            _ => Err(format!("{text:?} is not between {} and {}", self.low, self.high)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(field: usize, text: &str) -> Vec<u32> {
        FIELDS[field].parse(text).unwrap().into_iter().collect()
    }

    #[test]
    fn lists_ranges_steps_and_names_are_read() {
        assert_eq!(numbers(1, "5,10-12,*/30"), [0, 5, 10, 11, 12, 30]);
        assert_eq!(numbers(2, "8-18/5"), [8, 13, 18]);
        assert_eq!(numbers(4, "jan,NOV-dec"), [1, 11, 12]);
        assert_eq!(numbers(5, "fri-sun"), [5, 6, 7]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for text in ["60", "-1", "5-1", "*/0", "5/2", "x", "", "1,,2", "+5"] {
            assert!(FIELDS[1].parse(text).is_err(), "{text:?}");
        }
        assert!(FIELDS[5].parse("8").is_err());
    }
}
