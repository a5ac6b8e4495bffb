//! How do several states hear side by side, and their lines stay in order? A bounded queue before them, a shelf behind.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::Duration;

use esteira_engine::job::KindError;
use whisper_rs::{WhisperContext, WhisperTokenId};

use super::chunk::Chunk;
use super::whisper::{Line, Listener, Told};

/// How long to wait for somebody before looking whether the job is to stop.
const LOOK: Duration = Duration::from_millis(200);
/// How long somebody who was just hired may take to begin.
const MOMENT: Duration = Duration::from_millis(5);

/// A chunk with its lines.
pub struct Heard {
    /// The chunk; its samples are gone.
    pub chunk: Chunk,
    /// What was said in it.
    pub lines: Vec<Line>,
    /// An earlier attempt has heard it.
    pub found: bool,
}

/// Is given each chunk at the moment at which it is done, in whatever order that is, and nothing now and then meanwhile.
pub type Watch<'a> = dyn FnMut(Option<&Heard>) -> Result<(), KindError> + 'a;

/// What everybody works with.
#[derive(Clone, Copy)]
pub struct Desk<'env> {
    /// The weights.
    pub context: &'env WhisperContext,
    /// What is told.
    pub told: &'env Told,
    /// The vocabulary.
    pub prompt: &'env [WhisperTokenId],
}

/// States at work.
pub struct Crew<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    desk: Desk<'env>,
    /// States at most.
    most: usize,
    work: Option<SyncSender<Chunk>>,
    chunks: Arc<Mutex<Receiver<Chunk>>>,
    told_done: Sender<Result<Heard, KindError>>,
    done: Receiver<Result<Heard, KindError>>,
    shelf: BTreeMap<usize, Heard>,
    next: usize,
    /// Chunks that wait or are heard.
    given: usize,
    stop: Arc<AtomicBool>,
    threads: Vec<ScopedJoinHandle<'scope, ()>>,
}

impl<'scope, 'env> Crew<'scope, 'env> {
    /// Sets a first state to work on a thread of its own; there will be up to `most`, as there is work for them.
    pub fn hire(scope: &'scope Scope<'scope, 'env>, first: Listener, most: usize, desk: Desk<'env>) -> Self {
        let (work, chunks) = mpsc::sync_channel::<Chunk>(1);
        let (told_done, done) = mpsc::channel();
        let mut crew = Self {
            scope,
            desk,
            most,
            work: Some(work),
            chunks: Arc::new(Mutex::new(chunks)),
            told_done,
            done,
            shelf: BTreeMap::new(),
            next: 0,
            given: 0,
            stop: Arc::new(AtomicBool::new(false)),
            threads: Vec::new(),
        };
        crew.employ(first);
        crew
    }

    fn employ(&mut self, mut listener: Listener) {
        let (chunks, done, stop) = (Arc::clone(&self.chunks), self.told_done.clone(), Arc::clone(&self.stop));
        let Desk { told, prompt, .. } = self.desk;
        self.threads.push(self.scope.spawn(move || {
            while let Some(chunk) = next(&chunks) {
                let heard = listener.hear(&chunk, told, prompt, &stop);
                let heard = heard.map(|lines| Heard { chunk: bare(chunk), lines, found: false });
                if done.send(heard).is_err() {
                    return;
                }
            }
        }));
    }

    /// Gives a chunk to whoever is free; while nobody is, another one is hired, or waited for.
    pub fn give(&mut self, mut chunk: Chunk, watch: &mut Watch<'_>) -> Result<(), KindError> {
        loop {
            let Some(work) = &self.work else { return Ok(()) };
            match work.try_send(chunk) {
                Ok(()) => {
                    self.given += 1;
                    return Ok(());
                }
                Err(TrySendError::Full(back)) => chunk = back,
                Err(TrySendError::Disconnected(_)) => return Err(gone()),
            }
            let hires = self.threads.len() < self.most && self.given > self.threads.len();
            if hires {
                self.employ(Listener::new(self.desk.context)?);
            }
            self.collect(if hires { MOMENT } else { LOOK }, watch)?;
        }
    }

    /// Puts what an earlier attempt has heard where it belongs.
    pub fn put(&mut self, chunk: Chunk, lines: Vec<Line>) {
        self.shelf.insert(chunk.number, Heard { chunk: bare(chunk), lines, found: true });
    }

    /// Whether nobody hears anything, and nothing waits.
    pub fn is_idle(&self) -> bool {
        self.given == 0 && self.shelf.is_empty()
    }

    /// The next chunk in order, if it is ready.
    pub fn ready(&mut self, watch: &mut Watch<'_>) -> Result<Option<Heard>, KindError> {
        while let Ok(heard) = self.done.try_recv() {
            self.take(heard, watch)?;
        }
        let next = self.shelf.remove(&self.next);
        self.next += usize::from(next.is_some());
        Ok(next)
    }

    /// The next chunk in order, for which is waited; `None` once all were handed out.
    pub fn rest(&mut self, watch: &mut Watch<'_>) -> Result<Option<Heard>, KindError> {
        self.work = None;
        loop {
            if let Some(heard) = self.ready(watch)? {
                return Ok(Some(heard));
            }
            if self.given == 0 {
                return Ok(None);
            }
            self.collect(LOOK, watch)?;
        }
    }

    /// Waits for somebody who is done, but not for long.
    fn collect(&mut self, time: Duration, watch: &mut Watch<'_>) -> Result<(), KindError> {
        // Whoever has ended has told everything before.
        let all_gone = self.threads.iter().all(ScopedJoinHandle::is_finished);
        match self.done.recv_timeout(time) {
            Ok(heard) => self.take(heard, watch),
            Err(RecvTimeoutError::Timeout) if !all_gone => watch(None),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Err(gone()),
        }
    }

    fn take(&mut self, heard: Result<Heard, KindError>, watch: &mut Watch<'_>) -> Result<(), KindError> {
        let heard = heard?;
        self.given -= 1;
        watch(Some(&heard))?;
        self.shelf.insert(heard.chunk.number, heard);
        Ok(())
    }
}

impl Drop for Crew<'_, '_> {
    /// Whoever still hears is told to stop: nobody waits for it.
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.work = None;
        for thread in self.threads.drain(..) {
            // Its panic was told where it happened.
            let _ = thread.join();
        }
    }
}

fn next(chunks: &Mutex<Receiver<Chunk>>) -> Option<Chunk> {
    chunks.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

fn bare(chunk: Chunk) -> Chunk {
    Chunk { samples: Vec::new(), ..chunk }
}

fn gone() -> KindError {
    KindError::retry("whisper_failed", "the local engine: nobody hears any more")
}
