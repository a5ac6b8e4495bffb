//! How do many callers share one commit? Whoever asks while one is under way shares the next.
//!
//! A transaction costs a write to disk, however little is in it. Questions that come while others are being
//! answered are answered together; a lone one is answered at once and waits for nobody.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::timeout;

use crate::db::ONE_ANSWER;

/// Answers under way at the same time: while one transaction waits for the disk, the other is filled.
const AT_ONCE: usize = 2;

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
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..AT_ONCE {
            tokio::spawn(serve(most, patience, Arc::clone(&receiver), answer.clone()));
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

async fn serve<Q, A, F, Fut>(
    most: usize,
    patience: Duration,
    receiver: Arc<Mutex<mpsc::UnboundedReceiver<Asked<Q, A>>>>,
    answer: F,
) where
    F: Fn(Vec<Q>) -> Fut,
    Fut: Future<Output = Vec<A>>,
{
    let mut asked = Vec::with_capacity(most);
    while receiver.lock().await.recv_many(&mut asked, most).await > 0 {
        let (questions, waiting): (Vec<Q>, Vec<_>) = asked.drain(..).unzip();
        // Who waits for a connection that leads nowhere would never answer again. Those who asked are told by the end of
        // their channels, and may ask again.
        let Ok(answers) = timeout(patience, answer(questions)).await else { continue };
        for (sender, answer) in waiting.into_iter().zip(answers) {
            // Whoever asked has gone; what was done is done all the same.
            let _gone = sender.send(answer);
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
    async fn a_panic_of_the_answer_leaves_nobody_waiting() {
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
