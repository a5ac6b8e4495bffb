//! Datasets to look at: a tenant with a busy week, one with nothing, one with forty kinds of failures and very long names.
//! Made by arithmetic, so that they are the same each time.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use esteira_report::{
    Activity, Asked, Before, DATASET_VERSION, Dataset, Failure, MadeJob, Note, Outcomes, Price, Prices,
    Quality, ReadDocument, SlowJob, Span, Totals, Transcript, Unit, Usage, UsageRow, VideoWarning, Waiting,
    before, resolve,
};

const ZONE: Tz = Tz::America__Sao_Paulo;
const KINDS: [&str; 3] = ["document.extract", "media.transcribe", "video.generate"];

/// Numbers that look like chance (Knuth's multiplier for 64 bits).
pub struct Chance(u64);

impl Chance {
    pub fn up_to(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % (most + 1)
    }
}

fn now() -> DateTime<Utc> {
    "2026-11-30T05:00:00Z".parse().unwrap()
}

fn id(number: u64) -> String {
    format!("0193{:04x}-7c1e-7abc-8def-{:012x}", number % 65_536, number)
}

/// Nothing at all in a period.
pub fn nothing(asked: Asked) -> Dataset {
    Dataset {
        version: DATASET_VERSION.to_owned(),
        tenant: "padaria".to_owned(),
        period: resolve(asked, ZONE, now()).unwrap(),
        timezone: ZONE,
        data_until: now(),
        base_url: Some("https://esteira.example".to_owned()),
        notes: Vec::new(),
        usage: Some(Usage::default()),
        activity: Some(Activity::default()),
        quality: Some(Quality::default()),
        prices: Some(prices()),
        before: None,
    }
}

fn prices() -> Prices {
    let price = |kind: Option<&str>, per, amount| Price { kind: kind.map(str::to_owned), per, amount };
    Prices {
        currency: "BRL".to_owned(),
        prices: vec![
            price(None, Unit::ProcessingHour, 0.9),
            price(Some("video.generate"), Unit::MediaMinute, 0.12),
            price(Some("media.transcribe"), Unit::MediaMinute, 0.035),
            price(Some("document.extract"), Unit::Page, 0.004),
            price(None, Unit::GibStored, 0.15),
        ],
    }
}

/// A week in which much was done.
pub fn busy() -> Dataset {
    let mut data = nothing(Asked::Last7Days);
    let earlier = before(Asked::Last7Days, &data.period, ZONE, now()).unwrap();
    data.usage = Some(usage_of(&data.period, 100, 1));
    data.activity = Some(activity_of(&data, 60));
    data.quality = Some(quality_of(&data, 24));
    let mut activity = Activity { days: days_of(&usage_of(&earlier, 88, 9)), ..Activity::default() };
    activity.waiting = vec![waiting("document.extract", 0.8)];
    activity.slowest = vec![slow(7, 655.0)];
    activity.failures = vec![failure(3, "document_locked", "document.extract", 5)];
    data.before = Some(Before {
        usage: Some(Usage { bytes_kept: None, ..usage_of(&earlier, 88, 9) }),
        activity: Some(activity),
        quality: Some(Quality { videos: 31, ..quality_of(&data, 20) }),
        period: earlier,
    });
    data.notes = vec![Note::Unfinished { jobs: 3, since: now() - TimeDelta::hours(4) }, Note::UtcDays];
    data
}

fn usage_of(period: &Span, size: u64, seed: u64) -> Usage {
    let mut chance = Chance(seed);
    let mut usage = Usage { days: Vec::new(), bytes_kept: Some(48_318_382_080 + (size as i64) * 9_000_000) };
    for at in 0..u64::try_from(period.days()).unwrap() {
        let day = period.first.checked_add_days(Days::new(at)).unwrap();
        for (share, kind) in [5, 2, 1].into_iter().zip(KINDS) {
            let mut row = UsageRow::new(day, kind);
            row.succeeded = (size * share / 4 + chance.up_to(size * share / 8)) as i64;
            row.failed = chance.up_to(size * share / 60) as i64;
            row.cancelled = chance.up_to(2) as i64;
            row.attempts = row.jobs() + row.failed;
            row.processing_seconds = row.succeeded as f64 * (4.25 + chance.up_to(600) as f64 / 100.0);
            row.cpu_seconds = row.processing_seconds * 0.8125;
            match kind {
                "document.extract" => row.pages = row.succeeded * 11 + chance.up_to(40) as i64,
                _ => row.media_seconds = row.succeeded as f64 * 95.5,
            }
            row.bytes_stored = row.succeeded * 3_400_000;
            row.bytes_moved = row.bytes_stored * 3;
            usage.days.push(row);
        }
        let mut uploads = UsageRow::new(day, "");
        uploads.bytes_stored = 120_000_000 + chance.up_to(50_000_000) as i64;
        uploads.bytes_moved = uploads.bytes_stored;
        usage.days.push(uploads);
    }
    usage
}

fn days_of(usage: &Usage) -> Vec<Outcomes> {
    let mut days: Vec<Outcomes> = Vec::new();
    for row in &usage.days {
        match days.last_mut().filter(|last| last.day == row.day) {
            Some(last) => {
                last.succeeded += row.succeeded;
                last.failed += row.failed;
                last.cancelled += row.cancelled;
            }
            None => days.push(Outcomes {
                day: row.day,
                succeeded: row.succeeded,
                failed: row.failed,
                cancelled: row.cancelled,
            }),
        }
    }
    days
}

fn waiting(kind: &str, scale: f64) -> Waiting {
    Waiting {
        kind: kind.to_owned(),
        jobs: (812.0 * scale) as i64,
        own_work_p50: 0.4 * scale,
        own_work_p95: 41.0 * scale,
        slot_p50: 0.02,
        slot_p95: 1.8 * scale,
    }
}

fn slow(number: u64, seconds: f64) -> SlowJob {
    SlowJob {
        job: id(number),
        kind: KINDS[number as usize % 3].to_owned(),
        name: [
            "Institucional 2026 – versão final.mp4",
            "ata-assembleia-geral.pdf",
            "entrevista_dona_cida.mp3",
        ][number as usize % 3]
            .to_owned(),
        started_at: now() - TimeDelta::minutes(number as i64 * 97),
        seconds,
        attempts: 1 + (number % 3) as i64,
    }
}

fn failure(number: u64, code: &str, kind: &str, jobs: i64) -> Failure {
    Failure {
        kind: kind.to_owned(),
        code: code.to_owned(),
        jobs,
        last: now() - TimeDelta::minutes(number as i64 * 61),
        message: format!("/input/source: page {} of the document could not be read", number + 1),
        job: id(number),
    }
}

/// What is made in a period: so many jobs.
pub fn made(period: &Span, jobs: usize) -> Vec<MadeJob> {
    let mut chance = Chance(5);
    let files = [
        "contrato-prestacao",
        "nota-fiscal",
        "ata de reunião",
        "Relatório trimestral",
        "aula",
        "depoimento",
        "promo-natal",
    ];
    let step = (period.to - period.from) / i32::try_from(jobs.max(1)).unwrap();
    (0..jobs)
        .map(|at| {
            let kind = KINDS[chance.up_to(2) as usize];
            let (artifact, ending) = match kind {
                "document.extract" => ("document.md", "pdf"),
                "media.transcribe" => ("transcript.txt", "mp3"),
                _ => ("video.mp4", "mp4"),
            };
            let is_document = kind == "document.extract";
            MadeJob {
                job: id(at as u64),
                kind: kind.to_owned(),
                at: period.to - step * i32::try_from(at).unwrap() - TimeDelta::seconds(1),
                name: format!("{} {:03}.{ending}", files[chance.up_to(6) as usize], chance.up_to(999)),
                artifact: artifact.to_owned(),
                bytes: 12_000 + chance.up_to(90_000_000) as i64,
                media_seconds: (!is_document).then(|| 12.0 + chance.up_to(1_800) as f64),
                pages: is_document.then(|| 1 + chance.up_to(120) as i64),
                seconds: 0.6 + chance.up_to(9_000) as f64 / 100.0,
            }
        })
        .collect()
}

fn activity_of(data: &Dataset, jobs: usize) -> Activity {
    Activity {
        days: data.usage.as_ref().map(days_of).unwrap_or_default(),
        made: made(&data.period, jobs),
        failures: vec![
            failure(1, "document_locked", "document.extract", 14),
            failure(2, "video_unreadable", "video.generate", 6),
            failure(3, "timeout", "media.transcribe", 3),
            failure(4, "out_of_memory", "video.generate", 1),
        ],
        causes: 4,
        slowest: (0..8).map(|at| slow(at, 724.0 / (at + 1) as f64)).collect(),
        waiting: KINDS.iter().zip([1.0, 0.4, 0.2]).map(|(kind, scale)| waiting(kind, scale)).collect(),
    }
}

fn quality_of(data: &Dataset, results: u64) -> Quality {
    let mut chance = Chance(11);
    let at = |number: u64| data.period.to - TimeDelta::minutes(number as i64 * 43 + 5);
    Quality {
        videos: 40,
        video_warnings: (0..5)
            .map(|number| VideoWarning {
                job: id(number),
                name: format!("promo-natal {number:03}.mp4"),
                at: at(number),
                code: ["black_frames", "silence", "loudness_off_target"][number as usize % 3].to_owned(),
                message: format!("from second {}.0 to {}.4", number * 7 + 3, number * 7 + 5),
            })
            .collect(),
        transcripts: (0..results)
            .map(|number| Transcript {
                job: id(number + 100),
                name: format!("depoimento {number:03}.mp3"),
                at: at(number),
                language: if number % 5 == 0 { "en".to_owned() } else { "pt-BR".to_owned() },
                seconds: 60.0 + chance.up_to(3_000) as f64,
                confidence: (number % 11 != 0).then(|| 0.55 + chance.up_to(44) as f64 / 100.0),
            })
            .collect(),
        documents: (0..results)
            .map(|number| {
                let scanned = chance.up_to(12) as i64;
                ReadDocument {
                    job: id(number + 200),
                    name: format!("contrato {number:03}.pdf"),
                    at: at(number),
                    pages: scanned + chance.up_to(20) as i64 + 1,
                    ocr_pages: scanned,
                    confidence: (scanned > 0).then(|| 0.5 + chance.up_to(49) as f64 / 100.0),
                    empty: if number % 6 == 1 { 2 } else { 0 },
                    empty_pages: if number % 6 == 1 { vec![2, 9] } else { Vec::new() },
                }
            })
            .collect(),
        totals: Totals::default(),
    }
}

/// Forty kinds of failures, and names that have no end.
pub fn failing() -> Dataset {
    let mut data = nothing(Asked::LastMonth);
    let codes = [
        "image_unreadable",
        "video_unreadable",
        "sound_unreadable",
        "captions_unreadable",
        "file_unreadable",
        "image_too_large",
        "video_too_large",
        "sound_too_long",
        "file_too_large",
        "document_too_large",
        "clip_misplaced",
        "limit_exceeded",
        "text_too_high",
        "sound_missing",
        "speech_failed",
        "fonts_missing",
        "encoder_failed",
        "ocr_unavailable",
        "reader_missing",
        "unsupported_document",
        "empty_document",
        "malformed_document",
        "document_locked",
        "unsupported_encryption",
        "bad_input",
        "file_missing",
        "source_refused",
        "source_unavailable",
        "out_of_memory",
        "timeout",
        "cpu_limit",
        "stalled",
        "dependency_failed",
        "template_failed",
        "logo_unreadable",
        "crashed",
        "storage_failed",
        "internal",
        "a_code_of_a_kind_that_nobody_here_has_ever_heard_of_and_that_does_not_end",
        "sandbox_violation",
    ];
    let long =
        "Relatório_consolidado_de_todas_as_filiais_da_região_metropolitana_versão_final_revisada_2_(cópia)_";
    let day = |at: u64| -> NaiveDate { data.period.first.checked_add_days(Days::new(at)).unwrap() };
    let mut usage = Usage { bytes_kept: Some(3_221_225_472), ..Usage::default() };
    for at in 0..u64::try_from(data.period.days()).unwrap() {
        let mut row = UsageRow::new(day(at), "document.extract");
        row.succeeded = (at % 7 * 13) as i64;
        row.failed = (60 - at) as i64;
        row.attempts = row.succeeded + row.failed * 3;
        row.processing_seconds = row.attempts as f64 * 2.5;
        row.pages = row.succeeded * 3;
        usage.days.push(row);
        let mut other = UsageRow::new(day(at), format!("custom.{}", "very_long_kind_name_".repeat(4)));
        other.failed = (at % 3) as i64;
        usage.days.push(other);
    }
    let failures = codes.iter().enumerate().map(|(at, code)| {
        let mut failure = failure(at as u64, code, KINDS[at % 3], 400 / (at as i64 + 1) + 1);
        failure.message = format!("/input/source: {}{}: {}", long.repeat(1 + at % 4), at, "x".repeat(at * 9));
        failure
    });
    let mut made = made(&data.period, 30);
    for (at, job) in made.iter_mut().enumerate() {
        job.name = format!("{}{at}.pdf", long.repeat(1 + at % 3));
    }
    data.activity = Some(Activity {
        days: days_of(&usage),
        failures: failures.collect(),
        causes: 1_040,
        made,
        slowest: (0..5)
            .map(|at| SlowJob { name: long.repeat(4), ..slow(at, 86_400.0 * 3.2 / (at + 1) as f64) })
            .collect(),
        waiting: KINDS.iter().map(|kind| waiting(kind, 250.0)).collect(),
    });
    let mut quality = quality_of(&data, 12);
    quality.documents.iter_mut().for_each(|document| {
        document.name = long.repeat(3);
        document.empty = 250;
        document.empty_pages = (1..=90).collect();
    });
    quality.video_warnings.iter_mut().for_each(|warning| {
        warning.name = "W".repeat(300);
        warning.message = long.repeat(6);
    });
    data.quality = Some(quality);
    data.usage = Some(usage);
    data.notes = vec![
        Note::PeriodOpen,
        Note::Pruned { before: data.period.from + TimeDelta::days(3) },
        Note::Shortened { list: "made".to_owned(), rows: 1_234_567 },
    ];
    data
}

/// What breaks out of a format that does not keep text and markup apart.
pub const HOSTILE: [&str; 13] = [
    "#panic(\"x\") #import \"@preview/x:1.0.0\": *",
    "$x$ *bold* _it_ `raw` <label> @ref = Heading \\ // c /* d */ #{ 1 + 1 }",
    "\"] #read(\"/etc/passwd\") [\"",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\" onmouseover=\"alert(1)",
    "</title></style></svg><b>&amp;&#x3C;",
    "=HYPERLINK(\"http://evil\",\"x\")",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "a,b\r\n\"c\";d",
    "a;=1+1;\"=2+2\"; @x;−1",
    "\u{202E}gpj.exe\u{0}\u{1}\u{FFFF}\u{FEFF}",
    "{{7*7}} ${7*7} %00 ../../etc/passwd",
    "한국어 العربية 😀 e\u{301}\u{301}\u{301}",
];

/// Hostile texts wherever a tenant's text can come in.
pub fn hostile() -> Dataset {
    let mut data = busy();
    data.tenant = HOSTILE[3].to_owned();
    data.base_url = Some("https://esteira.example/\"><script>".to_owned());
    let mut texts = HOSTILE.iter().cycle().map(|text| (*text).to_owned());
    let mut next = || texts.next().unwrap();
    if let Some(usage) = &mut data.usage {
        usage.days.iter_mut().for_each(|row| row.kind = next());
    }
    if let Some(activity) = &mut data.activity {
        for made in &mut activity.made {
            (made.name, made.kind, made.artifact, made.job) = (next(), next(), next(), next());
        }
        for failure in &mut activity.failures {
            (failure.code, failure.kind, failure.message, failure.job) = (next(), next(), next(), next());
        }
        activity.slowest.iter_mut().for_each(|slow| slow.name = next());
        activity.waiting.iter_mut().for_each(|waiting| waiting.kind = next());
    }
    if let Some(quality) = &mut data.quality {
        quality.documents.iter_mut().for_each(|document| document.name = next());
        quality.transcripts.iter_mut().for_each(|transcript| transcript.language = next());
        for warning in &mut quality.video_warnings {
            (warning.name, warning.code, warning.message) = (next(), next(), next());
        }
    }
    if let Some(prices) = &mut data.prices {
        prices.prices.iter_mut().for_each(|price| price.kind = Some(next()));
    }
    data.notes.push(Note::Shortened { list: next(), rows: 5 });
    data
}

/// A dataset whose list of what was made has so many rows.
pub fn long(rows: usize) -> Dataset {
    let mut data = busy();
    let made = made(&data.period, rows);
    if let Some(activity) = &mut data.activity {
        activity.made = made;
    }
    data
}
