//! How does a dataset come to be? The tenant's own rows, read in one snapshot, as the report's structs.

use chrono::TimeDelta;
use chrono_tz::Tz;
use esteira_engine::job::{KindError, Survey, Surveyed};
use esteira_engine::snapshot::{Between, Days, List, Snapshot};
use serde_json::Value;

use crate::dataset::{
    Activity, Before, DATASET_VERSION, Dataset, Failure, MadeJob, Note, Outcomes, Quality, ReadDocument,
    SlowJob, Transcript, Usage, UsageRow, VideoWarning, Waiting,
};
use crate::input::{Input, Which};
use crate::limits::ReportLimits;
use crate::period::{Span, before, resolve};
use crate::{DATASET, ReportGenerate, bad_input, input, limits};

/// Rows of lists that are short by nature.
const CAUSES: u32 = 1_000;
const SLOWEST: u32 = 20;

/// The kinds whose results are judged.
const DOCUMENTS: &str = "document.extract";
const TRANSCRIPTS: &str = "media.transcribe";
const VIDEOS: &str = "video.generate";

#[async_trait::async_trait]
impl Survey for ReportGenerate {
    async fn survey(
        &self,
        input: &Value,
        settings: &Value,
        rows: &mut Snapshot,
    ) -> Result<Vec<Surveyed>, KindError> {
        let limits =
            limits::settings(settings).map_err(|error| KindError::fail("bad_settings", error.to_string()))?;
        let input = input::read(input).map_err(|faults| bad_input(&faults))?;
        input::check(&input, &limits).map_err(|faults| bad_input(&faults))?;
        let dataset = dataset(&input, &limits, rows).await?;
        let bytes = serde_json::to_vec(&dataset)
            .map_err(|error| KindError::fail("dataset_unreadable", error.to_string()))?;
        Ok(vec![Surveyed { name: DATASET, bytes }])
    }
}

async fn dataset(input: &Input, limits: &ReportLimits, rows: &mut Snapshot) -> Result<Dataset, KindError> {
    let zone = input.timezone.unwrap_or(limits.timezone);
    let asked = input.period.0;
    let none = || KindError::fail("bad_input", "/input/period: the calendar has no such days");
    let period = resolve(asked, zone, rows.now()).ok_or_else(none)?;
    let mut data = Dataset {
        version: DATASET_VERSION.to_owned(),
        tenant: rows.tenant().to_owned(),
        period,
        timezone: zone,
        data_until: rows.now(),
        base_url: limits.base_url.clone(),
        notes: Vec::new(),
        usage: None,
        activity: None,
        quality: None,
        prices: limits.prices.clone(),
        before: None,
    };
    let mut notes = Vec::new();
    (data.usage, data.activity, data.quality) =
        parts(input, &period, zone, limits.rows, rows, &mut notes).await?;
    if let Some(earlier) = input.compare.then(|| before(asked, &period, zone)).flatten() {
        // Figures are compared, the long list is not.
        let (usage, activity, quality) =
            parts(input, &earlier, zone, limits.rows, rows, &mut Vec::new()).await?;
        let activity = activity.map(|activity| Activity { made: Vec::new(), ..activity });
        data.before = Some(Before { period: earlier, usage, activity, quality });
    }
    data.notes = all_notes(&data, notes, rows).await?;
    Ok(data)
}

type Parts = (Option<Usage>, Option<Activity>, Option<Quality>);

async fn parts(
    input: &Input,
    period: &Span,
    zone: Tz,
    most: u32,
    rows: &mut Snapshot,
    notes: &mut Vec<Note>,
) -> Result<Parts, KindError> {
    let wants = |which: Which| matches!(input.report, Which::Template(_)) || input.report == which;
    let between = Between { from: period.from, to: period.to };
    let days = Days::new(period.first, period.beginnings(zone), period.to);
    let days =
        days.ok_or_else(|| KindError::fail("bad_input", "/input/period: the calendar has no such days"))?;
    let mut parts: Parts = (None, None, None);
    if wants(Which::Usage) {
        parts.0 = Some(usage(&days, rows).await?);
        // The ledger tells the hour of the last 35 days.
        if zone != Tz::UTC && period.from < rows.now() - TimeDelta::days(35) {
            notes.push(Note::UtcDays);
        }
    }
    if wants(Which::Activity) {
        parts.1 = Some(activity(&days, most, rows, notes).await?);
    }
    if wants(Which::Quality) {
        parts.2 = Some(quality(between, most, rows, notes).await?);
    }
    Ok(parts)
}

async fn all_notes(data: &Dataset, notes: Vec<Note>, rows: &mut Snapshot) -> Result<Vec<Note>, KindError> {
    let between = Between { from: data.period.from, to: data.period.to };
    let mut all = Vec::new();
    if data.data_until < data.period.to {
        all.push(Note::PeriodOpen);
    }
    if let Some((jobs, since)) = rows.unfinished(between).await? {
        all.push(Note::Unfinished { jobs, since });
    }
    all.extend(notes);
    Ok(all)
}

async fn usage(days: &Days, rows: &mut Snapshot) -> Result<Usage, KindError> {
    let used = rows.used(days).await?;
    let days = used.into_iter().map(|row| UsageRow {
        day: row.day,
        kind: row.kind,
        succeeded: row.used.succeeded,
        failed: row.used.failed,
        cancelled: row.used.cancelled,
        attempts: row.used.attempts,
        processing_seconds: row.used.processing_seconds,
        cpu_seconds: row.used.cpu_seconds,
        media_seconds: row.used.media_seconds,
        pages: row.used.pages,
        bytes_stored: row.used.bytes_stored,
        bytes_moved: row.used.bytes_moved,
    });
    Ok(Usage { days: days.collect(), bytes_kept: rows.bytes_kept().await? })
}

async fn activity(
    local: &Days,
    most: u32,
    rows: &mut Snapshot,
    notes: &mut Vec<Note>,
) -> Result<Activity, KindError> {
    let between = local.between();
    let days = rows.ended(local).await?.into_iter().map(|day| Outcomes {
        day: day.day,
        succeeded: day.succeeded,
        failed: day.failed,
        cancelled: day.cancelled,
    });
    let made = whole("made", rows.made(between, most).await?, notes).into_iter().map(|made| MadeJob {
        job: made.job,
        kind: made.kind,
        at: made.at,
        name: made.name,
        artifact: made.artifact,
        bytes: made.bytes,
        media_seconds: made.media_seconds,
        pages: made.pages,
        seconds: made.seconds,
    });
    let failures =
        whole("failures", rows.failed(between, CAUSES).await?, notes).into_iter().map(|failed| Failure {
            kind: failed.kind,
            code: failed.code,
            jobs: failed.jobs,
            last: failed.last,
            message: failed.message,
            job: failed.job,
        });
    let slowest = rows.slowest(between, SLOWEST).await?.into_iter().map(|slow| SlowJob {
        job: slow.job,
        kind: slow.kind,
        name: slow.name,
        started_at: slow.started_at,
        seconds: slow.seconds,
        attempts: slow.attempts,
    });
    let waiting = rows.waited(between).await?.into_iter().map(|waited| Waiting {
        kind: waited.kind,
        jobs: waited.jobs,
        own_work_p50: waited.own_work.0,
        own_work_p95: waited.own_work.1,
        slot_p50: waited.slot.0,
        slot_p95: waited.slot.1,
    });
    Ok(Activity {
        days: days.collect(),
        made: made.collect(),
        failures: failures.collect(),
        slowest: slowest.collect(),
        waiting: waiting.collect(),
    })
}

async fn quality(
    between: Between,
    most: u32,
    rows: &mut Snapshot,
    notes: &mut Vec<Note>,
) -> Result<Quality, KindError> {
    let documents = whole("documents", rows.documents(between, DOCUMENTS, most).await?, notes);
    let documents = documents.into_iter().map(|document| ReadDocument {
        job: document.job,
        name: document.name,
        at: document.at,
        pages: document.pages,
        ocr_pages: document.ocr_pages,
        confidence: document.confidence,
        empty_pages: document.empty_pages,
    });
    let transcripts = whole("transcripts", rows.transcripts(between, TRANSCRIPTS, most).await?, notes);
    let transcripts = transcripts.into_iter().map(|transcript| Transcript {
        job: transcript.job,
        name: transcript.name,
        at: transcript.at,
        language: transcript.language,
        seconds: transcript.seconds,
        confidence: transcript.confidence,
    });
    let warnings = rows.warnings(between, VIDEOS, most).await?.into_iter().map(|warned| VideoWarning {
        job: warned.job,
        name: warned.name,
        at: warned.at,
        code: warned.code,
        message: warned.message,
    });
    Ok(Quality {
        videos: rows.succeeded_of(between, VIDEOS).await?,
        video_warnings: warnings.collect(),
        transcripts: transcripts.collect(),
        documents: documents.collect(),
    })
}

/// The rows of a list; that it has more is noted.
fn whole<T>(name: &str, list: List<T>, notes: &mut Vec<Note>) -> Vec<T> {
    if i64::try_from(list.rows.len()).is_ok_and(|read| read < list.all) {
        notes.push(Note::Shortened { list: name.to_owned(), rows: list.all });
    }
    list.rows
}
