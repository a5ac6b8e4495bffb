//! A kind that is only checked, never run.

use std::time::Duration;

use esteira_engine::child::WorkDir;
use esteira_engine::job::{
    CheckedInput, Estimate, FileReference, InputError, Kind, KindDefaults, KindError, KindInfo, Resources,
    RetryPolicy,
};
use serde_json::{Value, json};

pub const KIND: &str = "test.echo";

/// `{"say": "…", "source"?: "upload://…"}`
pub struct Echo;

impl Kind for Echo {
    fn info(&self) -> KindInfo {
        KindInfo {
            name: KIND,
            title: "Echo",
            description: "Says what it is told.",
            input_schema: json!({
                "type": "object", "required": ["say"], "properties": {"password": {"type": "string", "writeOnly": true}},
            }),
            output_schema: json!({"type": "object"}),
            example: json!({"say": "hello"}),
            settings: json!({"secret_path": "/srv/secret"}),
            settings_schema: json!({}),
            defaults: KindDefaults {
                max_attempts: 3,
                timeout: Duration::from_secs(60),
                stall: Duration::from_secs(30),
                retry: RetryPolicy::default(),
            },
            resources: Resources {
                memory_bytes: 1 << 20,
                cpu_seconds: 1,
                file_bytes: 1,
                open_files: 16,
                threads: 1,
                read_only: vec!["/srv/models".into()],
            },
        }
    }

    fn check(&self, input: &Value, _: &Value) -> Result<CheckedInput, Vec<InputError>> {
        let say = input["say"].as_str();
        assert_ne!(say, Some("panic"), "a secret of the process");
        if say.is_none() {
            return Err(vec![InputError::new("/say", "is missing")]);
        }
        let files = match input["source"].as_str().map(str::parse) {
            None => Vec::new(),
            Some(Ok(uri)) => vec![FileReference { pointer: "/source".into(), uri }],
            Some(Err(error)) => return Err(vec![InputError::new("/source", format!("{error}"))]),
        };
        let warnings = if say == Some("") { vec!["says nothing".to_owned()] } else { Vec::new() };
        Ok(CheckedInput { files, warnings })
    }

    fn estimate(&self, _: &Value, _: &Value) -> Estimate {
        Estimate { cpu_seconds: Some(2.5), output_seconds: None, warnings: vec!["guessed".to_owned()] }
    }

    fn check_settings(&self, _: &Value) -> Result<(), String> {
        Ok(())
    }

    fn run(&self, _: &Value, _: &Value, _: &mut WorkDir) -> Result<Value, KindError> {
        Err(KindError::fail("never_run", "no worker runs in these tests"))
    }
}
