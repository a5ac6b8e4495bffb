//! The page as a whole.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{chart, escaped, table};
use crate::limits::ReportLimits;
use crate::model::{Figure, Report, Section};
use crate::render::Made;
use crate::write::Logo;
use crate::write::change::change;

/// Writes the page.
pub fn html(report: &Report<'_>, logo: Option<&Logo<'_>>, limits: &ReportLimits) -> Made {
    let title = escaped(&report.title);
    let owner = escaped(&report.owner);
    let span = escaped(&report.locale.span(&report.period));
    let until = escaped(&report.locale.moment(report.data_until, report.timezone));
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'; \
         base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{title} – {owner} – {span}</title>\n<style>\n:root{{--accent:{};}}\n{}</style>\n</head>\n<body>\n<header>\n",
        report.locale.tag(),
        report.colour,
        include_str!("page.css"),
    );
    if let Some(logo) = logo {
        let data = STANDARD.encode(logo.bytes);
        out.push_str(&format!(
            "<img class=\"logo\" src=\"data:{};base64,{data}\" alt=\"{owner}\">\n",
            logo.media_type
        ));
    }
    let until_words = report.locale.say("Dados até", "Data until");
    out.push_str(&format!(
        "<p class=\"owner\">{owner}</p>\n<h1>{title}</h1>\n<p class=\"span\">{span}<span> · {until_words} {until}</span></p>\n\
         </header>\n<main>\n<dl class=\"figures\">\n"
    ));
    report.figures.iter().for_each(|figure| out.push_str(&card(figure, report)));
    out.push_str(&format!("</dl>\n<p class=\"lead\">{}</p>\n", escaped(&report.lead)));
    for section in &report.sections {
        out.push_str(&part(section, report, limits));
    }
    out.push_str(&format!(
        "<section class=\"notes\">\n<h2>{}</h2>\n<ul>\n",
        report.locale.say("Sobre os dados", "About the data")
    ));
    report.notes.iter().for_each(|note| out.push_str(&format!("<li>{}</li>\n", escaped(note))));
    out.push_str("</ul>\n</section>\n</main>\n</body>\n</html>\n");
    Made {
        name: "report.html",
        media_type: "text/html; charset=utf-8",
        bytes: out.into_bytes(),
        warning: None,
    }
}

fn card(figure: &Figure, report: &Report<'_>) -> String {
    let value = match report.shown(&figure.value) {
        shown if shown.is_empty() => "–".to_owned(),
        shown => shown,
    };
    let change = change(figure, report.locale).map_or_else(String::new, |change| {
        format!("<dd class=\"change {}\">{}</dd>", change.tone, escaped(&change.text))
    });
    format!(
        "<div><dt>{}</dt><dd class=\"value\">{}</dd>{change}</div>\n",
        escaped(&figure.label),
        escaped(&value)
    )
}

fn part(section: &Section<'_>, report: &Report<'_>, limits: &ReportLimits) -> String {
    let table = section.table.as_ref().filter(|table| table.shown);
    if table.is_none() && section.charts.is_empty() {
        return String::new();
    }
    let mut out = format!("<section>\n<h2>{}</h2>\n", escaped(&section.heading));
    if !section.lead.is_empty() {
        out.push_str(&format!("<p>{}</p>\n", escaped(&section.lead)));
    }
    section.charts.iter().for_each(|one| out.push_str(&chart::chart(one, report)));
    if let Some(table) = table {
        out.push_str(&table::table(table, report, limits));
    }
    out.push_str("</section>\n");
    out
}
