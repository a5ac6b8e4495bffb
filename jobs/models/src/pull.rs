//! How is a model fetched from the web? By HTTPS, into a file that counts only with its known sum.

use std::io::{self, Read};
use std::path::PathBuf;
use std::time::Duration;

use super::folder::ModelFolder;
use super::known::{KnownModel, Origin};

/// How long a server may take to answer; the file itself may take hours.
const ANSWER: Duration = Duration::from_secs(30);

/// A model could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    /// It is made of wheels.
    #[error("{0} is made of wheels: `esteira models import FILE.whl…`")]
    Wheels(&'static str),
    /// Only HTTPS is taken.
    #[error("only https:// addresses are taken")]
    Scheme,
    /// The server did not answer as hoped.
    #[error("asking the server")]
    Http(#[from] Box<ureq::Error>),
    /// A file cannot be written.
    #[error("writing the model")]
    Io(#[from] io::Error),
    /// What came is another file.
    #[error("what came has the SHA-256 {0}, which is not the known one; nothing was kept")]
    WrongSum(String),
}

/// Fetches a model, from its own address or from a mirror's.
///
/// # Errors
/// When it does not come whole.
pub fn pull(
    model: &'static KnownModel,
    mirror: Option<&str>,
    folder: &ModelFolder,
) -> Result<PathBuf, PullError> {
    let address = match (mirror, model.origin) {
        (Some(mirror), _) => mirror,
        (None, Origin::Url(address)) => address,
        (None, Origin::Wheels(_)) => return Err(PullError::Wheels(model.name)),
    };
    if !address.starts_with("https://") {
        return Err(PullError::Scheme);
    }
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .https_only(true)
        .timeout_connect(Some(ANSWER))
        .timeout_recv_response(Some(ANSWER))
        .build()
        .into();
    let answer = agent.get(address).call().map_err(Box::new)?;
    keep(model, answer.into_body().into_reader(), folder)
}

/// Keeps what a reader gives, which is the model or nothing.
fn keep(model: &KnownModel, from: impl Read, folder: &ModelFolder) -> Result<PathBuf, PullError> {
    // A server that never ends is read one byte beyond the model.
    let mut from = from.take(model.bytes + 1);
    folder.take(model, |out| Ok(io::copy(&mut from, out).map(|_| ())?), PullError::WrongSum)
}

#[cfg(test)]
mod tests {
    use super::super::known::{KNOWN, known};
    use super::*;

    #[test]
    fn only_https_is_asked_and_wheels_are_imported_instead() {
        let folder = ModelFolder::new(std::env::temp_dir().join("never-made"));
        let small = known("small").unwrap();
        assert!(matches!(pull(small, Some("http://127.0.0.1/x"), &folder), Err(PullError::Scheme)));
        assert!(matches!(pull(&KNOWN[0], None, &folder), Err(PullError::Wheels("tiny.en"))));
    }

    #[test]
    fn an_endless_answer_is_read_no_further_than_the_model() {
        let place = tempfile::tempdir().unwrap();
        let folder = ModelFolder::new(place.path().to_owned());
        let short = KnownModel { bytes: 10, ..KNOWN[0] };
        assert!(matches!(keep(&short, io::repeat(7), &folder), Err(PullError::WrongSum(_))));
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
    }
}
