//! How are days, moments and durations written?

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use chrono_tz::Tz;

use super::Locale;
use crate::period::Span;

const MONTHS: [[&str; 2]; 12] = [
    ["janeiro", "January"],
    ["fevereiro", "February"],
    ["março", "March"],
    ["abril", "April"],
    ["maio", "May"],
    ["junho", "June"],
    ["julho", "July"],
    ["agosto", "August"],
    ["setembro", "September"],
    ["outubro", "October"],
    ["novembro", "November"],
    ["dezembro", "December"],
];

impl Locale {
    /// A day in figures, for tables.
    #[must_use]
    pub fn day(self, day: NaiveDate) -> String {
        match self {
            Self::PtBr => format!("{:02}/{:02}/{}", day.day(), day.month(), day.year()),
            Self::EnUs => format!("{:02}/{:02}/{}", day.month(), day.day(), day.year()),
        }
    }

    /// A day in figures without its year, for the axis of a chart.
    #[must_use]
    pub fn short_day(self, day: NaiveDate) -> String {
        match self {
            Self::PtBr => format!("{:02}/{:02}", day.day(), day.month()),
            Self::EnUs => format!("{}/{}", day.month(), day.day()),
        }
    }

    fn month(self, day: NaiveDate) -> &'static str {
        MONTHS.get(day.month0() as usize).map_or("", |[portuguese, english]| self.say(portuguese, english))
    }

    /// A day in words, for sentences.
    #[must_use]
    pub fn long_day(self, day: NaiveDate) -> String {
        match (self, day.day()) {
            (Self::PtBr, 1) => format!("1º de {} de {}", self.month(day), day.year()),
            (Self::PtBr, number) => format!("{number} de {} de {}", self.month(day), day.year()),
            (Self::EnUs, number) => format!("{} {number}, {}", self.month(day), day.year()),
        }
    }

    /// The days of a period in words; a whole month by its name.
    #[must_use]
    pub fn span(self, span: &Span) -> String {
        let (first, last) = (span.first, span.last);
        let same_month = (first.year(), first.month()) == (last.year(), last.month());
        if first == last {
            return self.long_day(first);
        }
        if same_month && first.day() == 1 && last.succ_opt().is_none_or(|next| next.month() != last.month()) {
            return match self {
                Self::PtBr => format!("{} de {}", self.month(first), first.year()),
                Self::EnUs => format!("{} {}", self.month(first), first.year()),
            };
        }
        match self {
            Self::PtBr if same_month => {
                let day = if first.day() == 1 { "1º".to_owned() } else { first.day().to_string() };
                format!("{day} a {}", self.long_day(last))
            }
            Self::PtBr => format!("{} a {}", self.long_day(first), self.long_day(last)),
            Self::EnUs if same_month => {
                format!("{} {}–{}, {}", self.month(first), first.day(), last.day(), first.year())
            }
            Self::EnUs => format!("{} – {}", self.long_day(first), self.long_day(last)),
        }
    }

    /// A moment as the clock of a zone shows it.
    #[must_use]
    pub fn moment(self, instant: DateTime<Utc>, zone: Tz) -> String {
        let local = instant.with_timezone(&zone);
        match self {
            Self::PtBr => {
                format!("{} {:02}:{:02}", self.day(local.date_naive()), local.hour(), local.minute())
            }
            Self::EnUs => {
                let (afternoon, hour) = local.hour12();
                let half = if afternoon { "PM" } else { "AM" };
                format!("{} {hour}:{:02}\u{a0}{half}", self.day(local.date_naive()), local.minute())
            }
        }
    }

    /// A duration, in the two units that suit it.
    #[must_use]
    pub fn duration(self, seconds: f64) -> String {
        if !seconds.is_finite() || seconds < 0.0 {
            return "–".to_owned();
        }
        if seconds < 59.95 {
            return format!("{}\u{a0}s", self.decimal(seconds, 1));
        }
        let whole = seconds.round().min(9e15) as i64;
        match whole {
            0..3_600 => format!("{}\u{a0}min\u{a0}{:02}\u{a0}s", whole / 60, whole % 60),
            _ => {
                let minutes = (seconds / 60.0).round().min(9e15) as i64;
                format!("{}\u{a0}h\u{a0}{:02}\u{a0}min", self.integer(minutes / 60), minutes % 60)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).unwrap()
    }

    fn span(first: NaiveDate, last: NaiveDate) -> Span {
        Span { first, last, from: DateTime::UNIX_EPOCH, to: DateTime::UNIX_EPOCH }
    }

    #[test]
    fn periods_are_told_as_people_tell_them() {
        let (pt, en) = (Locale::PtBr, Locale::EnUs);
        for (first, last, portuguese, english) in [
            (day(11, 28), day(11, 28), "28 de novembro de 2026", "November 28, 2026"),
            (day(11, 1), day(11, 30), "novembro de 2026", "November 2026"),
            (day(11, 1), day(11, 29), "1º a 29 de novembro de 2026", "November 1–29, 2026"),
            (day(11, 1), day(11, 1), "1º de novembro de 2026", "November 1, 2026"),
            (
                day(10, 30),
                day(11, 5),
                "30 de outubro de 2026 a 5 de novembro de 2026",
                "October 30, 2026 – November 5, 2026",
            ),
        ] {
            let span = span(first, last);
            assert_eq!((pt.span(&span).as_str(), en.span(&span).as_str()), (portuguese, english));
        }
    }

    #[test]
    fn a_moment_is_that_of_the_zone() {
        let instant = "2026-11-29T16:05:00Z".parse().unwrap();
        let zone = Tz::America__Sao_Paulo;
        assert_eq!(Locale::PtBr.moment(instant, zone), "29/11/2026 13:05");
        assert_eq!(Locale::EnUs.moment(instant, zone), "11/29/2026 1:05\u{a0}PM");
    }

    #[test]
    fn durations_have_two_units_at_most() {
        let plain = |seconds: f64| Locale::PtBr.duration(seconds).replace('\u{a0}', " ");
        assert_eq!(plain(3.44), "3,4 s");
        assert_eq!(plain(59.97), "1 min 00 s");
        assert_eq!(plain(125.4), "2 min 05 s");
        assert_eq!(plain(3_599.9), "1 h 00 min");
        assert_eq!(plain(4_521_600.0), "1.256 h 00 min");
        assert_eq!((plain(-1.0).as_str(), plain(f64::NAN).as_str()), ("–", "–"));
    }
}
