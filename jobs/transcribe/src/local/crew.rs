//! How do several states hear side by side, and their lines stay in order? A bounded queue before them, a shelf behind.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::Duration;

use esteira_engine::job::KindError;
use whisper_rs::{WhisperContext, WhisperTokenId};

use super::chunk::Chunk;
use super::whisper::{Line, Listener, Told};

/// How long to wait for somebody before looking whether the job is to stop.
const LOOK: Duration = Duration::from_millis(200);

/// A chunk with its lines.
pub struct Heard {
    /// The chunk; its samples are gone.
    pub chunk: Chunk,
    /// What was said in it.
    pub lines: Vec<Line>,
    /// An earlier attempt has heard it.
    pub found: bool,
}

/// States at work.
pub struct Crew<'scope> {
    work: Option<SyncSender<Chunk>>,
    done: Receiver<Result<Heard, KindError>>,
    shelf: BTreeMap<usize, Heard>,
    next: usize,
    given: usize,
    stop: Arc<AtomicBool>,
    threads: Vec<ScopedJoinHandle<'scope, ()>>,
}

impl<'scope> Crew<'scope> {
    /// Makes `count` states and sets each to work on a thread of its own.
    pub fn hire<'env>(
        scope: &'scope Scope<'scope, 'env>,
        first: Listener,
        count: usize,
        context: &'env WhisperContext,
        told: &'env Told,
        prompt: &'env [WhisperTokenId],
    ) -> Result<Self, KindError> {
        let (work, chunks) = mpsc::sync_channel::<Chunk>(1);
        let (told_done, done) = mpsc::channel();
        let chunks = Arc::new(Mutex::new(chunks));
        let stop = Arc::new(AtomicBool::new(false));
        let mut listeners = vec![first];
        while listeners.len() < count {
            listeners.push(Listener::new(context)?);
        }
        let threads = listeners
            .into_iter()
            .map(|mut listener| {
                let (chunks, done, stop) = (Arc::clone(&chunks), told_done.clone(), Arc::clone(&stop));
                scope.spawn(move || {
                    while let Some(chunk) = next(&chunks) {
                        let heard = listener.hear(&chunk, told, prompt, &stop);
                        let heard = heard.map(|lines| Heard { chunk: bare(chunk), lines, found: false });
                        if done.send(heard).is_err() {
                            return;
                        }
                    }
                })
            })
            .collect();
        Ok(Self { work: Some(work), done, shelf: BTreeMap::new(), next: 0, given: 0, stop, threads })
    }

    /// Gives a chunk to whoever is free; `wait` is asked while nobody is.
    pub fn give(
        &mut self,
        mut chunk: Chunk,
        wait: &mut dyn FnMut() -> Result<(), KindError>,
    ) -> Result<(), KindError> {
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
            self.collect(wait)?;
        }
    }

    /// Puts what an earlier attempt has heard where it belongs.
    pub fn put(&mut self, chunk: Chunk, lines: Vec<Line>) {
        self.shelf.insert(chunk.number, Heard { chunk: bare(chunk), lines, found: true });
    }

    /// The next chunk in order, if it is ready.
    pub fn ready(&mut self) -> Result<Option<Heard>, KindError> {
        while let Ok(heard) = self.done.try_recv() {
            self.take(heard)?;
        }
        let next = self.shelf.remove(&self.next);
        self.next += usize::from(next.is_some());
        Ok(next)
    }

    /// The next chunk in order, for which is waited; `None` once all were handed out.
    pub fn rest(
        &mut self,
        wait: &mut dyn FnMut() -> Result<(), KindError>,
    ) -> Result<Option<Heard>, KindError> {
        self.work = None;
        loop {
            if let Some(heard) = self.ready()? {
                return Ok(Some(heard));
            }
            if self.given == 0 {
                return Ok(None);
            }
            self.collect(wait)?;
        }
    }

    /// Waits until somebody is done.
    fn collect(&mut self, wait: &mut dyn FnMut() -> Result<(), KindError>) -> Result<(), KindError> {
        loop {
            match self.done.recv_timeout(LOOK) {
                Ok(heard) => return self.take(heard),
                Err(RecvTimeoutError::Timeout) => wait()?,
                Err(RecvTimeoutError::Disconnected) => return Err(gone()),
            }
        }
    }

    fn take(&mut self, heard: Result<Heard, KindError>) -> Result<(), KindError> {
        let heard = heard?;
        self.given -= 1;
        self.shelf.insert(heard.chunk.number, heard);
        Ok(())
    }
}

impl Drop for Crew<'_> {
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
