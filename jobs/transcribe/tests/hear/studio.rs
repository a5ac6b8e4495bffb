//! A studio for tests: records voices, has them written down without an engine, and looks at what came out.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use esteira_engine::child::WorkDir;
use esteira_engine::job::{Kind, KindError};
use esteira_transcribe::MediaTranscribe;
use serde_json::{Value, json};

/// The one recording of a studio.
pub const SOURCE: &str = "upload://00000000-0000-7000-8000-000000000001";

/// A reader of LibriVox, out of Debian's pocketsphinx-testdata: 18 s of Sense and Sensibility in three clips.
pub const CLIPS: &str = "/usr/share/pocketsphinx/test/data/librivox/sense_and_sensibility_01_austen_64kb-";

/// A folder in which a recording is heard.
pub struct Studio {
    folder: tempfile::TempDir,
    reports: Reports,
    stop: Arc<AtomicBool>,
    states: usize,
}

#[derive(Clone, Default)]
struct Reports {
    bytes: Arc<Mutex<Vec<u8>>>,
    stop_at: Arc<Mutex<Option<(String, usize)>>>,
    stop: Arc<AtomicBool>,
}

impl Write for Reports {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.bytes.lock().unwrap().extend(bytes);
        let text = String::from_utf8_lossy(bytes).into_owned();
        let mut wanted = self.stop_at.lock().unwrap();
        if let Some((word, left)) = &mut *wanted
            && text.contains(word.as_str())
        {
            *left -= 1;
            if *left == 0 {
                self.stop.store(true, Ordering::Relaxed);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Studio {
    pub fn new() -> Self {
        Self::with_states(2)
    }

    /// One in which so many states hear side by side.
    pub fn with_states(states: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let reports = Reports { stop: Arc::clone(&stop), ..Reports::default() };
        Self { folder: tempfile::tempdir().unwrap(), reports, stop, states }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Makes a file of the studio with ffmpeg; the arguments are those before the file.
    pub fn ffmpeg(&self, name: &str, arguments: &[&str]) -> PathBuf {
        let path = self.path(name);
        let made = Command::new("ffmpeg")
            .args(["-v", "error", "-y"])
            .args(arguments)
            .arg(&path)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        path
    }

    /// Has a text spoken by a voice of espeak-ng.
    pub fn speak(&self, name: &str, voice: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        let made = Command::new("espeak-ng")
            .args(["-v", voice, "-s", "140", "-w"])
            .arg(&path)
            .arg(text)
            .output()
            .unwrap();
        assert!(made.status.success());
        path
    }

    /// The clips of a real reader, with pauses between them.
    pub fn reading(&self, name: &str) -> PathBuf {
        let clip = |number: &str| format!("{CLIPS}{number}.wav");
        let (one, two, three) = (clip("0870"), clip("0880"), clip("0890"));
        let graph = "[0]apad=pad_dur=1[a];[1]apad=pad_dur=1.2[b];[a][b][2]concat=n=3:v=0:a=1";
        self.ffmpeg(name, &["-i", &one, "-i", &two, "-i", &three, "-filter_complex", graph])
    }

    /// Stops the job once so many reports hold this word.
    pub fn stop_at(&self, word: &str, count: usize) {
        *self.reports.stop_at.lock().unwrap() = Some((word.to_owned(), count));
    }

    /// Goes on after a stop.
    pub fn go_on(&self) {
        *self.reports.stop_at.lock().unwrap() = None;
        self.stop.store(false, Ordering::Relaxed);
    }

    /// Writes down a recording as `asked` says, going on from `kept` checkpoints.
    pub fn hear_from(
        &self,
        path: &Path,
        asked: Value,
        settings: &Value,
        kept: Option<&Path>,
    ) -> Result<Value, KindError> {
        let mut input = asked;
        input["source"] = json!(SOURCE);
        let kind = MediaTranscribe;
        if let Err(faults) = kind.check(&input, settings) {
            panic!("the input is refused: {faults:#?}");
        }
        let files = BTreeMap::from([(SOURCE.to_owned(), path.to_owned())]);
        let root = self.folder.path().to_owned();
        let reports = Box::new(self.reports.clone());
        let mut work = WorkDir::open(root, files, self.states, reports, Arc::clone(&self.stop)).unwrap();
        if let Some(kept) = kept {
            work.resume(kept).unwrap();
        }
        kind.run(&input, settings, &mut work)
    }

    pub fn hear_with(&self, path: &Path, asked: Value, settings: &Value) -> Result<Value, KindError> {
        self.hear_from(path, asked, settings, None)
    }

    /// The same with the usual settings.
    pub fn hear(&self, path: &Path, asked: Value) -> Result<Value, KindError> {
        self.hear_with(path, asked, &json!({}))
    }

    pub fn artifact(&self, name: &str) -> PathBuf {
        self.folder.path().join("out").join(name)
    }

    pub fn text(&self, artifact: &str) -> String {
        std::fs::read_to_string(self.artifact(artifact)).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text("transcript.json")).unwrap()
    }

    /// What the search is given, a passage a line.
    pub fn passages(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("tmp/passages.jsonl")).unwrap()
    }

    /// Everything that the kind reported.
    pub fn events(&self) -> Vec<Value> {
        let bytes = self.reports.bytes.lock().unwrap();
        bytes.split(|&byte| byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect()
    }

    /// The checkpoints that were written, one after the other, as one file.
    pub fn kept(&self) -> PathBuf {
        let folder = self.folder.path().join("tmp/checkpoints");
        let mut numbers: Vec<u64> = std::fs::read_dir(&folder)
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok())
            .collect();
        numbers.sort_unstable();
        let bytes: Vec<u8> = numbers
            .iter()
            .flat_map(|number| std::fs::read(folder.join(number.to_string())).unwrap())
            .collect();
        let path = self.path("kept");
        std::fs::write(&path, bytes).unwrap();
        std::fs::remove_dir_all(folder).unwrap();
        path
    }
}

/// Letters and digits of a text in lower case, word by word.
pub fn plain(text: &str) -> Vec<String> {
    let bare = |word: &str| {
        word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>()
    };
    text.split(|c: char| c.is_whitespace() || c == '-').map(bare).filter(|word| !word.is_empty()).collect()
}

/// The share of words that have to be changed, added or taken away to make one text of the other.
pub fn word_errors(reference: &str, heard: &str) -> f64 {
    let (reference, heard) = (plain(reference), plain(heard));
    let mut row: Vec<usize> = (0..=heard.len()).collect();
    for (done, word) in reference.iter().enumerate() {
        let mut next = vec![done + 1];
        for (at, other) in heard.iter().enumerate() {
            let best = (row[at] + usize::from(word != other)).min(row[at + 1] + 1).min(next[at] + 1);
            next.push(best);
        }
        row = next;
    }
    row[heard.len()] as f64 / reference.len() as f64
}
