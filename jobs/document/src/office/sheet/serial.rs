//! Which day and time is the serial number of a spreadsheet?

/// Days from 1899-12-30 to 1970-01-01, and from 1904-01-01 to it.
const TO_UNIX_1900: i64 = 25_569;
const TO_UNIX_1904: i64 = 24_107;
/// The last day that spreadsheets can name: 9999-12-31.
const LAST: f64 = 2_958_466.0;

/// A day and a time of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub year: i64,
    pub month: u32,
    pub day: u32,
    /// 0 is Sunday.
    pub weekday: u32,
    pub hour: u32,
    pub minute: u32,
    pub second: u32,
    /// What is past the second, in the smallest unit asked for.
    pub fraction: u32,
    /// Seconds since the serial zero, for `[h]`, `[m]` and `[s]`.
    pub elapsed: i64,
}

/// The moment of `serial`, with `digits` after the second; none before the first day and past the last.
pub fn moment(serial: f64, is_1904: bool, digits: u32) -> Option<Moment> {
    if !(0.0..LAST).contains(&serial) {
        return None;
    }
    let unit = 10_i64.pow(digits.min(3));
    #[expect(clippy::cast_possible_truncation, reason = "serials are checked to be below three million")]
    let ticks = (serial * 86_400.0 * unit as f64).round() as i64;
    let seconds = ticks.div_euclid(unit);
    let days = seconds.div_euclid(86_400);
    let of_day = u32::try_from(seconds.rem_euclid(86_400)).unwrap_or_default();
    // The first spreadsheets took 1900 for a leap year: days before 1 March are one later there.
    let shift = if is_1904 { TO_UNIX_1904 } else { TO_UNIX_1900 - i64::from(days < 60) };
    let (year, month, day) = civil(days - shift);
    Some(Moment {
        year,
        month,
        day,
        weekday: u32::try_from((days - shift + 4).rem_euclid(7)).unwrap_or_default(),
        hour: of_day / 3600,
        minute: of_day / 60 % 60,
        second: of_day % 60,
        fraction: u32::try_from(ticks.rem_euclid(unit)).unwrap_or_default(),
        elapsed: seconds,
    })
}

/// Year, month and day of a day counted from 1970-01-01 (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
pub fn civil(days: i64) -> (i64, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, u32::try_from(month).unwrap_or(1), u32::try_from(day).unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(serial: f64) -> (i64, u32, u32) {
        let moment = moment(serial, false, 0).unwrap();
        (moment.year, moment.month, moment.day)
    }

    #[test]
    fn serials_are_days_of_the_calendar() {
        assert_eq!(date(1.0), (1900, 1, 1));
        assert_eq!(date(61.0), (1900, 3, 1));
        assert_eq!(date(44_197.0), (2021, 1, 1));
        assert_eq!(moment(44_197.0, false, 0).unwrap().weekday, 5);
        assert_eq!(moment(0.0, true, 0).map(|it| (it.year, it.day)), Some((1904, 1)));
    }

    #[test]
    fn the_time_is_rounded_to_what_is_shown() {
        let moment = moment(1.999_999_999, false, 0).unwrap();
        assert_eq!((moment.day, moment.hour), (2, 0));
    }

    #[test]
    fn what_is_no_day_is_none() {
        assert_eq!(moment(-1.0, false, 0), None);
        assert_eq!(moment(f64::NAN, false, 0), None);
        assert_eq!(moment(1e300, false, 0), None);
    }
}
