//! How has a figure changed since the period before?

use crate::model::{Cell, Figure};
use crate::words::Locale;

/// A change, in words.
pub struct Change {
    /// How much.
    pub text: String,
    /// `good`, `bad` or `plain`.
    pub tone: &'static str,
}

/// The change of a figure; nothing where there is nothing to compare.
pub fn change(figure: &Figure, locale: Locale) -> Option<Change> {
    let (now, before) = (figure.value.amount()?, figure.before.as_ref()?.amount()?);
    let difference = now - before;
    let sign = |number: f64| if number > 0.0 { "+" } else { "" };
    let text = match &figure.value {
        _ if difference == 0.0 => "=".to_owned(),
        // Of percentages the difference is told in points: a percentage of one would be misread.
        Cell::Percent(_) => {
            let points = difference * 100.0;
            format!("{}{} {}", sign(points), locale.decimal(points, 1), locale.say("p.p.", "pts"))
        }
        _ if before == 0.0 => locale.say("antes: 0", "before: 0").to_owned(),
        _ => {
            let part = difference / before.abs();
            // Beyond that a factor says more.
            match part.abs() >= 10.0 {
                true => format!("{}×", locale.decimal(now / before, 0)),
                false => format!("{}{}", sign(part), locale.percent(part)),
            }
        }
    };
    let tone = match (figure.more_is_good, difference) {
        (Some(_), 0.0) | (None, _) => "plain",
        (Some(good), difference) if good == (difference > 0.0) => "good",
        (Some(_), _) => "bad",
    };
    Some(Change { text, tone })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_by_what_it_means() {
        let told = |value: Cell<'static>, before: Cell<'static>, more_is_good| {
            let figure =
                Figure { name: "x", label: String::new(), value, before: Some(before), more_is_good };
            change(&figure, Locale::EnUs).map(|change| (change.text, change.tone))
        };
        let said = |text: &str, tone| Some((text.to_owned(), tone));
        assert_eq!(told(Cell::Count(112), Cell::Count(100), Some(true)), said("+12.0%", "good"));
        assert_eq!(told(Cell::Count(112), Cell::Count(100), Some(false)), said("+12.0%", "bad"));
        assert_eq!(told(Cell::Count(50), Cell::Count(100), None), said("−50.0%", "plain"));
        assert_eq!(told(Cell::Percent(0.95), Cell::Percent(0.97), Some(true)), said("−2.0 pts", "bad"));
        assert_eq!(told(Cell::Count(5_000), Cell::Count(2), Some(true)), said("2,500×", "good"));
        assert_eq!(told(Cell::Count(5), Cell::Count(0), Some(true)), said("before: 0", "good"));
        assert_eq!(told(Cell::Count(0), Cell::Count(0), Some(true)), said("=", "plain"));
        assert_eq!(told(Cell::Nothing, Cell::Count(0), Some(true)), None);
    }
}
