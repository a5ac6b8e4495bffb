//! How long does a script wait for a server that is away? Long enough for a deploy, at growing distances.

use std::time::{Duration, Instant};

use clap::Args;

use crate::client::ClientError;
use crate::out;

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(5);

/// How long a server may be away while a job is followed.
#[derive(Debug, Clone, Copy, Args)]
pub struct Patience {
    /// How long the server may be away while the job is followed, as when it starts again
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    retry_seconds: u64,
}

impl Patience {
    /// Asks until the server answers, or was away for too long.
    #[expect(
        clippy::disallowed_methods,
        reason = "the client has one thread, and nothing else to do meanwhile"
    )]
    pub fn ask<T>(self, mut ask: impl FnMut() -> Result<T, ClientError>) -> Result<T, ClientError> {
        let began = Instant::now();
        let mut pause = FIRST;
        let mut told = false;
        loop {
            match ask() {
                Err(error)
                    if error.is_passing() && began.elapsed() < Duration::from_secs(self.retry_seconds) =>
                {
                    if !told {
                        out::note(format!("{error}; trying again for {} s", self.retry_seconds));
                        told = true;
                    }
                    std::thread::sleep(pause);
                    pause = (pause * 2).min(LONGEST);
                }
                answer => return answer,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn away() -> ClientError {
        ClientError::Unreachable { url: "http://x".to_owned(), reason: "refused".to_owned() }
    }

    #[test]
    fn a_server_that_comes_back_is_asked_again() {
        let mut answers = vec![Ok(json!(1)), Err(away())];
        let answer = Patience { retry_seconds: 60 }.ask(|| answers.pop().unwrap());
        assert_eq!(answer.unwrap(), json!(1));
    }

    #[test]
    fn patience_ends() {
        let answer = Patience { retry_seconds: 0 }.ask(|| Err::<(), _>(away()));
        assert!(matches!(answer, Err(ClientError::Unreachable { .. })));
    }

    #[test]
    fn a_refusal_is_final() {
        let mut asked = 0;
        let answer = Patience { retry_seconds: 60 }.ask(|| {
            asked += 1;
            Err::<(), _>(ClientError::Strange { url: "http://x".to_owned(), status: 404 })
        });
        assert_eq!((answer.is_err(), asked), (true, 1));
    }
}
