//! How do the checkpoints of an attempt come to the next one? From the child's files into a log, and from there, every two
//! seconds at most, as few objects into the store.
//!
//! What goes wrong here costs work that is done again, and never the attempt. Whatever is kept is a beginning of what the
//! child has said: after the first that is not kept, none is.

mod forget;
mod restore;
mod take;

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::Shared;
use super::patience::until_answered;
use super::reports::Reports;
use super::roster::Entry;
use super::stage::StageError;
use crate::artifact::{StoreError, checkpoint_key};
use crate::checkpoint::{self, Log, Plan, Segment};
use crate::child::protocol::LogLevel;
use crate::child::{AttemptDir, KEPT, remove_checkpoint};
use crate::db::{DatabaseError, answered};
use crate::job::{CatalogEntry, KindError};
use crate::queue::Lease;
use crate::tenant::Tenant;

use forget::version;
pub(super) use forget::{forget, may_have_row};
use restore::restore;
use take::{Batch, NOT_KEPT, take_all};

/// Objects that one worker sends or reads at the same moment; each is held in memory.
pub(super) const TURNS: usize = 2;
/// Bytes a second that one attempt sends, over some time: whoever sends more waits longer before the next time.
const BYTES_A_SECOND: u64 = 16 << 20;
/// The longest pause between two tries to send.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// What is left to send when the child has ended holds up the end of the attempt for no longer.
const LAST_SEND: Duration = Duration::from_secs(5);

/// The checkpoints of one attempt.
pub(super) struct Keeper<'a> {
    shared: &'a Shared,
    tenant: &'a Tenant,
    lease: &'a Lease,
    version: &'static str,
    work_dir: PathBuf,
    /// What the child has reported last.
    reported: watch::Sender<u64>,
    /// What was taken last of it.
    taken: u64,
    /// Whether more is taken.
    open: bool,
    /// Gone once the lease is lost.
    log: Option<Log>,
    /// How many checkpoints earlier attempts had kept.
    found: usize,
    /// The pieces of the log that are objects.
    segments: Vec<Segment>,
    /// The number of the next object.
    next: u32,
    /// Objects that the row may name until it is written again, and not after that.
    replaced: Vec<String>,
    /// Objects that no row names any more.
    superseded: Vec<String>,
    /// When something is to be sent, if anything is.
    due: Option<Instant>,
    /// Nothing is sent before.
    rests_until: Instant,
    failures: u32,
    /// Whether the job may have a row.
    has_row: bool,
}

/// What could not be sent stays to be sent.
#[derive(Debug, thiserror::Error)]
enum SendError {
    #[error("failed to read the log")]
    Disk(#[from] io::Error),
    #[error("failed to store a piece of it")]
    Store(#[from] StoreError),
    #[error("failed to write down its pieces")]
    Database(#[from] DatabaseError),
}

impl<'a> Keeper<'a> {
    /// Puts what earlier attempts kept into the directory of this one. `None` where no checkpoints are kept, or when the
    /// lease is lost.
    pub async fn begin(
        shared: &'a Shared,
        tenant: &'a Tenant,
        lease: &'a Lease,
        entry: &Entry,
        kind: &CatalogEntry,
        dir: &AttemptDir,
    ) -> Result<Option<Self>, StageError> {
        let Some(version) = version(shared, tenant, kind) else { return Ok(None) };
        let mut log = Log::new(shared.dirs.folder(), shared.options.checkpoints).map_err(|e| unusable(&e))?;
        let (mut segments, mut replaced) = (Vec::new(), Vec::new());
        // The first attempt finds nothing, and most jobs are done with it.
        let has_row = lease.lease > 1;
        if has_row {
            let adopt = || checkpoint::adopt(&shared.engine.db, tenant, lease, version);
            let Some(kept) = until_answered(&entry.stop, adopt).await? else { return Ok(None) };
            segments = kept.segments;
            let whole = kept.version == version && restore(shared, lease, &mut log, &segments).await?;
            if !whole {
                replaced = segments.drain(..).map(|segment| key(lease, &segment)).collect();
            }
        }
        let place = dir.path().join(KEPT);
        let (log, whole) = spawn_blocking(move || {
            let whole = log.read_restored()?;
            log.copy_newest(&mut File::create_new(place)?)?;
            Ok((log, whole))
        })
        .await
        .unwrap_or_else(|error| Err(io::Error::other(error)))
        .map_err(|error| unusable(&error))?;
        if !whole {
            replaced.extend(segments.drain(..).map(|segment| key(lease, &segment)));
        }
        let found = log.count();
        if found > 0 {
            tracing::info!(found, "goes on from checkpoints");
        }
        Ok(Some(Self {
            shared,
            tenant,
            lease,
            version,
            work_dir: dir.path().to_owned(),
            reported: watch::Sender::new(0),
            taken: 0,
            open: true,
            log: Some(log),
            found,
            segments,
            next: 0,
            replaced,
            superseded: Vec::new(),
            due: None,
            rests_until: Instant::now(),
            failures: 0,
            has_row,
        }))
    }

    /// How many checkpoints the child finds.
    pub fn found(&self) -> usize {
        self.found
    }

    /// Whether the job may have a row, and objects, that go with its end.
    pub fn has_row(&self) -> bool {
        self.has_row
    }

    /// Where the child's reports go.
    pub fn reported(&self) -> watch::Sender<u64> {
        self.reported.clone()
    }

    /// Keeps what the child reports until it has ended.
    pub async fn follow(&mut self, ended: &CancellationToken, reports: &watch::Sender<Reports>) {
        let mut reported = self.reported.subscribe();
        loop {
            if let Some(warning) = self.take().await {
                reports.send_modify(|told| told.log(LogLevel::Warn, warning.to_owned()));
            }
            let due = self.due;
            let send_time = async {
                match due {
                    Some(due) => sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                changed = reported.changed() => if changed.is_err() { return },
                () = send_time => {
                    // What is broken off here is sent anew after the child's end, if it is of use then.
                    tokio::select! {
                        () = self.send() => {}
                        () = ended.cancelled() => return,
                    }
                }
                () = ended.cancelled() => return,
            }
        }
    }

    /// Sends what is left when the child has ended and the job goes on.
    pub async fn finish(&mut self) {
        if let Some(warning) = self.take().await {
            tracing::warn!(warning, "a checkpoint is not kept");
        }
        if self.due.is_some() && timeout(LAST_SEND, self.send()).await.is_err() {
            tracing::warn!("the last checkpoints did not reach the store in time");
        }
    }

    /// Takes what the child has reported into the log; what is to be told if that comes to an end.
    pub async fn take(&mut self) -> Option<&'static str> {
        let reported = *self.reported.borrow();
        if self.taken >= reported {
            return None;
        }
        let (dir, taken) = (self.work_dir.clone(), self.taken);
        let Some(log) = self.log.take_if(|_| self.open) else {
            // They must not fill the disk either.
            self.taken = reported;
            let removing = spawn_blocking(move || {
                (taken + 1..=reported).for_each(|number| remove_checkpoint(&dir, number));
            });
            if let Err(error) = removing.await {
                tracing::warn!(error = &error as &dyn std::error::Error, "checkpoints were not removed");
            }
            return None;
        };
        let taking = spawn_blocking(move || take_all(log, &dir, taken, reported));
        let Ok(batch) = taking.await else {
            self.open = false;
            return Some(NOT_KEPT);
        };
        let Batch { mut log, taken, refusal } = batch;
        if log.was_rewritten() {
            let lease = self.lease;
            self.replaced.extend(self.segments.drain(..).map(|segment| key(lease, &segment)));
        }
        if taken > self.taken && self.due.is_none() {
            self.due = Some((Instant::now() + self.shared.options.checkpoints.delay).max(self.rests_until));
        }
        self.taken = taken;
        self.log = Some(log);
        self.open = refusal.is_none();
        refusal
    }

    /// Sends what is due, and sets when the next time is.
    async fn send(&mut self) {
        let pause = self.shared.options.checkpoints.delay;
        match self.try_send().await {
            Ok(sent) => {
                self.failures = 0;
                self.due = None;
                self.rests_until =
                    Instant::now() + Duration::from_secs_f64(sent as f64 / BYTES_A_SECOND as f64);
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "checkpoints not stored yet");
                self.failures = (self.failures + 1).min(8);
                self.due =
                    Some(Instant::now() + (pause * (1 << self.failures)).min(LONGEST_PAUSE.max(pause)));
            }
        }
    }

    /// Sends what of the log is no object yet, and writes it down; tells how much it was.
    ///
    /// It may be dropped anywhere: until the row is written nothing is forgotten, and what was named before is there.
    async fn try_send(&mut self) -> Result<u64, SendError> {
        let sent = self.send_pieces().await?;
        // Nobody names them, and nobody can come to: they may as well go with the job.
        match self.shared.engine.store.delete(&self.superseded).await {
            Ok(()) => self.superseded.clear(),
            Err(error) => {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "old pieces of checkpoints stay for now"
                );
            }
        }
        Ok(sent)
    }

    async fn send_pieces(&mut self) -> Result<u64, SendError> {
        let Some(log) = &self.log else { return Ok(0) };
        let (file, Plan { keep, pieces }) = (log.file(), checkpoint::plan(&self.segments, log.end()));
        let Some(from) = pieces.first().map(|piece| piece.start) else { return Ok(0) };
        let sent = log.end() - from;
        let mut segments = self.segments.get(..keep).unwrap_or_default().to_vec();
        for piece in pieces {
            segments.push(self.put(Arc::clone(&file), piece).await?);
        }
        self.has_row = true;
        let db = &self.shared.engine.db;
        let writing = checkpoint::write(db, self.tenant, self.lease, self.version, &segments);
        if !answered(writing).await? {
            tracing::warn!("checkpoints are not kept: the lease was lost");
            (self.log, self.open) = (None, false);
            return Ok(0);
        }
        let lease = self.lease;
        self.superseded.append(&mut self.replaced);
        let dropped = self.segments.drain(keep.min(self.segments.len())..);
        self.superseded.extend(dropped.map(|segment| key(lease, &segment)));
        self.segments = segments;
        Ok(sent)
    }

    async fn put(&mut self, file: Arc<File>, piece: Range<u64>) -> Result<Segment, SendError> {
        // The semaphore is never closed.
        let _turn = self.shared.checkpoint_turns.acquire().await;
        let bytes = piece.end - piece.start;
        let reading = spawn_blocking(move || {
            let mut content = vec![0; usize::try_from(bytes).map_err(io::Error::other)?];
            file.read_exact_at(&mut content, piece.start)?;
            let sha256 = hex::encode(Sha256::digest(&content));
            Ok::<_, io::Error>((Bytes::from(content), sha256))
        });
        let (content, sha256) = reading.await.map_err(io::Error::other)??;
        let segment = Segment { lease: self.lease.lease, number: self.next, bytes, sha256 };
        // A number is never used twice: an answer that was lost may belong to an object that is there.
        self.next += 1;
        self.shared.engine.store.put_whole(&key(self.lease, &segment), content).await?;
        Ok(segment)
    }
}

fn key(lease: &Lease, segment: &Segment) -> String {
    checkpoint_key(lease.tenant, lease.job, segment.lease, segment.number)
}

/// The worker's own disk is at fault, not the job.
fn unusable(error: &io::Error) -> StageError {
    KindError::retry("work_dir_unwritable", format!("the worker's disk refused a write: {}", error.kind()))
        .into()
}
