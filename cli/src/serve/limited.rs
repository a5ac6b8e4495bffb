//! How do an operator's limits come over a kind's own? By a kind that is the same but for its limits.

use std::path::PathBuf;

use esteira_engine::child::WorkDir;
use esteira_engine::config::ResourceConfig;
use esteira_engine::job::{CheckedInput, Estimate, InWorker, InputError, Kind, KindError, KindInfo};
use serde_json::Value;

/// A kind under other limits.
pub struct Limited {
    /// The kind.
    pub kind: Box<dyn Kind>,
    /// The limits that differ from its own.
    pub limits: ResourceConfig,
}

impl Kind for Limited {
    fn info(&self) -> KindInfo {
        let mut info = self.kind.info();
        let resources = &mut info.resources;
        let pairs = [
            (&mut resources.memory_bytes, self.limits.memory_bytes),
            (&mut resources.cpu_seconds, self.limits.cpu_seconds),
            (&mut resources.file_bytes, self.limits.file_bytes),
            (&mut resources.open_files, self.limits.open_files),
            (&mut resources.threads, self.limits.threads),
        ];
        for (own, wanted) in pairs {
            *own = wanted.unwrap_or(*own);
        }
        info
    }

    fn check(&self, input: &Value, settings: &Value) -> Result<CheckedInput, Vec<InputError>> {
        self.kind.check(input, settings)
    }

    fn check_settings(&self, settings: &Value) -> Result<(), String> {
        self.kind.check_settings(settings)
    }

    fn estimate(&self, input: &Value, settings: &Value) -> Estimate {
        self.kind.estimate(input, settings)
    }

    fn checkpoint_version(&self) -> Option<&'static str> {
        self.kind.checkpoint_version()
    }

    fn reads(&self, settings: &Value) -> Vec<PathBuf> {
        self.kind.reads(settings)
    }

    fn run(&self, input: &Value, settings: &Value, work: &mut WorkDir) -> Result<Value, KindError> {
        self.kind.run(input, settings, work)
    }

    fn in_worker(&self) -> Option<&dyn InWorker> {
        self.kind.in_worker()
    }
}
