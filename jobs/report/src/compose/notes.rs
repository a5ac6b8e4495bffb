//! What has to be known of the data: when they end, what was missing or late.

use crate::dataset::{Dataset, Note};
use crate::words::{Locale, clean, shortened};

/// The notes of a report, the first about when its data end.
pub fn notes(data: &Dataset, locale: Locale) -> Vec<String> {
    let until = locale.moment(data.data_until, data.timezone);
    let mut notes = vec![match locale {
        Locale::PtBr => {
            format!("Os dados vão até {until}; dias e horas são do fuso {}.", data.timezone)
        }
        Locale::EnUs => {
            format!("The data end at {until}; days and times are those of the time zone {}.", data.timezone)
        }
    }];
    if data.notes.is_empty() {
        let nothing = locale.say("Nada faltou nem chegou atrasado.", "Nothing was missing or late.");
        notes.push(nothing.to_owned());
    }
    notes.extend(data.notes.iter().map(|note| told(note, data, locale)));
    if let Some(before) = &data.before {
        let span = locale.span(&before.period);
        notes.push(match locale {
            Locale::PtBr => format!("As variações comparam com {span}."),
            Locale::EnUs => format!("Changes are against {span}."),
        });
    }
    notes
}

fn told(note: &Note, data: &Dataset, locale: Locale) -> String {
    match note {
        Note::PeriodOpen => locale
            .say(
                "O período ainda não terminou: relatórios posteriores terão mais dados.",
                "The period is not over yet: later reports will have more of it.",
            )
            .to_owned(),
        Note::Unfinished { jobs, since } => {
            let since = locale.moment(*since, data.timezone);
            let jobs = locale.count(
                *jobs,
                [
                    "trabalho enviado até o fim do período ainda não terminou",
                    "trabalhos enviados até o fim do período ainda não terminaram",
                ],
                [
                    "job submitted by the end of the period is not over yet",
                    "jobs submitted by the end of the period are not over yet",
                ],
            );
            match locale {
                Locale::PtBr => format!("{jobs}; o mais antigo é de {since}. Contam quando terminarem."),
                Locale::EnUs => format!("{jobs}; the oldest is of {since}. They count once they end."),
            }
        }
        Note::Pruned { before } => {
            let before = locale.moment(*before, data.timezone);
            match locale {
                Locale::PtBr => format!(
                    "Trabalhos que terminaram antes de {before} já foram apagados pela retenção: contam nas somas por dia, mas não nas listas, causas, esperas e medidas de qualidade."
                ),
                Locale::EnUs => format!(
                    "Jobs that ended before {before} are pruned by the retention: sums by day have them, but lists, causes, waiting times and measures of quality have not."
                ),
            }
        }
        Note::Before { note } => match (note.as_ref(), locale) {
            (Note::Pruned { before }, _) => {
                let before = locale.moment(*before, data.timezone);
                match locale {
                    Locale::PtBr => format!(
                        "Do período anterior, os trabalhos que terminaram antes de {before} já foram apagados pela retenção: atividade e qualidade ficam sem comparação."
                    ),
                    Locale::EnUs => format!(
                        "Of the period before, jobs that ended before {before} are pruned by the retention: activity and quality are not compared."
                    ),
                }
            }
            (note, Locale::PtBr) => format!("Do período anterior: {}", told(note, data, locale)),
            (note, Locale::EnUs) => format!("Of the period before: {}", told(note, data, locale)),
        },
        Note::Shortened { list, rows } => {
            let (list, rows) = (list_name(list, locale), locale.integer(*rows));
            match locale {
                Locale::PtBr => format!("A lista “{list}” tem {rows} linhas; o relatório traz as primeiras."),
                Locale::EnUs => {
                    format!("The list “{list}” has {rows} rows; the report has the first of them.")
                }
            }
        }
        Note::UtcDays => locale
            .say(
                "Valores de mais de 35 dias atrás são guardados por dia em UTC e contam no dia local em que cai o meio-dia UTC.",
                "Amounts of more than 35 days ago are kept by days of UTC, and count for the local day that has noon of UTC.",
            )
            .to_owned(),
    }
}

/// What a list of the dataset is called; one that is not known here has the name that it has there.
fn list_name(list: &str, locale: Locale) -> String {
    match list {
        "made" => locale.say("O que foi feito", "What was made").to_owned(),
        "failures" => locale.say("Falhas", "Failures").to_owned(),
        "documents" => locale.say("Documentos", "Documents").to_owned(),
        "video_warnings" => locale.say("Avisos em vídeos", "Warnings about videos").to_owned(),
        "transcripts" => locale.say("Transcrições", "Transcripts").to_owned(),
        other => shortened(&clean(other), 40),
    }
}
