//! How is a model fetched from the web? By HTTPS, into a file that counts only with its known sum.

use std::io::{self, Cursor, Read};
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use super::folder::ModelFolder;
use super::known::{KnownModel, Origin};

/// How long a server may take to answer; the file itself may take hours.
const ANSWER: Duration = Duration::from_secs(30);
/// How long nothing may come of the file.
const STALL: Duration = Duration::from_secs(60);
/// Bytes of a block that is read at once, and blocks that wait to be written.
const BLOCK: usize = 1 << 16;
const BLOCKS: usize = 16;

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
    keep(model, Patient::new(answer.into_body().into_reader(), STALL), folder)
}

/// Reads until nothing has come for too long. Its thread ends with the connection, or with the program.
struct Patient {
    blocks: Receiver<io::Result<Vec<u8>>>,
    block: Cursor<Vec<u8>>,
    stall: Duration,
}

impl Patient {
    fn new(mut from: impl Read + Send + 'static, stall: Duration) -> Self {
        let (give, blocks) = mpsc::sync_channel(BLOCKS);
        std::thread::spawn(move || {
            loop {
                let mut block = vec![0; BLOCK];
                let read = from.read(&mut block).map(|count| {
                    block.truncate(count);
                    block
                });
                let over = !matches!(&read, Ok(block) if !block.is_empty());
                if give.send(read).is_err() || over {
                    return;
                }
            }
        });
        Self { blocks, block: Cursor::default(), stall }
    }
}

impl Read for Patient {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.block.read(out)?;
        if count > 0 || out.is_empty() {
            return Ok(count);
        }
        match self.blocks.recv_timeout(self.stall) {
            Ok(block) => self.block = Cursor::new(block?),
            Err(RecvTimeoutError::Timeout) => {
                let message = format!("nothing came for {} s", self.stall.as_secs());
                return Err(io::Error::new(io::ErrorKind::TimedOut, message));
            }
            // The end was told before.
            Err(RecvTimeoutError::Disconnected) => return Ok(0),
        }
        self.block.read(out)
    }
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
    fn an_answer_that_stalls_is_given_up_and_one_that_goes_on_is_whole() {
        use std::io::Write as _;
        let (mut server, client) = std::os::unix::net::UnixStream::pair().unwrap();
        server.write_all(b"abc").unwrap();
        let mut patient = Patient::new(client, Duration::from_millis(200));
        let mut begun = [0; 3];
        patient.read_exact(&mut begun).unwrap();
        assert_eq!(&begun, b"abc");
        assert_eq!(patient.read(&mut begun).unwrap_err().kind(), io::ErrorKind::TimedOut);
        let bytes: Vec<u8> = (0..=255).cycle().take(3 * BLOCK + 7).collect();
        let mut read = Vec::new();
        Patient::new(Cursor::new(bytes.clone()), Duration::from_secs(60)).read_to_end(&mut read).unwrap();
        assert!(read == bytes);
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
