//! A chart: what is drawn, as numbers. How it is drawn is each format's own.

/// A chart of a report.
pub enum Chart {
    /// Columns along days, each of stacked parts.
    Columns(Columns),
    /// Bars below each other, each with its name.
    Bars {
        /// What it shows.
        title: String,
        /// The bars.
        bars: Vec<Bar>,
    },
}

/// Stacked columns.
pub struct Columns {
    /// What it shows.
    pub title: String,
    /// What stands below each column.
    pub labels: Vec<String>,
    /// The parts, from the lowest up, each with a value a column.
    pub series: Vec<Series>,
}

/// A part of each column.
pub struct Series {
    /// Its name.
    pub name: String,
    /// Which colour.
    pub tone: Tone,
    /// Its values.
    pub values: Vec<f64>,
}

/// The colour of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// The report's own.
    Accent,
    /// One that warns.
    Warn,
    /// One that stays behind.
    Quiet,
}

/// A bar.
pub struct Bar {
    /// What it is of.
    pub label: String,
    /// How long it is.
    pub value: f64,
    /// The same in words.
    pub text: String,
}

impl Columns {
    /// How high the highest column is.
    pub fn height(&self) -> f64 {
        (0..self.labels.len())
            .map(|at| self.series.iter().filter_map(|series| series.values.get(at)).sum::<f64>())
            .fold(0.0, f64::max)
    }
}

/// Where lines stand across a chart up to `height`, from nought on: at round numbers, four of them or so.
pub fn ticks(height: f64) -> Vec<f64> {
    if !(height > 0.0 && height.is_finite()) {
        return vec![0.0, 1.0];
    }
    let rough = height / 4.0;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].iter().map(|times| times * power).find(|step| *step >= rough);
    let step = step.unwrap_or(10.0 * power).max(1.0);
    let count = (height / step).ceil().clamp(1.0, 10.0) as u32;
    (0..=count).map(|at| f64::from(at) * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stand_at_round_numbers_and_the_last_is_above_all() {
        for (height, wanted) in [
            (1.0, vec![0.0, 1.0]),
            (3.0, vec![0.0, 1.0, 2.0, 3.0]),
            (97.0, vec![0.0, 50.0, 100.0]),
            (1_234.0, vec![0.0, 500.0, 1_000.0, 1_500.0]),
            (0.0, vec![0.0, 1.0]),
            (f64::NAN, vec![0.0, 1.0]),
        ] {
            assert_eq!(ticks(height), wanted, "{height}");
        }
        for power in 0..300 {
            let height = 7.3 * 10f64.powi(power);
            assert!(ticks(height).last().is_some_and(|last| *last >= height * 0.999), "{height}");
        }
    }
}
