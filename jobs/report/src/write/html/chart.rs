//! A chart of the page: SVG, drawn here.

use super::escaped;
use crate::model::{Bar, Chart, Columns, Report, Tone, ticks};
use crate::write::alt::alt;

/// The measures of a drawing, in its own units.
const WIDTH: f64 = 880.0;
const HEIGHT: f64 = 200.0;
const LEFT: f64 = 52.0;
const BELOW: f64 = 24.0;

/// Draws a chart.
pub fn chart(chart: &Chart, report: &Report<'_>) -> String {
    let alt = escaped(&alt(chart, report));
    match chart {
        Chart::Columns(columns) => stacked(columns, &alt, report),
        Chart::Bars { title, bars } => side_by_side(title, bars, &alt),
    }
}

fn colour(tone: Tone) -> &'static str {
    match tone {
        Tone::Accent => "var(--accent)",
        Tone::Warn => "#d97706",
        Tone::Quiet => "#9ca3af",
    }
}

fn stacked(columns: &Columns, alt: &str, report: &Report<'_>) -> String {
    let ticks = ticks(columns.height());
    let top = ticks.last().copied().unwrap_or(1.0);
    let mut out = format!(
        "<figure><figcaption>{}</figcaption>\n<svg role=\"img\" aria-label=\"{alt}\" viewBox=\"0 0 {WIDTH} {}\">\n",
        escaped(&columns.title),
        HEIGHT + BELOW + 8.0,
    );
    for tick in &ticks {
        let y = 8.0 + HEIGHT * (1.0 - tick / top);
        out.push_str(&format!(
            "<line x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#e5e7eb\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" font-size=\"12\" fill=\"#6b7280\">{}</text>\n",
            LEFT - 8.0,
            y + 4.0,
            report.locale.decimal(*tick, 0),
        ));
    }
    let step = (WIDTH - LEFT) / columns.labels.len().max(1) as f64;
    let width = (step * 0.68).min(48.0);
    let every = columns.labels.len().div_ceil(14).max(1);
    for (at, label) in columns.labels.iter().enumerate() {
        let x = LEFT + step * at as f64 + (step - width) / 2.0;
        let mut y = 8.0 + HEIGHT;
        for series in &columns.series {
            let height = HEIGHT * series.values.get(at).copied().unwrap_or_default() / top;
            if height > 0.0 {
                y -= height;
                let fill = colour(series.tone);
                out.push_str(&format!(
                    "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{fill}\"/>"
                ));
            }
        }
        if at % every == 0 {
            out.push_str(&format!(
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"12\" fill=\"#6b7280\">{}</text>\n",
                x + width / 2.0,
                HEIGHT + BELOW,
                escaped(label),
            ));
        }
    }
    out.push_str("</svg>\n<ul class=\"legend\">");
    for series in &columns.series {
        out.push_str(&format!(
            "<li><i style=\"background:{}\"></i>{}</li>",
            colour(series.tone),
            escaped(&series.name)
        ));
    }
    out.push_str("</ul></figure>\n");
    out
}

fn side_by_side(title: &str, bars: &[Bar], alt: &str) -> String {
    const ROW: f64 = 26.0;
    const NAMES: f64 = 330.0;
    let longest = bars.iter().map(|bar| bar.value).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    let height = ROW * bars.len() as f64;
    let mut out = format!(
        "<figure><figcaption>{}</figcaption>\n<svg role=\"img\" aria-label=\"{alt}\" viewBox=\"0 0 {WIDTH} {height:.0}\">\n",
        escaped(title),
    );
    for (at, bar) in bars.iter().enumerate() {
        let y = ROW * at as f64;
        let width =
            ((WIDTH - NAMES - 110.0) * bar.value / longest).max(if bar.value > 0.0 { 2.0 } else { 0.0 });
        out.push_str(&format!(
            "<text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\" font-size=\"13\" fill=\"#374151\">{}</text>\
             <rect x=\"{NAMES}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"16\" rx=\"3\" fill=\"var(--accent)\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" font-size=\"13\" fill=\"#374151\">{}</text>\n",
            NAMES - 10.0,
            y + 18.0,
            escaped(&bar.label),
            y + 5.0,
            NAMES + width + 8.0,
            y + 18.0,
            escaped(&bar.text),
        ));
    }
    out.push_str("</svg></figure>\n");
    out
}
