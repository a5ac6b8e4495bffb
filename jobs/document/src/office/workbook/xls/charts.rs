//! What does a chart on a sheet of an XLS say? Its title, and the values that it keeps of its series.

use std::collections::{BTreeMap, BTreeSet};

use super::super::super::super::model::{Block, BlockKind};
use super::super::super::compound::Bytes;
use super::super::super::grid;
use super::super::super::lines::plain;
use super::super::super::sheet::decimal::general;
use super::records::{Record, short_text};

/// Values that are kept of a chart.
const MOST_VALUES: usize = 50_000;
/// Places of the table of a chart, those without a value too.
const MOST_PLACES: usize = 500_000;

/// A chart while its records come.
#[derive(Debug, Default)]
pub struct Chart {
    kind: Option<&'static str>,
    title: String,
    names: Vec<String>,
    /// The text that was told last, for the object that is told next.
    text: String,
    is_in_series: bool,
    /// What the values that come are: 1 those of the series, 2 their categories.
    what: u16,
    values: BTreeMap<(u16, u16), (String, Option<f64>)>,
    categories: BTreeMap<u16, String>,
}

impl Chart {
    /// The next record.
    pub fn record(&mut self, record: &Record<'_>) {
        let data = record.data();
        match record.kind {
            0x1017 => self.is("Bar chart"),
            0x1018 => self.is("Line chart"),
            0x1019 => self.is("Pie chart"),
            0x101a => self.is("Area chart"),
            0x101b => self.is("Scatter chart"),
            0x103e => self.is("Radar chart"),
            0x103f => self.is("Surface chart"),
            0x1003 => {
                self.is_in_series = true;
                self.names.push(String::new());
            }
            0x1025 => {
                self.is_in_series = false;
                self.text.clear();
            }
            0x100d => {
                let text = short_text(data, 2, 1, None).unwrap_or_default();
                match self.names.last_mut().filter(|name| self.is_in_series && name.is_empty()) {
                    Some(name) => *name = text,
                    None => self.text = text,
                }
            }
            // What the text before belongs to: 1 is the chart itself.
            0x1027 if data.u16_at(0) == Some(1) => self.title = std::mem::take(&mut self.text),
            0x1065 => self.what = data.u16_at(0).unwrap_or_default(),
            0x0203 => {
                let value = data.f64_at(6).filter(|it| it.is_finite());
                self.value(data, value.map(|it| (general(it), Some(it))));
            }
            0x0204 => self.value(data, short_text(data, 6, 2, None).map(|it| (it, None))),
            _ => {}
        }
    }

    fn is(&mut self, kind: &'static str) {
        self.kind = self.kind.or(Some(kind));
    }

    fn value(&mut self, data: &[u8], value: Option<(String, Option<f64>)>) {
        let (Some(row), Some(column), Some(value)) = (data.u16_at(0), data.u16_at(2), value) else { return };
        match self.what {
            1 if self.values.len() < MOST_VALUES => {
                self.values.insert((row, column), value);
            }
            2 => {
                self.categories.entry(row).or_insert(value.0);
            }
            _ => {}
        }
    }

    /// The blocks of the chart.
    pub fn blocks(self) -> Vec<Block> {
        let mut blocks = vec![
            plain(BlockKind::Paragraph, &self.title),
            plain(BlockKind::Figure, self.kind.unwrap_or("Chart")),
        ];
        blocks.retain(|it| !it.text.is_empty());
        let columns =
            self.values.keys().map(|(_, column)| column.saturating_add(1)).max().unwrap_or_default();
        let all_rows = self.values.keys().map(|(row, _)| row).collect::<BTreeSet<_>>().len();
        if all_rows == 0 || usize::from(columns) * all_rows > MOST_PLACES {
            return blocks;
        }
        let mut rows: BTreeMap<u16, Vec<(String, Option<f64>)>> = BTreeMap::new();
        for ((row, column), value) in self.values {
            let cells = rows.entry(row).or_default();
            cells.resize(usize::from(column), (String::new(), None));
            cells.push(value);
        }
        let names = (0..columns).map(|place| self.names.get(usize::from(place)).cloned().unwrap_or_default());
        let head = std::iter::once(String::new()).chain(names).map(|name| (name, None));
        let mut table = vec![head.collect::<Vec<_>>()];
        for (row, cells) in rows {
            let category = self.categories.get(&row).cloned().unwrap_or_default();
            table.push(std::iter::once((category, None)).chain(cells).collect());
        }
        blocks.push(grid::of_rows(table));
        blocks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_far_from_each_other_are_no_table() {
        let mut chart = Chart { title: "Vendas".to_owned(), ..Chart::default() };
        chart.values.extend((0..3_000).map(|row| ((row, u16::MAX), ("1".to_owned(), Some(1.0)))));
        let texts: Vec<_> = chart.blocks().into_iter().map(|block| block.text).collect();
        assert_eq!(texts, ["Vendas", "Chart"]);
    }
}
