//! What was made, what failed and what is to be done, what took long and what waited?

use super::{Story, days, job};
use crate::dataset::{Activity, Dataset, Note};
use crate::model::{Bar, Cell, Chart, Column, Figure, Form, Place, Section, Table};
use crate::words::{Locale, advice, clean, kind_name, shortened};

/// Characters that are shown of a message.
const MESSAGE: usize = 180;

/// The report; nothing where the dataset has no activity.
pub fn activity(data: &Dataset, locale: Locale) -> Option<Story<'_>> {
    let activity = data.activity.as_ref()?;
    let before = data.before.as_ref().and_then(|before| before.activity.as_ref());
    let trend = Section {
        heading: locale.say("Evolução", "Trend").to_owned(),
        lead: String::new(),
        charts: days::trend(&data.period, activity.days.iter().cloned(), locale),
        table: None,
    };
    let sections = vec![
        trend,
        failures(activity, data, locale),
        slowest(activity, data, locale),
        waiting(activity, locale),
        made(activity, data, locale),
    ];
    Some(Story { figures: figures(activity, before, locale), lead: lead(activity, locale), sections })
}

/// Jobs that succeeded, failed, were cancelled.
fn sums(activity: &Activity) -> [i64; 3] {
    activity.days.iter().fold([0i64; 3], |[succeeded, failed, cancelled], day| {
        [
            succeeded.saturating_add(day.succeeded),
            failed.saturating_add(day.failed),
            cancelled.saturating_add(day.cancelled),
        ]
    })
}

fn lead(activity: &Activity, locale: Locale) -> String {
    let [succeeded, failed, cancelled] = sums(activity);
    if succeeded + failed + cancelled == 0 {
        return locale.say("Nenhum trabalho terminou no período.", "No job ended in the period.").to_owned();
    }
    let made = locale.count(
        succeeded,
        ["trabalho concluído", "trabalhos concluídos"],
        ["job succeeded", "jobs succeeded"],
    );
    let failures = locale.count(failed, ["falhou", "falharam"], ["failed", "failed"]);
    let most = activity.failures.first().map(|failure| shortened(&clean(&failure.code), 60));
    match (locale, failed, most) {
        (Locale::PtBr, 0, _) => format!("{made}; nenhum falhou."),
        (Locale::EnUs, 0, _) => format!("{made}; none failed."),
        (Locale::PtBr, _, Some(code)) => {
            format!("{made}; {failures}. A causa mais frequente foi {code}: veja abaixo o que fazer.")
        }
        (Locale::EnUs, _, Some(code)) => {
            format!("{made}; {failures}. The most frequent cause was {code}: see below what to do.")
        }
        (Locale::PtBr, _, None) => format!("{made}; {failures}."),
        (Locale::EnUs, _, None) => format!("{made}; {failures}."),
    }
}

fn figures(activity: &Activity, before: Option<&Activity>, locale: Locale) -> Vec<Figure> {
    let figure = |name,
                  [portuguese, english]: [&str; 2],
                  of: &dyn Fn(&Activity) -> Cell<'static>,
                  more_is_good| Figure {
        name,
        label: locale.say(portuguese, english).to_owned(),
        value: of(activity),
        before: before.map(of),
        more_is_good,
    };
    let longest = |values: &mut dyn Iterator<Item = f64>| match values.fold(f64::NAN, f64::max) {
        longest if longest.is_nan() => Cell::Nothing,
        longest => Cell::Seconds(longest),
    };
    vec![
        figure(
            "succeeded",
            ["Concluídos", "Succeeded"],
            &|activity| Cell::Count(sums(activity)[0]),
            Some(true),
        ),
        figure("failed", ["Falharam", "Failed"], &|activity| Cell::Count(sums(activity)[1]), Some(false)),
        figure("cancelled", ["Cancelados", "Cancelled"], &|activity| Cell::Count(sums(activity)[2]), None),
        figure(
            "failure_rate",
            ["Taxa de falha", "Failure rate"],
            &|activity| {
                let [succeeded, failed, cancelled] = sums(activity);
                match succeeded + failed + cancelled {
                    0 => Cell::Nothing,
                    all => Cell::Percent(failed as f64 / all as f64),
                }
            },
            Some(false),
        ),
        figure(
            "causes",
            ["Causas de falha", "Causes of failure"],
            &|activity| Cell::Count(at_least(activity.causes, activity.failures.len())),
            Some(false),
        ),
        figure(
            "slowest_seconds",
            ["Mais demorado", "Slowest job"],
            &|activity| longest(&mut activity.slowest.iter().map(|job| job.seconds)),
            None,
        ),
        figure(
            "own_work_p95",
            ["Espera pela fila própria, p95", "Wait behind own work, p95"],
            &|activity| longest(&mut activity.waiting.iter().map(|kind| kind.own_work_p95)),
            Some(false),
        ),
        figure(
            "slot_p95",
            ["Espera por vaga, p95", "Wait for a slot, p95"],
            &|activity| longest(&mut activity.waiting.iter().map(|kind| kind.slot_p95)),
            Some(false),
        ),
    ]
}

fn column(name: &'static str, heading: &str, form: Form, place: Place) -> Column {
    Column { name, heading: heading.to_owned(), form, place }
}

/// How many rows a list would have, where some were not read.
pub(super) fn shortened_list(data: &Dataset, name: &str) -> Option<i64> {
    data.notes.iter().find_map(|note| match note {
        Note::Shortened { list, rows } if list == name => Some(*rows),
        _ => None,
    })
}

/// How many there are, where a list has some of them or all.
pub(super) fn at_least(all: i64, listed: usize) -> i64 {
    all.max(i64::try_from(listed).unwrap_or(i64::MAX))
}

fn failures<'a>(activity: &'a Activity, data: &'a Dataset, locale: Locale) -> Section<'a> {
    let most = activity.failures.iter().take(10).map(|failure| Bar {
        label: shortened(&clean(&failure.code), 44),
        value: failure.jobs as f64,
        text: locale.integer(failure.jobs),
    });
    let bars: Vec<Bar> = most.collect();
    let title = locale.say("Causas mais frequentes", "Most frequent causes").to_owned();
    Section {
        heading: locale.say("Falhas e o que fazer", "Failures and what to do").to_owned(),
        lead: String::new(),
        charts: if bars.len() > 1 { vec![Chart::Bars { title, bars }] } else { Vec::new() },
        table: Some(Table {
            name: "failures",
            title: locale.say("Falhas", "Failures").to_owned(),
            columns: vec![
                column("jobs", locale.say("Trabalhos", "Jobs"), Form::Count, Place::Own),
                column("code", locale.say("Causa", "Cause"), Form::Code, Place::Wide(1.0)),
                column("kind", locale.say("Tipo", "Kind"), Form::Text, Place::Under),
                column("what_to_do", locale.say("O que fazer", "What to do"), Form::Text, Place::Wide(1.6)),
                column("message", locale.say("Última mensagem", "Last message"), Form::Text, Place::Under),
                column("last", locale.say("Última vez", "Last time"), Form::Moment, Place::Own),
                column("job", locale.say("Trabalho", "Job"), Form::Code, Place::Hidden),
            ],
            rows: activity.failures.len(),
            row: Box::new(move |at| {
                let Some(failure) = activity.failures.get(at) else { return Vec::new() };
                vec![
                    Cell::Count(failure.jobs),
                    match job::named(data, &failure.job, &failure.code, "") {
                        link @ Cell::Link { .. } => link,
                        _ => Cell::Code(shortened(&clean(&failure.code), 80).into()),
                    },
                    Cell::Text(kind_name(&failure.kind, locale).into()),
                    Cell::Text(advice(&failure.code, locale).into()),
                    Cell::Text(shortened(&clean(&failure.message), MESSAGE).into()),
                    Cell::Moment(failure.last),
                    Cell::Code(failure.job.as_str().into()),
                ]
            }),
            total: None,
            empty: locale.say("Nada falhou.", "Nothing failed.").to_owned(),
            main: false,
            shown: true,
            of: shortened_list(data, "failures"),
        }),
    }
}

fn slowest<'a>(activity: &'a Activity, data: &'a Dataset, locale: Locale) -> Section<'a> {
    Section {
        heading: locale.say("Mais demorados", "Slowest jobs").to_owned(),
        lead: String::new(),
        charts: Vec::new(),
        table: Some(Table {
            name: "slowest",
            title: locale.say("Mais demorados", "Slowest").to_owned(),
            columns: vec![
                column("name", locale.say("Trabalho", "Job"), Form::Text, Place::Wide(1.0)),
                column("kind", locale.say("Tipo", "Kind"), Form::Text, Place::Under),
                column("started_at", locale.say("Início", "Began"), Form::Moment, Place::Own),
                column("attempts", locale.say("Tentativas", "Attempts"), Form::Count, Place::Own),
                column("seconds", locale.say("Duração", "Took"), Form::Seconds, Place::Own),
                column("job", locale.say("Número", "Id"), Form::Code, Place::Hidden),
            ],
            rows: activity.slowest.len(),
            row: Box::new(move |at| {
                let Some(slow) = activity.slowest.get(at) else { return Vec::new() };
                vec![
                    job::named(data, &slow.job, &slow.name, ""),
                    Cell::Text(kind_name(&slow.kind, locale).into()),
                    Cell::Moment(slow.started_at),
                    Cell::Count(slow.attempts),
                    Cell::Seconds(slow.seconds),
                    Cell::Code(slow.job.as_str().into()),
                ]
            }),
            total: None,
            empty: locale.say("Nenhum trabalho rodou.", "No job ran.").to_owned(),
            main: false,
            shown: true,
            of: None,
        }),
    }
}

fn waiting(activity: &Activity, locale: Locale) -> Section<'_> {
    let heading = |what: &str, part: &str| format!("{what}, {part}");
    let own = locale.say("Fila própria", "Own work");
    let slot = locale.say("Por vaga", "For a slot");
    let median = locale.say("mediana", "median");
    Section {
        heading: locale.say("Tempos de espera", "Waiting times").to_owned(),
        lead: locale
            .say(
                "Primeiro um trabalho espera pelos seus outros trabalhos, depois só por uma vaga livre. p95: um em cada vinte esperou mais.",
                "A job first waits behind your own work, then only for a free slot. p95: one in twenty waited longer.",
            )
            .to_owned(),
        charts: Vec::new(),
        table: Some(Table {
            name: "waiting",
            title: locale.say("Espera", "Waiting").to_owned(),
            columns: vec![
                column("kind", locale.say("Tipo", "Kind"), Form::Text, Place::Wide(1.0)),
                column("jobs", locale.say("Trabalhos", "Jobs"), Form::Count, Place::Own),
                column("own_work_p50", &heading(own, median), Form::Seconds, Place::Own),
                column("own_work_p95", &heading(own, "p95"), Form::Seconds, Place::Own),
                column("slot_p50", &heading(slot, median), Form::Seconds, Place::Own),
                column("slot_p95", &heading(slot, "p95"), Form::Seconds, Place::Own),
            ],
            rows: activity.waiting.len(),
            row: Box::new(move |at| {
                let Some(kind) = activity.waiting.get(at) else { return Vec::new() };
                vec![
                    Cell::Text(kind_name(&kind.kind, locale).into()),
                    Cell::Count(kind.jobs),
                    Cell::Seconds(kind.own_work_p50),
                    Cell::Seconds(kind.own_work_p95),
                    Cell::Seconds(kind.slot_p50),
                    Cell::Seconds(kind.slot_p95),
                ]
            }),
            total: None,
            empty: locale.say("Nenhum trabalho esperou.", "No job waited.").to_owned(),
            main: false,
            shown: true,
            of: None,
        }),
    }
}

fn made<'a>(activity: &'a Activity, data: &'a Dataset, locale: Locale) -> Section<'a> {
    Section {
        heading: locale.say("O que foi feito", "What was made").to_owned(),
        lead: String::new(),
        charts: Vec::new(),
        table: Some(Table {
            name: "made",
            title: locale.say("O que foi feito", "What was made").to_owned(),
            columns: vec![
                column("at", locale.say("Quando", "When"), Form::Moment, Place::Own),
                column("name", locale.say("Resultado", "Result"), Form::Text, Place::Wide(1.0)),
                column("kind", locale.say("Tipo", "Kind"), Form::Text, Place::Under),
                column("media_seconds", locale.say("Mídia", "Media"), Form::Seconds, Place::Own),
                column("pages", locale.say("Páginas", "Pages"), Form::Count, Place::Own),
                column("bytes", locale.say("Tamanho", "Size"), Form::Bytes, Place::Own),
                column("seconds", locale.say("Duração", "Took"), Form::Seconds, Place::Own),
                column("job", locale.say("Trabalho", "Job"), Form::Code, Place::Hidden),
            ],
            rows: activity.made.len(),
            row: Box::new(move |at| {
                let Some(made) = activity.made.get(at) else { return Vec::new() };
                vec![
                    Cell::Moment(made.at),
                    job::named(data, &made.job, &made.name, &made.artifact),
                    Cell::Text(kind_name(&made.kind, locale).into()),
                    made.media_seconds.map_or(Cell::Nothing, Cell::Seconds),
                    made.pages.map_or(Cell::Nothing, Cell::Count),
                    Cell::Bytes(made.bytes),
                    Cell::Seconds(made.seconds),
                    Cell::Code(made.job.as_str().into()),
                ]
            }),
            total: None,
            empty: locale.say("Nada foi feito no período.", "Nothing was made in the period.").to_owned(),
            main: true,
            shown: true,
            of: shortened_list(data, "made"),
        }),
    }
}
