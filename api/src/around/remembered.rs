//! How is something costly kept from being asked for by everybody? One asks, the others read its answer.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

/// An answer with its instant; there is none at first.
#[derive(Debug)]
pub(crate) struct Remembered<T>(Mutex<Option<(Instant, T)>>);

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T: Clone> Remembered<T> {
    /// The answer, if it is younger than `age`, else what `ask` says now. Whoever comes while it is being
    /// asked for waits for that answer; if the one who asks gives up, the next asks.
    pub(crate) async fn get(&self, age: Duration, ask: impl Future<Output = T>) -> T {
        let mut kept = self.0.lock().await;
        if let Some((at, answer)) = &*kept
            && at.elapsed() < age
        {
            return answer.clone();
        }
        let answer = ask.await;
        *kept = Some((Instant::now(), answer.clone()));
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    const LONG: Duration = Duration::from_secs(3600);

    #[tokio::test]
    async fn who_comes_while_it_is_asked_for_gets_the_same_answer() {
        let (remembered, asked) = (Remembered::default(), Cell::new(0));
        let ask = || async {
            asked.set(asked.get() + 1);
            tokio::task::yield_now().await;
            asked.get()
        };
        let answers = tokio::join!(
            remembered.get(LONG, ask()),
            remembered.get(LONG, ask()),
            remembered.get(LONG, ask())
        );
        assert_eq!((answers, asked.get()), ((1, 1, 1), 1));
        assert_eq!(remembered.get(Duration::ZERO, ask()).await, 2);
    }

    #[tokio::test]
    async fn when_the_one_who_asks_gives_up_the_next_asks() {
        let remembered = Remembered::default();
        {
            let mut given_up = std::pin::pin!(remembered.get(LONG, std::future::pending::<u8>()));
            assert!(futures::poll!(given_up.as_mut()).is_pending());
        }
        assert_eq!(remembered.get(LONG, async { 7 }).await, 7);
    }
}
