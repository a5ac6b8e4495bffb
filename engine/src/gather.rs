//! How do many callers share one commit? Whoever asks while one is under way shares the next.
//!
//! A transaction costs a write to disk, however little is in it. Questions that come while others are being
//! answered are answered together; a lone one is answered at once and waits for nobody. Those who were answered
//! together often ask again at once, so the next round gives as many a moment to come back.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::FutureExt;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::yield_now;
use tokio::time::{Instant, timeout, timeout_at};

use crate::db::ONE_ANSWER;

/// Answers under way at the same time: while one transaction waits for the disk, the other is filled.
const AT_ONCE: usize = 2;

/// How long a round waits for as many questions as the last one had. A fraction of what a commit takes.
const REGATHER: Duration = Duration::from_micros(200);
/// The same while another round is under way, whose callers are about to come back.
const REGATHER_BESIDE: Duration = Duration::from_millis(2);

type Asked<Q, A> = (Q, oneshot::Sender<A>);

/// The place where the questions of a process meet.
#[derive(Debug)]
pub(crate) struct Gather<Q, A>(mpsc::UnboundedSender<Asked<Q, A>>);

impl<Q, A> Clone for Gather<Q, A> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<Q: Send + 'static, A: Send + 'static> Gather<Q, A> {
    /// Starts answering, by a function that gives one answer for each of at most `most` questions, in their order.
    /// Ends with the last clone. Must be called inside a tokio runtime.
    pub fn start<F, Fut>(most: usize, answer: F) -> Self
    where
        F: Fn(Vec<Q>) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = Vec<A>> + Send + 'static,
    {
        Self::start_with(most, ONE_ANSWER, answer)
    }

    fn start_with<F, Fut>(most: usize, patience: Duration, answer: F) -> Self
    where
        F: Fn(Vec<Q>) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = Vec<A>> + Send + 'static,
    {
        let (sender, receiver) = mpsc::unbounded_channel();
        let inbox = Arc::new(Mutex::new(Inbox { receiver, last: 0 }));
        let under_way = Arc::new(AtomicUsize::new(0));
        for _ in 0..AT_ONCE {
            let rounds =
                Rounds { most, patience, inbox: Arc::clone(&inbox), under_way: Arc::clone(&under_way) };
            tokio::spawn(rounds.serve(answer.clone()));
        }
        Self(sender)
    }

    /// The answer; `None` when it takes too long, or the process ends and nobody answers any more.
    pub async fn ask(&self, question: Q) -> Option<A> {
        let (sender, answer) = oneshot::channel();
        self.0.send((question, sender)).ok()?;
        answer.await.ok()
    }
}

/// What was asked and is not answered yet.
struct Inbox<Q, A> {
    receiver: mpsc::UnboundedReceiver<Asked<Q, A>>,
    /// How many questions the last round had.
    last: usize,
}

impl<Q, A> Inbox<Q, A> {
    /// The next round's questions; none when nobody can ask any more.
    async fn next_round(&mut self, most: usize, beside_another: bool) -> Vec<Asked<Q, A>> {
        let mut asked = Vec::with_capacity(self.last);
        self.receiver.recv_many(&mut asked, most).await;
        let began = Instant::now();
        let until = began + if beside_another { REGATHER_BESIDE } else { REGATHER };
        while !asked.is_empty() && asked.len() < self.last && Instant::now() < until {
            if beside_another {
                match timeout_at(until, self.receiver.recv()).await {
                    Ok(Some(another)) => asked.push(another),
                    Ok(None) | Err(_) => break,
                }
            } else {
                // Tokio's timers are coarser than this moment.
                yield_now().await;
            }
            while asked.len() < most
                && let Ok(another) = self.receiver.try_recv()
            {
                asked.push(another);
            }
        }
        self.last = asked.len();
        asked
    }
}

/// One of those that answer.
struct Rounds<Q, A> {
    most: usize,
    patience: Duration,
    inbox: Arc<Mutex<Inbox<Q, A>>>,
    under_way: Arc<AtomicUsize>,
}

impl<Q, A> Rounds<Q, A> {
    async fn serve<F, Fut>(self, answer: F)
    where
        F: Fn(Vec<Q>) -> Fut,
        Fut: Future<Output = Vec<A>>,
    {
        loop {
            let mut inbox = self.inbox.lock().await;
            let beside_another = self.under_way.load(Ordering::Relaxed) > 0;
            let asked = inbox.next_round(self.most, beside_another).await;
            drop(inbox);
            if asked.is_empty() {
                return;
            }
            let (questions, waiting): (Vec<Q>, Vec<_>) = asked.into_iter().unzip();
            self.under_way.fetch_add(1, Ordering::Relaxed);
            // Who waits for a connection that leads nowhere would never answer again. Those who asked are told by the
            // end of their channels, and may ask again.
            // The same after a panic, which ends this round and not the rounds.
            let answers = timeout(self.patience, AssertUnwindSafe(answer(questions)).catch_unwind()).await;
            self.under_way.fetch_sub(1, Ordering::Relaxed);
            let answers = answers.ok().and_then(Result::ok).unwrap_or_default();
            for (sender, answer) in waiting.into_iter().zip(answers) {
                // Whoever asked has gone; what was done is done all the same.
                let _gone = sender.send(answer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_gets_its_own_answer_and_those_that_wait_are_answered_together() {
        let gather = Gather::start(100, |numbers: Vec<usize>| async move {
            tokio::task::yield_now().await;
            let together = numbers.len();
            numbers.into_iter().map(|number| (number, together)).collect()
        });
        let all = futures::future::join_all((0..50).map(|number| gather.ask(number))).await;
        let answers: Vec<_> = all.into_iter().map(|answer| answer.unwrap()).collect();
        assert!(answers.iter().map(|(number, _)| *number).eq(0..50));
        assert!(answers.iter().any(|(_, together)| *together > 1), "{answers:?}");
    }

    #[tokio::test]
    async fn a_panic_leaves_nobody_waiting_and_others_are_answered_as_ever() {
        let gather = Gather::start(1, |panics: Vec<bool>| async move {
            assert!(!panics.contains(&true), "a defect");
            panics
        });
        for _ in 0..=AT_ONCE {
            assert_eq!(gather.ask(true).await, None);
        }
        assert_eq!(gather.ask(false).await, Some(false));
    }

    #[tokio::test]
    async fn an_answer_that_is_missing_leaves_nobody_waiting() {
        let gather = Gather::start(1, |_: Vec<()>| async { Vec::<()>::new() });
        assert_eq!(gather.ask(()).await, None);
    }

    #[tokio::test]
    async fn an_answer_that_never_comes_holds_up_none_that_is_asked_for_later() {
        let gather = Gather::start_with(1, Duration::from_millis(10), |never: Vec<bool>| async move {
            if never.contains(&true) {
                std::future::pending::<()>().await;
            }
            never
        });
        let silent = futures::future::join_all((0..AT_ONCE).map(|_| gather.ask(true)));
        assert_eq!(tokio::join!(silent, gather.ask(false)), (vec![None; AT_ONCE], Some(false)));
    }
}
