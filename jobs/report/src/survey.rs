//! How does a dataset come to be? The tenant's own rows, read in one snapshot, as the report's structs.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use esteira_engine::job::{KindError, Survey, Surveyed};
use esteira_engine::snapshot::{Between, Days, List, Snapshot, UsedOn};
use serde_json::Value;

use crate::dataset::{
    Activity, Before, DATASET_VERSION, Dataset, Failure, MadeJob, Note, Outcomes, Quality, ReadDocument,
    SlowJob, Totals, Transcript, Usage, UsageRow, VideoWarning, Waiting,
};
use crate::input::{Input, Which};
use crate::limits::ReportLimits;
use crate::period::{Span, before, resolve};
use crate::{DATASET, ReportGenerate, bad_input, input, limits};

/// Rows of lists that are short by nature.
const CAUSES: u32 = 1_000;
const SLOWEST: u32 = 20;

/// The list of what was made, as notes name it.
const MADE: &str = "made";

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
    // A report of a schedule is about the time for which it runs, however late it does.
    let period = resolve(asked, zone, rows.due()).ok_or_else(none)?;
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
        parts(input, &period, zone, (limits.rows, limits.rows), rows, &mut notes).await?;
    if let Some(earlier) = input.compare.then(|| before(asked, &period, zone, rows.now())).flatten() {
        let mut of_earlier = Vec::new();
        data.before = before_it(input, earlier, zone, limits.rows, rows, &mut of_earlier).await?;
        let is_new = |note: &Note| *note != Note::UtcDays || !notes.contains(note);
        let of_earlier: Vec<Note> = of_earlier.into_iter().filter(is_new).collect();
        notes.extend(of_earlier.into_iter().map(|note| Note::Before { note: Box::new(note) }));
    }
    data.notes = all_notes(&data, notes, rows).await?;
    Ok(data)
}

/// What there is of the period before to compare with: the long list is not, nor is what is pruned, if only in part.
async fn before_it(
    input: &Input,
    earlier: Span,
    zone: Tz,
    most: u32,
    rows: &mut Snapshot,
    notes: &mut Vec<Note>,
) -> Result<Option<Before>, KindError> {
    let (usage, activity, quality) = parts(input, &earlier, zone, (most, 0), rows, notes).await?;
    let is_whole = pruned(&earlier, rows.kept_since()).is_none();
    // Of a list that is not compared it does not matter how long it is.
    notes.retain(|note| !matches!(note, Note::Shortened { list, .. } if !is_whole || list == MADE));
    let usage = usage.map(|usage| Usage { bytes_kept: None, ..usage });
    let activity = activity.filter(|_| is_whole);
    let quality = quality.filter(|_| is_whole);
    let has_any = usage.is_some() || activity.is_some() || quality.is_some();
    Ok(has_any.then_some(Before { period: earlier, usage, activity, quality }))
}

/// That some of a period is pruned.
fn pruned(period: &Span, kept_since: Option<DateTime<Utc>>) -> Option<Note> {
    kept_since.filter(|kept_since| period.from < *kept_since).map(|before| Note::Pruned { before })
}

type Parts = (Option<Usage>, Option<Activity>, Option<Quality>);

/// What a report tells of a period, with so many rows of a list at most, and so many of what was made.
async fn parts(
    input: &Input,
    period: &Span,
    zone: Tz,
    (most, most_made): (u32, u32),
    rows: &mut Snapshot,
    notes: &mut Vec<Note>,
) -> Result<Parts, KindError> {
    let wants = |which: Which| matches!(input.report, Which::Template(_)) || input.report == which;
    let between = Between { from: period.from, to: period.to };
    let days = Days::new(period.first, period.beginnings(zone), period.to);
    let days =
        days.ok_or_else(|| KindError::fail("bad_input", "/input/period: the calendar has no such days"))?;
    let mut parts: Parts = (None, None, None);
    if wants(Which::Usage) || wants(Which::Activity) {
        let used = rows.used(&days).await?;
        if wants(Which::Activity) {
            parts.1 = Some(activity(between, &used, most_made, rows, notes).await?);
        }
        if wants(Which::Usage) {
            parts.0 = Some(usage(used, rows).await?);
        }
        // The ledger tells the hour of the last 35 days.
        if zone != Tz::UTC && period.from < rows.now() - TimeDelta::days(35) {
            notes.push(Note::UtcDays);
        }
    }
    if wants(Which::Quality) {
        parts.2 = Some(quality(between, most, rows, notes).await?);
    }
    if wants(Which::Activity) || wants(Which::Quality) {
        notes.extend(pruned(period, rows.kept_since()));
    }
    Ok(parts)
}

async fn all_notes(data: &Dataset, notes: Vec<Note>, rows: &mut Snapshot) -> Result<Vec<Note>, KindError> {
    let mut all = Vec::new();
    if data.data_until < data.period.to {
        all.push(Note::PeriodOpen);
    }
    if let Some((jobs, since)) = rows.unfinished(data.period.to).await? {
        all.push(Note::Unfinished { jobs, since });
    }
    all.extend(notes);
    Ok(all)
}

async fn usage(used: Vec<UsedOn>, rows: &mut Snapshot) -> Result<Usage, KindError> {
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
    Ok(Usage { days: days.collect(), bytes_kept: Some(rows.bytes_kept().await?) })
}

async fn activity(
    between: Between,
    used: &[UsedOn],
    most: u32,
    rows: &mut Snapshot,
    notes: &mut Vec<Note>,
) -> Result<Activity, KindError> {
    let made = whole(MADE, rows.made(between, most).await?, notes).into_iter().map(|made| MadeJob {
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
    let failures = rows.failed(between, CAUSES).await?;
    let causes = failures.all;
    let failures = whole("failures", failures, notes).into_iter().map(|failed| Failure {
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
        days: ends(used),
        made: made.collect(),
        failures: failures.collect(),
        causes,
        slowest: slowest.collect(),
        waiting: waiting.collect(),
    })
}

/// Ends by day, of whatever kind. The ledger has those of jobs that are pruned as well.
fn ends(used: &[UsedOn]) -> Vec<Outcomes> {
    let mut days: BTreeMap<NaiveDate, Outcomes> = BTreeMap::new();
    for row in used {
        let none = Outcomes { day: row.day, succeeded: 0, failed: 0, cancelled: 0 };
        let day = days.entry(row.day).or_insert(none);
        day.succeeded = day.succeeded.saturating_add(row.used.succeeded);
        day.failed = day.failed.saturating_add(row.used.failed);
        day.cancelled = day.cancelled.saturating_add(row.used.cancelled);
    }
    days.into_values().filter(|day| day.succeeded + day.failed + day.cancelled != 0).collect()
}

async fn quality(
    between: Between,
    most: u32,
    rows: &mut Snapshot,
    notes: &mut Vec<Note>,
) -> Result<Quality, KindError> {
    let documents = rows.documents(between, DOCUMENTS, most).await?;
    let transcripts = rows.transcripts(between, TRANSCRIPTS, most).await?;
    let warnings = rows.warnings(between, VIDEOS, most).await?;
    let totals =
        Totals { video_warnings: warnings.all, transcripts: transcripts.all, documents: documents.all };
    let documents = whole("documents", documents, notes);
    let documents = documents.into_iter().map(|document| ReadDocument {
        job: document.job,
        name: document.name,
        at: document.at,
        pages: document.pages,
        ocr_pages: document.ocr_pages,
        confidence: document.confidence,
        empty: document.empty,
        empty_pages: document.empty_pages,
    });
    let transcripts = whole("transcripts", transcripts, notes);
    let transcripts = transcripts.into_iter().map(|transcript| Transcript {
        job: transcript.job,
        name: transcript.name,
        at: transcript.at,
        language: transcript.language,
        seconds: transcript.seconds,
        confidence: transcript.confidence,
    });
    let warnings = whole("video_warnings", warnings, notes).into_iter().map(|warned| VideoWarning {
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
        totals,
    })
}

/// The rows of a list; that it has more is noted.
fn whole<T>(name: &str, list: List<T>, notes: &mut Vec<Note>) -> Vec<T> {
    if i64::try_from(list.rows.len()).is_ok_and(|read| read < list.all) {
        notes.push(Note::Shortened { list: name.to_owned(), rows: list.all });
    }
    list.rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::period::Asked;
    use esteira_engine::usage::Used;

    #[test]
    fn a_period_that_begins_before_jobs_are_kept_is_pruned_if_only_in_part() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let period = resolve(Asked::LastMonth, Tz::UTC, at("2026-12-01T05:00:00Z")).unwrap();
        assert_eq!(pruned(&period, None), None);
        assert_eq!(pruned(&period, Some(period.from)), None);
        let since = at("2026-11-01T05:00:00Z");
        assert_eq!(pruned(&period, Some(since)), Some(Note::Pruned { before: since }));
    }

    #[test]
    fn ends_are_those_of_all_kinds_and_a_day_with_uploads_alone_has_none() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        let used = |day, kind: &str, succeeded, failed| UsedOn {
            day,
            kind: kind.to_owned(),
            used: Used { succeeded, failed, bytes_stored: 5, ..Used::default() },
        };
        let all = [used(day(1), "a", 2, 1), used(day(1), "b", 3, 0), used(day(2), "", 0, 0)];
        assert_eq!(ends(&all), [Outcomes { day: day(1), succeeded: 5, failed: 1, cancelled: 0 }]);
    }
}
