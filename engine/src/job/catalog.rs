//! Which kinds does this process know?

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::{CheckedInput, Estimate, FileReference, FileUri, InputError, Kind, KindInfo};
use crate::web::WebRules;

/// A kind with the operator's settings laid over its defaults.
pub struct CatalogEntry {
    /// Its manual, with the settings in force.
    pub info: KindInfo,
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
    /// Lays `overrides` (kind → setting → value) over the kinds' own settings.
    ///
    /// # Errors
    /// When an override names a kind or a setting that there is not.
    pub fn new(
        kinds: Vec<Box<dyn Kind>>,
        overrides: &BTreeMap<String, BTreeMap<String, Value>>,
    ) -> Result<Self, CatalogError> {
        let mut entries: BTreeMap<&'static str, CatalogEntry> = kinds
            .into_iter()
            .map(|kind| {
                let info = kind.info();
                (info.name, CatalogEntry { info, kind })
            })
            .collect();
        for (name, settings) in overrides {
            let entry =
                entries.get_mut(name.as_str()).ok_or_else(|| CatalogError::UnknownKind(name.clone()))?;
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
