//! Which kinds does this process know?

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::{CheckedInput, Estimate, FileReference, FileUri, InputError, Job, Kind, KindInfo, concealed};
use crate::config::KindConfig;
use crate::schedule::Schedule;
use crate::web::WebRules;

/// A kind with the operator's settings laid over its defaults.
pub struct CatalogEntry {
    /// Its manual, with the settings in force.
    pub info: KindInfo,
    /// What of an input is not shown again.
    concealed: Vec<String>,
    kind: Box<dyn Kind>,
}

impl std::fmt::Debug for CatalogEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("CatalogEntry").field(&self.info.name).finish()
    }
}

impl CatalogEntry {
    /// The kind itself.
    #[must_use]
    pub fn kind(&self) -> &dyn Kind {
        &*self.kind
    }
}

/// The kinds of a process, by name.
#[derive(Clone)]
pub struct Catalog {
    entries: Arc<BTreeMap<&'static str, CatalogEntry>>,
    /// Which files of the web an input of any kind may name.
    web: Arc<WebRules>,
    /// Checks that run at the same time: each is bounded work, and all of them leave a core for the rest.
    checks: Arc<Semaphore>,
}

/// The operator's settings do not fit.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// No such kind.
    #[error("kinds.{0}: there is no kind of that name")]
    UnknownKind(String),
    /// No such setting.
    #[error("kinds.{kind}.{setting}: there is no such setting")]
    UnknownSetting {
        /// The kind.
        kind: String,
        /// The setting.
        setting: String,
    },
    /// A setting has a value that it cannot have.
    #[error("kinds.{kind}: {message}")]
    BadSettings {
        /// The kind.
        kind: String,
        /// What the kind says.
        message: String,
    },
}

impl Catalog {
    /// Lays what the operator changes over the kinds' own settings and limits.
    ///
    /// # Errors
    /// When a kind or a setting is changed that there is not, or to a value that it cannot have.
    pub fn new(
        kinds: Vec<Box<dyn Kind>>,
        changed: &BTreeMap<String, KindConfig>,
    ) -> Result<Self, CatalogError> {
        let mut entries: BTreeMap<&'static str, CatalogEntry> = kinds
            .into_iter()
            .map(|kind| {
                let info = kind.info();
                let concealed = concealed::write_only(&info.input_schema);
                (info.name, CatalogEntry { info, concealed, kind })
            })
            .collect();
        for (name, KindConfig { settings, resources }) in changed {
            let entry =
                entries.get_mut(name.as_str()).ok_or_else(|| CatalogError::UnknownKind(name.clone()))?;
            resources.lay_over(&mut entry.info.resources);
            for (setting, value) in settings {
                let place = entry.info.settings.get_mut(setting).ok_or_else(|| {
                    CatalogError::UnknownSetting { kind: name.clone(), setting: setting.clone() }
                })?;
                *place = value.clone();
            }
        }
        for (name, entry) in &mut entries {
            entry.info.resources.read_only.extend(entry.kind.reads(&entry.info.settings));
            entry
                .kind
                .check_settings(&entry.info.settings)
                .map_err(|message| CatalogError::BadSettings { kind: (*name).to_owned(), message })?;
        }
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let checks = Arc::new(Semaphore::new(cores));
        Ok(Self { entries: Arc::new(entries), web: Arc::default(), checks })
    }

    /// The same, with inputs that may name files of the web by these rules.
    #[must_use]
    pub fn with_web(self, rules: WebRules) -> Self {
        Self { web: Arc::new(rules), ..self }
    }

    /// Which files of the web an input may name.
    pub(crate) fn web(&self) -> &WebRules {
        &self.web
    }

    /// A job as it is shown: passwords and the like of its input are for its kind alone.
    pub(crate) fn shown(&self, mut job: Job) -> Job {
        self.conceal(&job.kind, &mut job.input);
        job
    }

    /// A schedule as it is shown, by the same rule.
    pub(crate) fn shown_schedule(&self, mut schedule: Schedule) -> Schedule {
        let definition = &mut schedule.definition;
        self.conceal(&definition.kind, &mut definition.input);
        schedule
    }

    fn conceal(&self, kind: &str, input: &mut Value) {
        if let Some(entry) = self.get(kind) {
            concealed::conceal(input, &entry.concealed);
        }
    }

    /// Puts back what is not shown, where an input that was shown comes back with what stands for it.
    pub(crate) fn keep_concealed(&self, kind: &str, known: &Value, input: &mut Value) {
        if let Some(entry) = self.get(kind) {
            concealed::keep(known, input, &entry.concealed);
        }
    }

    /// Checks an input: a small one at once, any other on a thread that may take its time, since it can be megabytes.
    ///
    /// # Errors
    /// Every fault that the input shows.
    pub async fn check(&self, kind: &str, input: &Value) -> Result<CheckedInput, Vec<InputError>> {
        if is_small(input) {
            return self.check_here(kind, input);
        }
        let (catalog, name, input) = (self.clone(), kind.to_owned(), input.clone());
        // The semaphore is never closed.
        let _turn = self.checks.acquire().await;
        let checking = spawn_blocking(move || catalog.check_here(&name, &input));
        checking.await.unwrap_or_else(|error| match error.try_into_panic() {
            // A fault of the kind and not of the input: it goes the way of any panic.
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(vec![InputError::new("", "could not be checked: the process is ending")]),
        })
    }

    /// What a job of a checked input would cost.
    pub async fn estimate(&self, kind: &str, input: &Value) -> Estimate {
        let (catalog, name, input) = (self.clone(), kind.to_owned(), input.clone());
        let _turn = self.checks.acquire().await;
        let estimating = spawn_blocking(move || {
            catalog.get(&name).map(|entry| entry.kind.estimate(&input, &entry.info.settings))
        });
        match estimating.await {
            Ok(estimate) => estimate.unwrap_or_default(),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The process is ending, and the caller with it.
                Err(_) => Estimate::default(),
            },
        }
    }

    fn check_here(&self, kind: &str, input: &Value) -> Result<CheckedInput, Vec<InputError>> {
        let Some(entry) = self.get(kind) else {
            return Err(vec![InputError::new("", "there is no such kind")]);
        };
        let checked = entry.kind.check(input, &entry.info.settings)?;
        let faults = self.web_faults(&checked);
        if faults.is_empty() { Ok(checked) } else { Err(faults) }
    }

    /// A fault for each file of the web that the operator does not allow.
    fn web_faults(&self, checked: &CheckedInput) -> Vec<InputError> {
        let of_file = |file: &FileReference| match &file.uri {
            FileUri::Web(address) => {
                let fault = self.web.check(address).err()?;
                Some(InputError::new(file.pointer.clone(), fault.to_string()))
            }
            FileUri::Upload(_) | FileUri::Artifact { .. } | FileUri::S3 { .. } => None,
        };
        checked.files.iter().filter_map(of_file).collect()
    }

    /// The kind of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&CatalogEntry> {
        self.entries.get(name)
    }

    /// Every kind, by name.
    pub fn iter(&self) -> impl Iterator<Item = &CatalogEntry> {
        self.entries.values()
    }
}

/// What is checked without another thread: a change of threads takes longer than to check so little.
const SMALL: usize = 4 * 1024;

/// Whether an input has little text and few values.
fn is_small(input: &Value) -> bool {
    /// What is left of `room`, `None` when it is used up.
    fn left(value: &Value, room: usize) -> Option<usize> {
        let room = room.checked_sub(8)?;
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => Some(room),
            Value::String(text) => room.checked_sub(text.len()),
            Value::Array(values) => values.iter().try_fold(room, |room, value| left(value, room)),
            Value::Object(fields) => {
                fields.iter().try_fold(room, |room, (name, value)| left(value, room.checked_sub(name.len())?))
            }
        }
    }
    left(input, SMALL).is_some()
}

impl std::fmt::Debug for Catalog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.entries.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::child::WorkDir;
    use crate::config::ResourceConfig;
    use crate::job::{KindDefaults, KindError, Resources, RetryPolicy};

    struct Keeping;

    impl Kind for Keeping {
        fn info(&self) -> KindInfo {
            let second = std::time::Duration::from_secs(1);
            KindInfo {
                name: "test.keeping",
                title: "",
                description: "",
                input_schema: json!({}),
                output_schema: json!({}),
                example: json!({}),
                settings: json!({"size": 1, "other": 2}),
                settings_schema: json!({}),
                defaults: KindDefaults {
                    max_attempts: 1,
                    timeout: second,
                    stall: second,
                    retry: RetryPolicy::default(),
                },
                resources: Resources {
                    memory_bytes: 1,
                    cpu_seconds: 2,
                    file_bytes: 3,
                    open_files: 4,
                    threads: 5,
                    read_only: Vec::new(),
                },
            }
        }

        fn check(&self, _: &Value, _: &Value) -> Result<CheckedInput, Vec<InputError>> {
            Ok(CheckedInput::default())
        }

        fn estimate(&self, _: &Value, _: &Value) -> Estimate {
            Estimate { cpu_seconds: Some(7.0), ..Estimate::default() }
        }

        fn check_settings(&self, _: &Value) -> Result<(), String> {
            Ok(())
        }

        fn checkpoint_version(&self) -> Option<&'static str> {
            Some("1")
        }

        fn run(&self, _: &Value, _: &Value, _: &mut WorkDir) -> Result<Value, KindError> {
            Err(KindError::fail("never_run", "nothing runs in this test"))
        }
    }

    #[tokio::test]
    async fn a_kind_with_other_limits_and_settings_is_the_same_in_all_else() {
        let changed = KindConfig {
            settings: BTreeMap::from([("size".to_owned(), json!(9))]),
            resources: ResourceConfig { memory_bytes: Some(100), ..ResourceConfig::default() },
        };
        let changed = BTreeMap::from([("test.keeping".to_owned(), changed)]);
        let catalog = Catalog::new(vec![Box::new(Keeping)], &changed).unwrap();
        let entry = catalog.get("test.keeping").unwrap();
        assert_eq!((entry.info.resources.memory_bytes, entry.info.resources.cpu_seconds), (100, 2));
        assert_eq!(entry.info.settings, json!({"size": 9, "other": 2}));
        assert_eq!(entry.kind().checkpoint_version(), Some("1"));
        assert_eq!(catalog.estimate("test.keeping", &json!({})).await.cpu_seconds, Some(7.0));
    }
}
