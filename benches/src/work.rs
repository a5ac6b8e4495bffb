//! Which work does chaos give? Jobs that end as their input says, with a file that is a function of it.

use std::fs;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use esteira_engine::child::WorkDir;
use esteira_engine::job::{
    CheckedInput, FileReference, InputError, Kind, KindDefaults, KindError, KindInfo, Resources, RetryPolicy,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The kind's name.
pub const WORK: &str = "chaos.work";
/// The file that a job makes.
pub const RESULT: &str = "result.txt";
/// The error of a job that is meant to fail.
pub const MEANT_TO_FAIL: &str = "meant_to_fail";
/// The error of an attempt whose coin fell on the wrong side.
pub const UNLUCKY: &str = "unlucky";
/// A job that says nothing for so long is stopped; much longer than a good one is silent.
pub const STALL: Duration = Duration::from_secs(6);

const SLICE: Duration = Duration::from_millis(50);
const NEVER: Duration = Duration::from_secs(3600);

/// The input of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Work {
    /// Its number, by which it is accounted for.
    pub number: u64,
    /// How long a good attempt takes.
    pub millis: u64,
    /// How its attempts end.
    pub fate: Fate,
    /// A file of another job that goes into its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// How an attempt ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// With a file.
    Succeed,
    /// With a file or with a passing error, by a coin.
    Flaky,
    /// With an error that no attempt can mend.
    Fail,
    /// The process aborts.
    Crash,
    /// It goes on and on, with progress, until its time is over.
    Linger,
    /// It falls silent.
    Stall,
}

/// The kinds of the chaos binary.
#[must_use]
pub fn kinds() -> Vec<Box<dyn Kind>> {
    vec![Box::new(ChaosWork)]
}

/// What a job writes: some lines that follow from its number and from the file that it was given.
#[must_use]
pub fn result(number: u64, source: Option<&[u8]>) -> Vec<u8> {
    let mut line = Sha256::digest(source.unwrap_or_default());
    let mut text = format!("job {number}\n");
    for _ in 0..=number % 97 {
        line = Sha256::new().chain_update(number.to_le_bytes()).chain_update(line).finalize();
        text.push_str(&hex::encode(line));
        text.push('\n');
    }
    text.into_bytes()
}

struct ChaosWork;

impl Kind for ChaosWork {
    fn info(&self) -> KindInfo {
        KindInfo {
            name: WORK,
            title: "Chaos",
            description: "Ends as its input says.",
            input_schema: json!({"type": "object"}),
            output_schema: json!({"type": "object"}),
            example: json!({"number": 1, "millis": 10, "fate": "succeed"}),
            settings: json!({}),
            settings_schema: json!({"type": "object"}),
            defaults: KindDefaults {
                max_attempts: 30,
                timeout: Duration::from_secs(120),
                stall: STALL,
                retry: RetryPolicy { base_ms: 200, cap_ms: 3_000 },
            },
            resources: Resources {
                memory_bytes: 1 << 30,
                cpu_seconds: 60,
                file_bytes: 1 << 20,
                open_files: 64,
                threads: 8,
                read_only: Vec::new(),
            },
        }
    }

    fn check(&self, input: &Value, _: &Value) -> Result<CheckedInput, Vec<InputError>> {
        let work = Work::deserialize(input).map_err(|error| vec![InputError::new("", error.to_string())])?;
        let Some(source) = work.source else { return Ok(CheckedInput::default()) };
        let uri = source.parse().map_err(|_| vec![InputError::new("/source", "must name a file")])?;
        let files = vec![FileReference { pointer: "/source".to_owned(), uri }];
        Ok(CheckedInput { files, ..CheckedInput::default() })
    }

    fn check_settings(&self, _: &Value) -> Result<(), String> {
        Ok(())
    }

    fn run(&self, input: &Value, _: &Value, work: &mut WorkDir) -> Result<Value, KindError> {
        let asked =
            Work::deserialize(input).map_err(|error| KindError::fail("bad_input", error.to_string()))?;
        spend(work, Duration::from_millis(asked.millis))?;
        match asked.fate {
            Fate::Succeed => {}
            Fate::Flaky if !is_lucky() => return Err(KindError::retry(UNLUCKY, "the coin said no")),
            Fate::Flaky => {}
            Fate::Fail => return Err(KindError::fail(MEANT_TO_FAIL, "its input says so")),
            Fate::Crash => std::process::abort(),
            Fate::Linger => spend(work, NEVER)?,
            Fate::Stall => fall_silent(),
        }
        let source = match &asked.source {
            Some(uri) => Some(fs::read(work.file(uri)?).map_err(|error| {
                KindError::fail("source_unreadable", format!("/source: {}", error.kind()))
            })?),
            None => None,
        };
        let bytes = result(asked.number, source.as_deref());
        work.write_artifact(RESULT, "text/plain", &bytes)?;
        Ok(json!({"sha256": hex::encode(Sha256::digest(&bytes))}))
    }
}

/// Works for a while, and says so.
fn spend(work: &mut WorkDir, time: Duration) -> Result<(), KindError> {
    let mut spent = Duration::ZERO;
    while spent < time {
        work.progress(spent.as_secs_f64() / time.as_secs_f64(), "working", "")?;
        let slice = SLICE.min(time - spent);
        pause(slice);
        spent += slice;
    }
    Ok(())
}

fn fall_silent() {
    pause(NEVER);
}

#[expect(clippy::disallowed_methods, reason = "in a child the job is alone, and its work is to take time")]
fn pause(time: Duration) {
    thread::sleep(time);
}

/// A coin for each attempt: a kind is not told which attempt it makes, so the clock decides.
fn is_lucky() -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    (now.subsec_nanos() >> 10).is_multiple_of(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_follows_from_the_number_and_the_source_and_from_nothing_else() {
        assert_eq!(result(7, Some(b"a")), result(7, Some(b"a")));
        assert_ne!(result(7, Some(b"a")), result(7, Some(b"b")));
        assert_ne!(result(7, None), result(8, None));
    }

    #[test]
    fn a_source_is_staged_and_an_unknown_field_is_refused() {
        let job = uuid_like();
        let input =
            json!({"number": 1, "millis": 1, "fate": "succeed", "source": format!("artifact://{job}/x")});
        assert_eq!(ChaosWork.check(&input, &json!({})).unwrap().files.len(), 1);
        let input = json!({"number": 1, "millis": 1, "fate": "succeed", "colour": 1});
        assert!(ChaosWork.check(&input, &json!({})).is_err());
    }

    fn uuid_like() -> String {
        esteira_engine::id::JobId::new().to_string()
    }
}
