//! Which kinds does this process know?

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::{CheckedInput, InputError, Kind, KindInfo};

/// A kind with the operator's settings laid over its defaults.
pub struct CatalogEntry {
    /// Its manual, with the settings in force.
    pub info: KindInfo,
    kind: Box<dyn Kind>,
}

impl CatalogEntry {
    /// Checks an input.
    ///
    /// # Errors
    /// Every fault that the input shows.
    pub fn check(&self, input: &Value) -> Result<CheckedInput, Vec<InputError>> {
        self.kind.check(input, &self.info.settings)
    }

    /// The kind itself.
    #[must_use]
    pub fn kind(&self) -> &dyn Kind {
        &*self.kind
    }
}

/// The kinds of a process, by name.
#[derive(Clone)]
pub struct Catalog(Arc<BTreeMap<&'static str, CatalogEntry>>);

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
        Ok(Self(Arc::new(entries)))
    }

    /// The kind of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&CatalogEntry> {
        self.0.get(name)
    }

    /// Every kind, by name.
    pub fn iter(&self) -> impl Iterator<Item = &CatalogEntry> {
        self.0.values()
    }
}

impl std::fmt::Debug for Catalog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
