//! What does a kind hold in its hands while it runs? Its directory, its files, and a voice.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::checkpoints::Checkpoints;
use super::document::DocumentWriter;
use super::protocol::{LogLevel, Progress, Report};
use crate::checkpoint::{KEY_BYTES, is_key};
use crate::document::DocumentHead;
use crate::job::{KindError, is_artifact_name};

/// Progress is written at most this often; the first and the last of a stage always are.
const PROGRESS_EVERY: Duration = Duration::from_millis(200);

/// The work directory of one attempt.
pub struct WorkDir {
    root: PathBuf,
    files: BTreeMap<String, PathBuf>,
    file_names: BTreeMap<String, String>,
    parallelism: usize,
    memory: Option<u64>,
    reports: Box<dyn Write + Send>,
    stop: Arc<AtomicBool>,
    last: Option<(Instant, String)>,
    checkpoints: Option<Checkpoints>,
}

impl WorkDir {
    /// A work directory at `root`, whose reports go to `reports`.
    ///
    /// # Errors
    /// When `out/` or `tmp/` cannot be made.
    pub fn open(
        root: PathBuf,
        files: BTreeMap<String, PathBuf>,
        parallelism: usize,
        reports: Box<dyn Write + Send>,
        stop: Arc<AtomicBool>,
    ) -> io::Result<Self> {
        fs::create_dir_all(root.join("out"))?;
        fs::create_dir_all(root.join("tmp"))?;
        let parallelism = parallelism.max(1);
        Ok(Self {
            root,
            files,
            file_names: BTreeMap::new(),
            parallelism,
            memory: None,
            reports,
            stop,
            last: None,
            checkpoints: None,
        })
    }

    /// Tells what the files that were uploaded are called.
    pub fn call(&mut self, file_names: BTreeMap<String, String>) {
        self.file_names = file_names;
    }

    /// Tells how many bytes of memory there are. Without this call there is no limit.
    pub fn confine(&mut self, memory: u64) {
        self.memory = Some(memory);
    }

    /// Goes on from what earlier attempts kept: a file of their checkpoints, which may be empty. Without this call nothing
    /// is kept. The files that an attempt leaves in `tmp/checkpoints/`, one after the other, are such a file.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn resume(&mut self, kept: &Path) -> io::Result<()> {
        self.checkpoints = Some(Checkpoints::open(&self.root, kept)?);
        Ok(())
    }

    /// The staged file behind a name of the input (`upload://…`).
    ///
    /// # Errors
    /// `file_missing` when [`crate::job::Kind::check`] did not list that name.
    pub fn file(&self, uri: &str) -> Result<PathBuf, KindError> {
        let relative = self
            .files
            .get(uri)
            .ok_or_else(|| KindError::fail("file_missing", format!("{uri} was not staged for this job")))?;
        Ok(self.root.join(relative))
    }

    /// What the staged file behind a name of the input is called: as whoever uploaded it says, or by the end of the name
    /// itself. It may say anything, and is no path.
    #[must_use]
    pub fn file_name<'a>(&'a self, uri: &'a str) -> Option<&'a str> {
        if let Some(name) = self.file_names.get(uri) {
            return Some(name);
        }
        uri.split(['?', '#']).next()?.rsplit('/').next().filter(|name| name.contains('.'))
    }

    /// A path for scratch data that goes with the attempt.
    #[must_use]
    pub fn scratch(&self, name: &str) -> PathBuf {
        self.root.join("tmp").join(name)
    }

    /// Where the artifact `name` is to be written; its folder exists afterwards.
    ///
    /// # Errors
    /// When the name is not fit for an artifact, or its folder cannot be made.
    pub fn artifact_path(&self, name: &str) -> Result<PathBuf, KindError> {
        if !is_artifact_name(name) {
            return Err(KindError::fail("bad_artifact_name", format!("{name:?} cannot name an artifact")));
        }
        let path = self.root.join("out").join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| storage_error(&error))?;
        }
        Ok(path)
    }

    /// Declares that the artifact `name`, written to [`Self::artifact_path`], is finished.
    ///
    /// # Errors
    /// When the worker is gone.
    pub fn finish_artifact(&mut self, name: &str, media_type: &str) -> Result<(), KindError> {
        self.report(&Report::Artifact { name: name.to_owned(), media_type: media_type.to_owned() })
    }

    /// Writes a small artifact in one go.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_artifact(&mut self, name: &str, media_type: &str, bytes: &[u8]) -> Result<(), KindError> {
        let path = self.artifact_path(name)?;
        fs::write(path, bytes).map_err(|error| storage_error(&error))?;
        self.finish_artifact(name, media_type)
    }

    /// What an earlier attempt of this job kept under a key. What this attempt keeps it need not read.
    ///
    /// # Errors
    /// When the work directory cannot be read.
    pub fn checkpoint(&self, key: &str) -> Result<Option<Vec<u8>>, KindError> {
        let Some(checkpoints) = &self.checkpoints else { return Ok(None) };
        checkpoints.read(key).map_err(|error| unreadable(&error))
    }

    /// The keys of what earlier attempts kept, in the order in which they kept it.
    #[must_use]
    pub fn checkpoint_keys(&self) -> Vec<String> {
        self.checkpoints.as_ref().map(Checkpoints::keys).unwrap_or_default()
    }

    /// Keeps bytes under a key for the attempt after this one, instead of what was kept under it before. Cheap enough for
    /// every page of a thousand: the worker gathers them. Does nothing where no checkpoints are kept.
    ///
    /// # Errors
    /// `bad_checkpoint` when the key is empty or too long; when the work directory takes no more, or the worker is gone.
    pub fn keep_checkpoint(&mut self, key: &str, bytes: &[u8]) -> Result<(), KindError> {
        self.keep_checkpoint_from(key, bytes.len() as u64, bytes)
    }

    /// The same for bytes that a reader gives, which has at least `length` of them.
    ///
    /// # Errors
    /// As before.
    pub fn keep_checkpoint_from(
        &mut self,
        key: &str,
        length: u64,
        mut bytes: impl Read,
    ) -> Result<(), KindError> {
        if !is_key(key) {
            let message = format!("a checkpoint has a key of 1 to {KEY_BYTES} bytes");
            return Err(KindError::fail("bad_checkpoint", message));
        }
        let Some(checkpoints) = &mut self.checkpoints else { return Ok(()) };
        let number = checkpoints.write(key, length, &mut bytes).map_err(|error| storage_error(&error))?;
        self.report(&Report::Checkpoint { number })
    }

    /// Begins the document that the tenant is to find by what it says, instead of one that was begun before.
    ///
    /// # Errors
    /// When the work directory takes no file.
    pub fn begin_document(&self) -> Result<DocumentWriter, KindError> {
        DocumentWriter::create(&self.root).map_err(|error| storage_error(&error))
    }

    /// Declares that the document is whole. The tenant finds it once the job has succeeded.
    ///
    /// # Errors
    /// When it cannot be written, or the worker is gone.
    pub fn finish_document(
        &mut self,
        document: DocumentWriter,
        head: &DocumentHead,
    ) -> Result<(), KindError> {
        document.close()?;
        self.report(&Report::Document(head.clone()))
    }

    /// Tells how far the work is; call it as often as is convenient.
    ///
    /// # Errors
    /// `cancelled` when the worker asked the child to stop, or is gone.
    pub fn progress(&mut self, fraction: f64, stage: &str, message: &str) -> Result<(), KindError> {
        self.check_stop()?;
        let due = match &self.last {
            Some((at, last_stage)) => {
                last_stage != stage || at.elapsed() >= PROGRESS_EVERY || fraction >= 1.0
            }
            None => true,
        };
        if !due {
            return Ok(());
        }
        self.last = Some((Instant::now(), stage.to_owned()));
        self.report(&Report::Progress(Progress {
            fraction: fraction.clamp(0.0, 1.0),
            stage: stage.to_owned(),
            message: message.to_owned(),
        }))
    }

    /// Keeps a sentence for the tenant.
    ///
    /// # Errors
    /// When the worker is gone.
    pub fn log(&mut self, level: LogLevel, message: &str) -> Result<(), KindError> {
        self.report(&Report::Log { level, message: message.to_owned() })
    }

    /// Errs once the worker asked the child to stop; long loops ask between two steps.
    ///
    /// # Errors
    /// `cancelled`.
    pub fn check_stop(&self) -> Result<(), KindError> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(KindError::fail("cancelled", "stopped on request"));
        }
        Ok(())
    }

    /// Threads that the kind should compute with.
    #[must_use]
    pub fn parallelism(&self) -> usize {
        self.parallelism
    }

    /// Bytes of memory that the attempt may take, with what its libraries map; `None` where nobody limits it.
    #[must_use]
    pub fn memory(&self) -> Option<u64> {
        self.memory
    }

    /// The directory itself. In a child it is `.`, so that no message names a path of the host.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn report(&mut self, report: &Report) -> Result<(), KindError> {
        let mut line = serde_json::to_vec(report)
            .map_err(|error| KindError::fail("bad_report", format!("a report does not fit JSON: {error}")))?;
        line.push(b'\n');
        self.reports
            .write_all(&line)
            .and_then(|()| self.reports.flush())
            .map_err(|_| KindError::retry("worker_gone", "nobody listens any more"))
    }
}

fn unreadable(error: &io::Error) -> KindError {
    KindError::retry("work_dir_unreadable", format!("the work directory refused a read: {}", error.kind()))
}

/// A full disk or a file size limit, told without a path.
pub(super) fn storage_error(error: &io::Error) -> KindError {
    KindError::retry("work_dir_unwritable", format!("the work directory refused a write: {}", error.kind()))
}
