//! How sure are the results, and which of them should somebody look at?

use super::activity::{at_least, shortened_list};
use super::{Story, job};
use crate::dataset::{Dataset, Quality, ReadDocument, Transcript};
use crate::model::{Bar, Cell, Chart, Column, Figure, Form, Place, Section, Table};
use crate::words::{Locale, clean, shortened};

/// Below this confidence a reader had better look at the result.
const DOUBTFUL: f64 = 0.8;

/// Characters of a message, and ranges of pages, that are shown.
const MESSAGE: usize = 180;
const RANGES: usize = 12;

/// The report; nothing where the dataset has no quality.
pub fn quality(data: &Dataset, locale: Locale) -> Option<Story<'_>> {
    let quality = data.quality.as_ref()?;
    let before = data.before.as_ref().and_then(|before| before.quality.as_ref());
    let sections = vec![
        documents(quality, data, locale),
        transcripts(quality, data, locale),
        videos(quality, data, locale),
    ];
    Some(Story { figures: figures(quality, before, locale), lead: lead(quality, locale), sections })
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn doubtful(quality: &Quality) -> i64 {
    let of_documents = quality.documents.iter().filter_map(|document| document.confidence);
    let of_transcripts = quality.transcripts.iter().filter_map(|transcript| transcript.confidence);
    count(of_documents.chain(of_transcripts).filter(|confidence| *confidence < DOUBTFUL).count())
}

fn empty_pages(quality: &Quality) -> i64 {
    let of = |document: &ReadDocument| at_least(document.empty, document.empty_pages.len());
    quality.documents.iter().map(of).fold(0, i64::saturating_add)
}

/// All that there were: lists may be cut.
fn documents_read(quality: &Quality) -> i64 {
    at_least(quality.totals.documents, quality.documents.len())
}

fn transcripts_made(quality: &Quality) -> i64 {
    at_least(quality.totals.transcripts, quality.transcripts.len())
}

fn video_warnings(quality: &Quality) -> i64 {
    at_least(quality.totals.video_warnings, quality.video_warnings.len())
}

fn lead(quality: &Quality, locale: Locale) -> String {
    let results = [documents_read(quality), transcripts_made(quality), quality.videos];
    let results = results.into_iter().fold(0, i64::saturating_add);
    if results == 0 {
        return locale
            .say("Nada a avaliar no período.", "There was nothing to judge in the period.")
            .to_owned();
    }
    let results = locale.count(results, ["resultado", "resultados"], ["result", "results"]);
    let doubtful = doubtful(quality);
    let warnings = video_warnings(quality);
    let empty = empty_pages(quality);
    if doubtful + warnings + empty == 0 {
        return match locale {
            Locale::PtBr => format!("{results}, todos sem ressalvas."),
            Locale::EnUs => format!("{results}, all without a reservation."),
        };
    }
    let low = locale.say("80\u{a0}%", "80%");
    let doubtful = locale.integer(doubtful);
    let warnings = locale.count(warnings, ["aviso", "avisos"], ["warning", "warnings"]);
    let empty = locale.count(empty, ["página não deu", "páginas não deram"], ["page gave", "pages gave"]);
    match locale {
        Locale::PtBr => {
            format!(
                "{results}: {doubtful} com confiança abaixo de {low}, {warnings} em vídeos, e {empty} texto algum."
            )
        }
        Locale::EnUs => {
            format!(
                "{results}: {doubtful} with a confidence below {low}, {warnings} about videos, and {empty} no text."
            )
        }
    }
}

/// The mean of those that are known, each as heavy as its weight.
fn mean(parts: impl Iterator<Item = (Option<f64>, f64)>) -> Cell<'static> {
    let (sum, weights) = parts
        .filter_map(|(value, weight)| Some((value?, weight)))
        .fold((0.0, 0.0), |(sum, weights), (value, weight)| (sum + value * weight, weights + weight));
    if weights > 0.0 { Cell::Percent(sum / weights) } else { Cell::Nothing }
}

fn figures(quality: &Quality, before: Option<&Quality>, locale: Locale) -> Vec<Figure> {
    let figure = |name,
                  [portuguese, english]: [&str; 2],
                  of: &dyn Fn(&Quality) -> Cell<'static>,
                  more_is_good| Figure {
        name,
        label: locale.say(portuguese, english).to_owned(),
        value: of(quality),
        before: before.map(of),
        more_is_good,
    };
    vec![
        figure(
            "document_confidence",
            ["Confiança da leitura", "Confidence of reading"],
            &|quality| {
                let parts = quality.documents.iter();
                mean(parts.map(|document| (document.confidence, document.ocr_pages.max(1) as f64)))
            },
            Some(true),
        ),
        figure(
            "transcript_confidence",
            ["Confiança das transcrições", "Confidence of transcripts"],
            &|quality| {
                let parts = quality.transcripts.iter();
                mean(parts.map(|transcript| (transcript.confidence, transcript.seconds.max(1.0))))
            },
            Some(true),
        ),
        figure(
            "doubtful",
            ["A conferir", "To be looked at"],
            &|quality| Cell::Count(doubtful(quality)),
            Some(false),
        ),
        figure(
            "empty_pages",
            ["Páginas sem texto", "Pages without text"],
            &|quality| Cell::Count(empty_pages(quality)),
            Some(false),
        ),
        figure(
            "documents",
            ["Documentos", "Documents"],
            &|quality| Cell::Count(documents_read(quality)),
            Some(true),
        ),
        figure(
            "transcripts",
            ["Transcrições", "Transcripts"],
            &|quality| Cell::Count(transcripts_made(quality)),
            Some(true),
        ),
        figure("videos", ["Vídeos", "Videos"], &|quality| Cell::Count(quality.videos), Some(true)),
        figure(
            "video_warnings",
            ["Avisos em vídeos", "Warnings about videos"],
            &|quality| Cell::Count(video_warnings(quality)),
            Some(false),
        ),
    ]
}

fn column(name: &'static str, heading: &str, form: Form, place: Place) -> Column {
    Column { name, heading: heading.to_owned(), form, place }
}

/// How many results there are in each range of confidence.
fn ranges(values: impl Iterator<Item = Option<f64>>, title: &str, locale: Locale) -> Vec<Chart> {
    const FLOORS: [(f64, &str); 5] =
        [(0.95, "95–100 %"), (0.9, "90–95 %"), (0.8, "80–90 %"), (0.6, "60–80 %"), (0.0, "0–60 %")];
    let mut counts = [0i64; 5];
    for value in values.flatten() {
        let at = FLOORS.iter().position(|(floor, _)| value >= *floor).unwrap_or(FLOORS.len() - 1);
        if let Some(count) = counts.get_mut(at) {
            *count += 1;
        }
    }
    if counts.iter().sum::<i64>() < 2 {
        return Vec::new();
    }
    let bars = FLOORS.iter().zip(counts).map(|((_, label), count)| Bar {
        label: locale.say(label, &label.replace(" %", "%")).to_owned(),
        value: count as f64,
        text: locale.integer(count),
    });
    vec![Chart::Bars { title: title.to_owned(), bars: bars.collect() }]
}

/// The order in which a reader wants them: what is least sure first, what did not say last.
fn by_doubt<T>(all: &[T], confidence: impl Fn(&T) -> Option<f64>) -> Vec<&T> {
    let mut sorted: Vec<&T> = all.iter().collect();
    sorted.sort_by(|one, two| {
        confidence(one).unwrap_or(f64::INFINITY).total_cmp(&confidence(two).unwrap_or(f64::INFINITY))
    });
    sorted
}

fn documents<'a>(quality: &'a Quality, data: &'a Dataset, locale: Locale) -> Section<'a> {
    let documents = by_doubt(&quality.documents, |document: &ReadDocument| document.confidence);
    let confidences = quality.documents.iter().map(|document| document.confidence);
    let title = locale.say("Documentos por confiança da leitura", "Documents by confidence of reading");
    Section {
        heading: locale.say("Documentos", "Documents").to_owned(),
        lead: locale
            .say(
                "Confiança é a da leitura de páginas digitalizadas; páginas com texto próprio não precisam dela.",
                "Confidence is that of reading scanned pages; pages with text of their own need none.",
            )
            .to_owned(),
        charts: ranges(confidences, title, locale),
        table: Some(Table {
            name: "documents",
            title: locale.say("Documentos", "Documents").to_owned(),
            columns: vec![
                column("name", locale.say("Documento", "Document"), Form::Text, Place::Wide(1.0)),
                column("empty_pages", locale.say("Páginas sem texto", "Pages without text"), Form::Text, Place::Under),
                column("at", locale.say("Quando", "When"), Form::Moment, Place::Own),
                column("pages", locale.say("Páginas", "Pages"), Form::Count, Place::Own),
                column("ocr_pages", locale.say("Digitalizadas", "Scanned"), Form::Count, Place::Own),
                column("confidence", locale.say("Confiança", "Confidence"), Form::Percent, Place::Own),
                column("job", locale.say("Trabalho", "Job"), Form::Code, Place::Hidden),
            ],
            rows: documents.len(),
            row: Box::new(move |at| {
                let Some(document) = documents.get(at) else { return Vec::new() };
                vec![
                    job::named(data, &document.job, &document.name, "document.md"),
                    pages_without_text(&document.empty_pages, document.empty, locale),
                    Cell::Moment(document.at),
                    Cell::Count(document.pages),
                    Cell::Count(document.ocr_pages),
                    document.confidence.map_or(Cell::Nothing, Cell::Percent),
                    Cell::Code(document.job.as_str().into()),
                ]
            }),
            total: None,
            empty: locale.say("Nenhum documento foi lido.", "No document was read.").to_owned(),
            main: true,
            shown: true,
            of: shortened_list(data, "documents"),
        }),
    }
}

fn pages_without_text(pages: &[u32], all: i64, locale: Locale) -> Cell<'static> {
    // Pages that follow one another are told as one range.
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for page in pages {
        match ranges.last_mut().filter(|(_, last)| last.checked_add(1) == Some(*page)) {
            Some((_, last)) => *last = *page,
            None => ranges.push((*page, *page)),
        }
    }
    if ranges.is_empty() {
        return Cell::Nothing;
    }
    let told = ranges.iter().take(RANGES).map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}–{last}"),
    });
    let told = told.collect::<Vec<_>>().join(", ");
    let is_cut = ranges.len() > RANGES || all > count(pages.len());
    let more = if is_cut { ", …" } else { "" };
    Cell::Text(format!("{}{told}{more}", locale.say("sem texto: p. ", "without text: p. ")).into())
}

fn transcripts<'a>(quality: &'a Quality, data: &'a Dataset, locale: Locale) -> Section<'a> {
    let transcripts = by_doubt(&quality.transcripts, |transcript: &Transcript| transcript.confidence);
    let confidences = quality.transcripts.iter().map(|transcript| transcript.confidence);
    let title = locale.say("Transcrições por confiança", "Transcripts by confidence");
    Section {
        heading: locale.say("Transcrições", "Transcripts").to_owned(),
        lead: String::new(),
        charts: ranges(confidences, title, locale),
        table: Some(Table {
            name: "transcripts",
            title: locale.say("Transcrições", "Transcripts").to_owned(),
            columns: vec![
                column("name", locale.say("Gravação", "Recording"), Form::Text, Place::Wide(1.0)),
                column("at", locale.say("Quando", "When"), Form::Moment, Place::Own),
                column("language", locale.say("Idioma", "Language"), Form::Code, Place::Own),
                column("seconds", locale.say("Duração", "Length"), Form::Seconds, Place::Own),
                column("confidence", locale.say("Confiança", "Confidence"), Form::Percent, Place::Own),
                column("job", locale.say("Trabalho", "Job"), Form::Code, Place::Hidden),
            ],
            rows: transcripts.len(),
            row: Box::new(move |at| {
                let Some(transcript) = transcripts.get(at) else { return Vec::new() };
                vec![
                    job::named(data, &transcript.job, &transcript.name, "transcript.txt"),
                    Cell::Moment(transcript.at),
                    Cell::Code(shortened(&clean(&transcript.language), 20).into()),
                    Cell::Seconds(transcript.seconds),
                    transcript.confidence.map_or(Cell::Nothing, Cell::Percent),
                    Cell::Code(transcript.job.as_str().into()),
                ]
            }),
            total: None,
            empty: locale.say("Nada foi transcrito.", "Nothing was transcribed.").to_owned(),
            main: false,
            shown: true,
            of: shortened_list(data, "transcripts"),
        }),
    }
}

fn videos<'a>(quality: &'a Quality, data: &'a Dataset, locale: Locale) -> Section<'a> {
    Section {
        heading: locale.say("Vídeos com avisos", "Videos with warnings").to_owned(),
        lead: String::new(),
        charts: Vec::new(),
        table: Some(Table {
            name: "video_warnings",
            title: locale.say("Avisos em vídeos", "Video warnings").to_owned(),
            columns: vec![
                column("name", locale.say("Vídeo", "Video"), Form::Text, Place::Wide(1.0)),
                column("at", locale.say("Quando", "When"), Form::Moment, Place::Under),
                column("code", locale.say("Aviso", "Warning"), Form::Code, Place::Wide(0.8)),
                column(
                    "message",
                    locale.say("O que foi visto", "What was seen"),
                    Form::Text,
                    Place::Wide(1.4),
                ),
                column("job", locale.say("Trabalho", "Job"), Form::Code, Place::Hidden),
            ],
            rows: quality.video_warnings.len(),
            row: Box::new(move |at| {
                let Some(warning) = quality.video_warnings.get(at) else { return Vec::new() };
                vec![
                    job::named(data, &warning.job, &warning.name, "video.mp4"),
                    Cell::Moment(warning.at),
                    Cell::Code(shortened(&clean(&warning.code), 80).into()),
                    Cell::Text(shortened(&clean(&warning.message), MESSAGE).into()),
                    Cell::Code(warning.job.as_str().into()),
                ]
            }),
            total: None,
            empty: locale.say("Nenhum vídeo teve aviso.", "No video had a warning.").to_owned(),
            main: false,
            shown: true,
            of: shortened_list(data, "video_warnings"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_that_follow_one_another_are_a_range() {
        let told = |pages: &[u32]| pages_without_text(pages, 0, Locale::EnUs);
        assert_eq!(told(&[]), Cell::Nothing);
        assert_eq!(told(&[2, 3, 4, 9]), Cell::Text("without text: p. 2–4, 9".into()));
        let odd: Vec<u32> = (0..100).map(|page| page * 2).collect();
        assert!(matches!(told(&odd), Cell::Text(text) if text.ends_with(", …")));
        assert_eq!(
            pages_without_text(&[2, 3], 4, Locale::EnUs),
            Cell::Text("without text: p. 2–3, …".into())
        );
    }
}
