//! How do the passages that a child left come into the tenant's schema? Line by line, before the settle.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::task::spawn_blocking;

use super::Shared;
use super::patience::until_answered;
use super::roster::Entry;
use crate::child::{AttemptDir, open_below};
use crate::db::{DatabaseError, Db, answered};
use crate::document::{self, DocumentHead, Language, PASSAGE_CHARACTERS, PASSAGES, Passage, Staging};
use crate::id::DocumentId;
use crate::job::KindError;
use crate::queue::Lease;
use crate::tenant::Tenant;

/// A line is one passage; each of its characters takes twelve bytes of JSON at most.
const LINE_BYTES: u64 = 12 * PASSAGE_CHARACTERS as u64 + 1_000;
/// Passages, and bytes of text, that one transaction writes.
const BATCH: usize = 500;
const BATCH_BYTES: usize = 1 << 20;

/// Writes a child's document, which nobody sees before the job has succeeded. Tells whether all of it is kept.
pub(super) async fn keep(
    shared: &Shared,
    tenant: &Tenant,
    lease: &Lease,
    entry: &Entry,
    dir: &AttemptDir,
    head: &DocumentHead,
) -> Result<bool, KindError> {
    if !document::are_kept_by(tenant) {
        tracing::warn!(tenant = %tenant.slug, "a document is not kept: the tenant is not migrated yet");
        return Ok(true);
    }
    let path = dir.path().to_owned();
    let file = spawn_blocking(move || open_below(&path, "tmp", PASSAGES))
        .await
        .map_err(|_| KindError::retry("internal", "the worker stopped in the middle"))?
        .map_err(|error| bad(&error.to_string()))?;
    let staging = Staging { db: &shared.engine.db, tenant, lease, id: DocumentId::new(), head };
    let limits = shared.options.documents;
    let mut lines = Lines::new(tokio::fs::File::from_std(file));
    let patient = |error: DatabaseError| {
        tracing::error!(error = &error as &dyn std::error::Error, "a document could not be written");
        KindError::retry("document_not_kept", "the document could not be written")
    };
    until_answered(&entry.stop, || staging.begin()).await.map_err(patient)?;
    let (mut bytes, mut written, mut whole) = (0_u64, 0_u32, true);
    while whole {
        let (mut batch, mut batch_bytes) = (Vec::new(), 0);
        while batch.len() < BATCH && batch_bytes < BATCH_BYTES {
            let Some(passage) = lines.next().await? else { break };
            batch_bytes += passage.text.len();
            batch.push(passage);
        }
        if batch.is_empty() {
            break;
        }
        let fit = batch.iter().scan((bytes, written), |(bytes, count), passage| {
            *bytes += passage.text.len() as u64;
            *count += 1;
            Some((*bytes, *count))
        });
        let fitting =
            fit.take_while(|(bytes, count)| *bytes <= limits.bytes && *count <= limits.passages).count();
        whole = fitting == batch.len();
        batch.truncate(fitting);
        let first = i32::try_from(written).unwrap_or(i32::MAX).saturating_add(1);
        if !batch.is_empty()
            && !until_answered(&entry.stop, || staging.add(first, &batch)).await.map_err(patient)?
        {
            return Err(KindError::retry("lease_lost", "the job is somebody else's"));
        }
        bytes += batch.iter().map(|passage| passage.text.len() as u64).sum::<u64>();
        written = written.saturating_add(u32::try_from(batch.len()).unwrap_or(u32::MAX));
    }
    let count = i32::try_from(written).unwrap_or(i32::MAX);
    until_answered(&entry.stop, || staging.finish(count, !whole)).await.map_err(patient)?;
    Ok(whole)
}

/// Deletes the document of an attempt that came to nothing. What stays goes with the next attempt, or with the job.
pub(super) async fn drop_staged(db: &Db, tenant: &Tenant, lease: &Lease) {
    if !document::are_kept_by(tenant) {
        return;
    }
    if let Err(error) = answered(document::drop_staged(db, tenant, lease)).await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the document of a dropped result was left behind"
        );
    }
}

/// The passages of a file that nobody trusts.
struct Lines {
    reader: BufReader<tokio::fs::File>,
    line: Vec<u8>,
}

impl Lines {
    fn new(file: tokio::fs::File) -> Self {
        Self { reader: BufReader::new(file), line: Vec::new() }
    }

    async fn next(&mut self) -> Result<Option<Passage>, KindError> {
        self.line.clear();
        let read = (&mut self.reader).take(LINE_BYTES).read_until(b'\n', &mut self.line).await;
        match read {
            Ok(0) => return Ok(None),
            Ok(_) if self.line.ends_with(b"\n") => {}
            Ok(_) => return Err(bad("a passage is too long, or broke off")),
            Err(error) => return Err(unreadable(&error)),
        }
        let passage: Passage =
            serde_json::from_slice(&self.line).map_err(|_| bad("a line of it is no passage"))?;
        fault(&passage).map_or(Ok(Some(passage)), |fault| Err(bad(fault)))
    }
}

/// What about a passage cannot be.
fn fault(passage: &Passage) -> Option<&'static str> {
    if passage.text.chars().count() > PASSAGE_CHARACTERS {
        return Some("a passage is too long");
    }
    if passage.seconds.is_some_and(|(from, to)| !(from >= 0.0 && to >= from && to.is_finite())) {
        return Some("a passage has seconds that cannot be");
    }
    let strange = passage.language.as_deref().is_some_and(|language| language.parse::<Language>().is_err());
    strange.then_some("the language of a passage is no tag of a language")
}

fn bad(why: &str) -> KindError {
    KindError::fail("bad_document", format!("the document cannot be kept: {why}"))
}

fn unreadable(error: &io::Error) -> KindError {
    KindError::retry("work_dir_unreadable", format!("the worker's disk refused a read: {}", error.kind()))
}
