//! What does a chart say (ChartML)? Its title, and its series as a table.

use std::collections::BTreeMap;

use super::super::super::model::{Block, BlockKind};
use super::super::grid;
use super::super::lines::plain;
use super::super::sheet::format::Format;
use super::super::xml::Element;

/// Points of a series that are shown.
const MOST_POINTS: usize = 10_000;

/// A series: its name, and its categories and values by their places.
#[derive(Default)]
struct Series {
    name: String,
    categories: BTreeMap<u32, String>,
    values: BTreeMap<u32, (String, Option<f64>)>,
}

/// The blocks of `c:chartSpace`.
pub fn blocks(root: &Element) -> Vec<Block> {
    let Some(chart) = root.child("chart") else { return Vec::new() };
    let mut blocks = Vec::new();
    let title = chart.child("title").map(title).unwrap_or_default();
    if !title.is_empty() {
        blocks.push(plain(BlockKind::Paragraph, &title));
    }
    let plots: Vec<_> = chart
        .child("plotArea")
        .into_iter()
        .flat_map(Element::elements)
        .filter(|it| it.name.ends_with("Chart"))
        .collect();
    let kind = plots.first().map_or("Chart", |it| kind(&it.name));
    blocks.push(plain(BlockKind::Figure, kind));
    let series = plots.iter().flat_map(|plot| plot.elements()).filter(|it| &*it.name == "ser").map(series);
    blocks.extend(table(&series.collect::<Vec<_>>()));
    blocks
}

/// What a chart is called, so that its picture has a text.
fn kind(name: &str) -> &'static str {
    match name {
        "barChart" | "bar3DChart" => "Bar chart",
        "lineChart" | "line3DChart" => "Line chart",
        "pieChart" | "pie3DChart" | "ofPieChart" => "Pie chart",
        "doughnutChart" => "Doughnut chart",
        "areaChart" | "area3DChart" => "Area chart",
        "scatterChart" => "Scatter chart",
        "bubbleChart" => "Bubble chart",
        "radarChart" => "Radar chart",
        "stockChart" => "Stock chart",
        "surfaceChart" | "surface3DChart" => "Surface chart",
        _ => "Chart",
    }
}

fn title(title: &Element) -> String {
    let Some(text) = title.child("tx") else { return String::new() };
    if let Some(rich) = text.child("rich") {
        let lines = rich.elements().filter(|it| &*it.name == "p").map(|it| {
            let mut line = String::new();
            add_texts(it, &mut line);
            line
        });
        return lines.collect::<Vec<_>>().join(" ").trim().to_owned();
    }
    points(text).into_values().map(|(text, _)| text).collect::<Vec<_>>().join(" ")
}

fn add_texts(element: &Element, line: &mut String) {
    for inner in element.elements() {
        match &*inner.name {
            "t" => line.push_str(&inner.text()),
            "br" => line.push(' '),
            _ => add_texts(inner, line),
        }
    }
}

fn series(element: &Element) -> Series {
    let all =
        |names: [&str; 2]| names.iter().find_map(|name| element.child(name)).map(points).unwrap_or_default();
    let name = element.child("tx").map(points).unwrap_or_default();
    Series {
        name: name.into_values().map(|(text, _)| text).collect::<Vec<_>>().join(" "),
        categories: all(["cat", "xVal"]).into_iter().map(|(place, (text, _))| (place, text)).collect(),
        values: all(["val", "yVal"]),
    }
}

/// The points that are kept in the caches of `holder`; of categories on several levels, all of them joined.
fn points(holder: &Element) -> BTreeMap<u32, (String, Option<f64>)> {
    let mut found = BTreeMap::new();
    if let Some(value) = holder.child("v") {
        found.insert(0, (value.text(), None));
    }
    let Some(cache) = ["strCache", "numCache", "strLit", "numLit", "multiLvlStrCache"]
        .iter()
        .find_map(|name| holder.find(name))
    else {
        return found;
    };
    let format = cache.child("formatCode").map(|it| Format::of(&it.text())).unwrap_or_default();
    let is_number = cache.name.starts_with("num");
    let mut levels: Vec<&Element> = cache.elements().filter(|it| &*it.name == "lvl").collect();
    levels.reverse();
    if levels.is_empty() {
        levels.push(cache);
    }
    for point in
        levels.iter().flat_map(|level| level.elements()).filter(|it| &*it.name == "pt").take(MOST_POINTS)
    {
        let Some(place) = point.number("idx") else { continue };
        let text = point.child("v").map(Element::text).unwrap_or_default();
        let value = text.trim().parse::<f64>().ok().filter(|it| is_number && it.is_finite());
        let text = value.map_or(text, |value| format.shown(value, false));
        let entry: &mut (String, Option<f64>) = found.entry(place).or_insert_with(|| (String::new(), value));
        if !entry.0.is_empty() {
            entry.0.push(' ');
        }
        entry.0.push_str(&text);
    }
    found
}

/// A row a category, a column a series.
fn table(series: &[Series]) -> Option<Block> {
    let categories = series.iter().map(|it| &it.categories).find(|it| !it.is_empty());
    let places: std::collections::BTreeSet<u32> =
        series.iter().flat_map(|it| it.values.keys()).copied().take(MOST_POINTS).collect();
    if places.is_empty() {
        return None;
    }
    let head = std::iter::once((String::new(), None)).chain(series.iter().map(|it| (it.name.clone(), None)));
    let mut rows = vec![head.collect::<Vec<_>>()];
    for place in places {
        let category = categories.and_then(|it| it.get(&place)).cloned().unwrap_or_default();
        let values = series.iter().map(|it| it.values.get(&place).cloned().unwrap_or_default());
        rows.push(std::iter::once((category, None)).chain(values).collect());
        // A hostile chart may have as many series as points.
        if rows.len().saturating_mul(series.len()) > MOST_POINTS * 10 {
            break;
        }
    }
    Some(grid::of_rows(rows))
}

#[cfg(test)]
mod tests {
    use super::super::super::super::limits::DocumentLimits;
    use super::super::super::xml::{Rules, Xml};
    use super::*;

    #[test]
    fn a_chart_is_its_title_and_its_series_as_a_table() {
        let text = "<chartSpace><chart><title><tx><rich><p><r><t>Patos</t></r></p></rich></tx></title><plotArea>\
            <barChart><ser><tx><strRef><strCache><pt idx='0'><v>Doce</v></pt></strCache></strRef></tx>\
            <cat><strRef><strCache><pt idx='0'><v>2019</v></pt><pt idx='1'><v>2020</v></pt></strCache></strRef></cat>\
            <val><numRef><numCache><formatCode>General</formatCode><pt idx='1'><v>3.5</v></pt></numCache></numRef></val>\
            </ser></barChart></plotArea></chart></chartSpace>";
        let (root, _) = Xml::new(text, Rules::Strict, &DocumentLimits::default()).tree();
        let texts = blocks(&root).into_iter().map(|it| it.text).collect::<Vec<_>>();
        assert_eq!(texts, ["Patos", "Bar chart", "\tDoce\n2020\t3.5"]);
    }
}
