//! A studio for tests: makes small files, runs a kind without an engine, and looks at what came out.

#![expect(clippy::unwrap_used, reason = "what fails in a helper of a test fails the test")]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use esteira_engine::child::WorkDir;
use esteira_engine::job::KindError;
use image::{Rgb, RgbImage};
use serde_json::{Value, json};

/// The name of the upload with this number.
pub fn upload(number: u8) -> String {
    format!("upload://00000000-0000-7000-8000-0000000000{number:02x}")
}

/// A folder with files, in which a kind runs.
pub struct Studio {
    folder: tempfile::TempDir,
    files: BTreeMap<String, PathBuf>,
    stop: Arc<AtomicBool>,
    reports: Reports,
}

/// What the kind said, line by line.
#[derive(Clone, Default)]
pub struct Reports {
    bytes: Arc<Mutex<Vec<u8>>>,
    stop_at: Option<(String, Arc<AtomicBool>)>,
}

impl Write for Reports {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if let Some((word, stop)) = &self.stop_at
            && String::from_utf8_lossy(bytes).contains(word.as_str())
        {
            stop.store(true, Ordering::Relaxed);
        }
        self.bytes.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Studio {
    pub fn new() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let folder = tempfile::tempdir().unwrap();
        // What the trusted half of report.generate would have left.
        let dataset = folder.path().join("dataset.json");
        std::fs::write(&dataset, include_bytes!("dataset.json")).unwrap();
        Self {
            folder,
            files: BTreeMap::from([("survey://dataset.json".to_owned(), dataset)]),
            stop,
            reports: Reports::default(),
        }
    }

    /// Stops the job as soon as a report holds this word.
    pub fn stop_at(&mut self, word: &str) {
        self.reports.stop_at = Some((word.to_owned(), Arc::clone(&self.stop)));
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Names a file of the studio as an upload.
    pub fn name_file(&mut self, number: u8, name: &str) -> String {
        self.files.insert(upload(number), self.path(name));
        upload(number)
    }

    /// A picture whose four quarters are red, green, blue and white, in reading order.
    pub fn quarters(&mut self, number: u8, width: u32, height: u32) -> String {
        let picture = RgbImage::from_fn(width, height, |x, y| match (x < width / 2, y < height / 2) {
            (true, true) => Rgb([255, 0, 0]),
            (false, true) => Rgb([0, 255, 0]),
            (true, false) => Rgb([0, 0, 255]),
            (false, false) => Rgb([255, 255, 255]),
        });
        let name = format!("{number}.png");
        picture.save(self.path(&name)).unwrap();
        self.name_file(number, &name)
    }

    /// Checks the input, then runs the kind on it.
    pub fn run(&mut self, name: &str, input: &Value, settings: &Value) -> Result<Value, KindError> {
        let catalog = esteira_jobs::catalog();
        let kind = catalog.iter().find(|kind| kind.info().name == name).unwrap();
        if let Err(faults) = kind.check(input, settings) {
            panic!("the input is refused: {faults:#?}");
        }
        let reports = Box::new(self.reports.clone());
        let mut work = WorkDir::open(
            self.folder.path().to_owned(),
            self.files.clone(),
            2,
            reports,
            Arc::clone(&self.stop),
        )
        .unwrap();
        kind.run(input, settings, &mut work)
    }

    /// The bytes of an artifact.
    pub fn artifact(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.artifact_path(name)).unwrap()
    }

    pub fn artifact_path(&self, name: &str) -> PathBuf {
        self.folder.path().join("out").join(name)
    }

    /// The names of the finished artifacts, in the order in which they were told.
    pub fn artifacts(&self) -> Vec<String> {
        let lines = self.events().into_iter().filter(|event| event["event"] == "artifact");
        lines.map(|event| event["name"].as_str().unwrap().to_owned()).collect()
    }

    /// Everything that the kind reported.
    pub fn events(&self) -> Vec<Value> {
        let bytes = self.reports.bytes.lock().unwrap();
        bytes.split(|&byte| byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect()
    }
}

/// A job of one track on a small canvas, without sound of its own.
pub fn one_track(clips: &Value) -> Value {
    json!({"output": {"width": 160, "height": 90, "fps": 10, "preset": "ultrafast", "crf": 5}, "tracks": [{"clips": clips}]})
}
