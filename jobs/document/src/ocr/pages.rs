//! How are pages worked on beside each other, and given back in order?

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};

/// Results that may wait for an earlier one, for each thread.
const AHEAD: usize = 4;

/// Works on `inputs` with `threads` threads, each with a worker that `start` makes, and gives the results to `deliver`
/// in the order of the inputs until it answers false. `inputs` and `deliver` stay on the thread that calls; at most
/// one input more than there are threads is alive.
///
/// # Errors
/// The first error of `start`.
pub fn in_order<I: Send, W, R: Send, E: Send>(
    threads: usize,
    start: impl Fn() -> Result<W, E> + Sync,
    inputs: impl Iterator<Item = I>,
    work: impl Fn(&mut W, I) -> R + Sync,
    deliver: impl FnMut(R) -> bool,
) -> Result<(), E> {
    let threads = threads.max(1);
    let (give, take) = sync_channel(threads);
    let (answer, answers) = channel();
    let take = Mutex::new(take);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let answer = answer.clone();
            scope.spawn({
                let (take, start, work) = (&take, &start, &work);
                move || serve(take, &answer, start, work)
            });
        }
        drop(answer);
        Order { give, answers, running: 0, sent: 0, delivered: 0, waiting: BTreeMap::new(), deliver }
            .run(threads, inputs)
    })
}

/// What a thread answers: a result with its input's number, or why it has no worker.
type Answer<R, E> = Result<(usize, R), E>;

fn serve<I, W, R, E>(
    take: &Mutex<Receiver<(usize, I)>>,
    answer: &Sender<Answer<R, E>>,
    start: &impl Fn() -> Result<W, E>,
    work: &impl Fn(&mut W, I) -> R,
) {
    let mut worker = match start() {
        Ok(worker) => worker,
        Err(error) => {
            // Nobody listens when another thread's error was first.
            let _ = answer.send(Err(error));
            return;
        }
    };
    loop {
        let next = take.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, input)) = next else { return };
        if answer.send(Ok((number, work(&mut worker, input)))).is_err() {
            return;
        }
    }
}

struct Order<I, R, E, D> {
    give: SyncSender<(usize, I)>,
    answers: Receiver<Answer<R, E>>,
    running: usize,
    sent: usize,
    delivered: usize,
    waiting: BTreeMap<usize, R>,
    deliver: D,
}

impl<I, R, E, D: FnMut(R) -> bool> Order<I, R, E, D> {
    fn run(mut self, threads: usize, inputs: impl Iterator<Item = I>) -> Result<(), E> {
        for input in inputs {
            while self.running >= threads || self.sent - self.delivered >= threads * AHEAD {
                if !self.collect()? {
                    return Ok(());
                }
            }
            if self.give.send((self.sent, input)).is_err() {
                break;
            }
            self.sent += 1;
            self.running += 1;
        }
        while self.delivered < self.sent {
            if !self.collect()? {
                break;
            }
        }
        Ok(())
    }

    /// Waits for an answer, and delivers what is next; false when no more is wanted.
    fn collect(&mut self) -> Result<bool, E> {
        // All threads are gone only when one of them panicked, which the scope passes on.
        let Ok(answer) = self.answers.recv() else { return Ok(false) };
        let (number, result) = answer?;
        self.running -= 1;
        self.waiting.insert(number, result);
        while let Some(result) = self.waiting.remove(&self.delivered) {
            self.delivered += 1;
            if !(self.deliver)(result) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn results_come_in_the_order_of_their_inputs() {
        // The first input waits until the second one is done.
        let both = Barrier::new(2);
        let mut seen = Vec::new();
        let work = |(): &mut (), n: u32| {
            if n < 2 {
                both.wait();
            }
            n * 10
        };
        in_order(
            2,
            || Ok::<_, ()>(()),
            0..20,
            work,
            |n| {
                seen.push(n);
                true
            },
        )
        .unwrap();
        assert_eq!(seen, (0..20).map(|n| n * 10).collect::<Vec<_>>());
    }

    #[test]
    fn no_more_inputs_are_alive_than_threads_and_one() {
        struct Counted<'a>(&'a AtomicUsize);
        impl Drop for Counted<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::SeqCst);
            }
        }
        let (alive, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let inputs = (0..50).map(|_| {
            most.fetch_max(alive.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            Counted(&alive)
        });
        in_order(3, || Ok::<_, ()>(()), inputs, |(), input| drop(input), |()| true).unwrap();
        assert!(most.load(Ordering::SeqCst) <= 4, "{most:?}");
        assert_eq!(alive.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn it_stops_when_no_more_is_wanted() {
        let mut seen = 0;
        in_order(
            2,
            || Ok::<_, ()>(()),
            0..,
            |(), n: u32| n,
            |_| {
                seen += 1;
                seen < 5
            },
        )
        .unwrap();
        assert_eq!(seen, 5);
    }

    #[test]
    fn a_worker_that_cannot_start_is_an_error() {
        let outcome = in_order(2, || Err::<(), _>("no data"), 0..9, |(), n: u32| n, |_| true);
        assert_eq!(outcome, Err("no data"));
    }
}
