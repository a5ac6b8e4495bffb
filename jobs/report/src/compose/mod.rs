//! How does a dataset become a report? Each report has its own part of the story.

mod activity;
mod cost;
mod days;
mod job;
mod notes;
mod quality;
mod usage;

use crate::dataset::Dataset;
use crate::error::ReportError;
use crate::input::{Colour, Input, Which};
use crate::limits::ReportLimits;
use crate::model::{Figure, Report, Section};
use crate::words::{Locale, clean};

/// The colour of a report that has none of its own.
const COLOUR: Colour = Colour::new(0x0f, 0x5c, 0x6e);

/// What a report says.
#[derive(Default)]
pub struct Story<'a> {
    /// Its key figures.
    pub figures: Vec<Figure>,
    /// What a reader should know first.
    pub lead: String,
    /// Its parts.
    pub sections: Vec<Section<'a>>,
}

/// Makes a report of a dataset.
///
/// # Errors
/// Where the dataset is one of another report, or a price is mistaken.
pub fn compose<'a>(
    input: &Input,
    data: &'a Dataset,
    limits: &ReportLimits,
) -> Result<Report<'a>, ReportError> {
    let locale = input.locale.unwrap_or(limits.locale);
    if let Some(prices) = &data.prices {
        let earlier = data.before.as_ref().and_then(|before| before.usage.as_ref());
        data.usage.iter().chain(earlier).try_for_each(|usage| cost::check(usage, prices))?;
    }
    let story = match &input.report {
        Which::Usage => usage::usage(data, locale).ok_or(ReportError::Dataset("usage"))?,
        Which::Activity => activity::activity(data, locale).ok_or(ReportError::Dataset("activity"))?,
        Which::Quality => quality::quality(data, locale).ok_or(ReportError::Dataset("quality"))?,
        Which::Template(_) => all(data, locale),
    };
    Ok(Report {
        name: input.report.name(),
        locale,
        title: title(&input.report, locale).to_owned(),
        owner: clean(input.branding.name.as_deref().unwrap_or(&data.tenant)),
        tenant: &data.tenant,
        period: data.period,
        timezone: data.timezone,
        data_until: data.data_until,
        colour: input.branding.color.unwrap_or(COLOUR).readable(),
        figures: story.figures,
        lead: story.lead,
        sections: story.sections,
        notes: notes::notes(data, locale),
        currency: data.prices.as_ref().map_or("", |prices| prices.currency.as_str()),
    })
}

fn title(which: &Which, locale: Locale) -> &'static str {
    match which {
        Which::Usage => locale.say("Relatório de uso", "Usage report"),
        Which::Activity => locale.say("Relatório de atividade", "Activity report"),
        Which::Quality => locale.say("Relatório de qualidade", "Quality report"),
        Which::Template(_) => locale.say("Relatório", "Report"),
    }
}

/// What a template is given: all reports of which there are data.
fn all(data: &Dataset, locale: Locale) -> Story<'_> {
    let mut all = Story::default();
    let parts =
        [usage::usage(data, locale), activity::activity(data, locale), quality::quality(data, locale)];
    for part in parts.into_iter().flatten() {
        all.figures.extend(part.figures);
        all.sections.extend(part.sections);
        if all.lead.is_empty() {
            all.lead = part.lead;
        }
    }
    all
}
