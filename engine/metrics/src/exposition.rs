//! In which form is it told? OpenMetrics to whoever asks for it, with exemplars; else the text that all understand.

use prometheus_client::encoding::{prometheus_text, text};

use crate::meter::Meter;
use crate::store::StoreMeter;

/// The version of OpenMetrics that is written here.
const OPEN_METRICS_VERSION: &str = "1.0.0";

/// A form of the same numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Prometheus' own text, version 0.0.4, without exemplars.
    Classic,
    /// OpenMetrics 1.0.
    OpenMetrics,
}

impl Format {
    /// What a client takes, by its `Accept`: OpenMetrics where it likes that no less than the other.
    #[must_use]
    pub fn accepted(accept: Option<&str>) -> Self {
        let ranges = accept.unwrap_or_default().split(',').map(Range::of);
        let (mut open, mut classic) = (0.0_f32, 0.0_f32);
        for Range { media, version, weight } in ranges {
            match media {
                "application/openmetrics-text" if version.is_none_or(|is| is == OPEN_METRICS_VERSION) => {
                    open = open.max(weight);
                }
                "text/plain" | "text/*" | "*/*" => classic = classic.max(weight),
                _ => {}
            }
        }
        if open > 0.0 && open >= classic { Self::OpenMetrics } else { Self::Classic }
    }

    /// Its `Content-Type`.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Classic => prometheus_text::CONTENT_TYPE,
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// A part of `Accept`.
struct Range<'a> {
    media: &'a str,
    version: Option<&'a str>,
    weight: f32,
}

impl<'a> Range<'a> {
    fn of(text: &'a str) -> Self {
        let mut parts = text.split(';').map(str::trim);
        let mut range = Self { media: parts.next().unwrap_or_default(), version: None, weight: 1.0 };
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            match name.trim() {
                "version" => range.version = Some(value.trim().trim_matches('"')),
                // What is no number weighs nothing.
                "q" => range.weight = value.trim().parse().unwrap_or(0.0),
                _ => {}
            }
        }
        range
    }
}

/// Everything that this process has to tell.
#[derive(Debug, Clone)]
pub struct Scrape {
    /// What it counts.
    pub meter: Meter,
    /// Its calls of the object store.
    pub store: StoreMeter,
}

impl Scrape {
    /// The numbers of this moment.
    #[must_use]
    pub fn write(&self, format: Format) -> String {
        let registry = self.meter.registry(&self.store);
        let mut text = String::new();
        let written = match format {
            Format::Classic => prometheus_text::encode(&mut text, &registry),
            Format::OpenMetrics => text::encode(&mut text, &registry),
        };
        // A String takes whatever is written into it, so a fault is one of a metric: the rest is of no use without it.
        if written.is_err() {
            tracing::error!("the metrics cannot be written");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_gets_what_it_likes_best() {
        let prometheus = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
                          text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        for (accept, format) in [
            (None, Format::Classic),
            (Some("*/*"), Format::Classic),
            (Some("text/plain;version=0.0.4"), Format::Classic),
            (Some(prometheus), Format::OpenMetrics),
            (Some("application/openmetrics-text"), Format::OpenMetrics),
            (Some("application/openmetrics-text; version=0.0.1"), Format::Classic),
            (Some("application/openmetrics-text;q=0.1, text/plain"), Format::Classic),
            (Some("application/openmetrics-text;q=x"), Format::Classic),
        ] {
            assert_eq!(Format::accepted(accept), format, "{accept:?}");
        }
    }
}
