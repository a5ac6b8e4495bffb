//! `document.extract`: any document becomes text, structure, tables, pictures and a place in the search.
//!
//! The way of a job: `input` reads and checks what is asked, `extract` opens the source, lets the room of its format read it,
//! and gathers the pages; `write` writes them.
//!
//! | room | reads |
//! |---|---|
//! | `flow` | tells formats apart; HTML, XML, Markdown, text, CSV, e-mail, bundles |
//! | `office` | Word, Excel, PowerPoint, OpenDocument, RTF, EPUB |
//! | `pdf` | PDF, by PDFium |
//! | `ocr` | pictures, by tesseract |
//!
//! Formulas of any of them are read into `formula`. All of them speak by `model` (pages of blocks), hand pages to a `sink`, and keep to `limits`.

mod archive;
mod clock;
mod error;
mod extract;
mod flow;
mod format;
mod formula;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod input;
mod limits;
mod manual;
mod model;
mod ocr;
mod office;
mod pdf;
#[cfg(test)]
mod recorder;
mod script;
#[cfg(test)]
mod seeds;
mod sink;
mod write;

use esteira_engine::child::WorkDir;
use esteira_engine::job::{CheckedInput, InputError, Kind, KindError, KindInfo};
use serde_json::Value;

pub use write::schema;

/// The kind `document.extract`.
#[derive(Debug, Clone, Copy, Default)]
pub struct DocumentExtract;

impl Kind for DocumentExtract {
    fn info(&self) -> KindInfo {
        manual::info()
    }

    fn check(&self, input: &Value, settings: &Value) -> Result<CheckedInput, Vec<InputError>> {
        let limits =
            input::settings(settings).map_err(|error| vec![InputError::new("", error.to_string())])?;
        input::check(&input::read(input)?, &limits)
    }

    fn checkpoint_version(&self) -> Option<&'static str> {
        Some(extract::CHECKPOINTS)
    }

    fn check_settings(&self, settings: &Value) -> Result<(), String> {
        input::settings(settings).map(|_| ()).map_err(|error| error.to_string())
    }

    fn run(&self, input: &Value, settings: &Value, work: &mut WorkDir) -> Result<Value, KindError> {
        let limits =
            input::settings(settings).map_err(|error| KindError::fail("bad_settings", error.to_string()))?;
        let bad_input = |faults: Vec<InputError>| {
            let message = faults.iter().map(|fault| format!("/input{}: {}", fault.pointer, fault.message));
            KindError::fail("bad_input", message.collect::<Vec<_>>().join("; "))
        };
        let input = input::read(input).map_err(bad_input)?;
        input::check(&input, &limits).map_err(bad_input)?;
        extract::extract(&input, &limits, work)
    }
}
