//! Which model hears a job, and where is its file?

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use esteira_engine::job::KindError;
use esteira_models::{ModelFolder, known};
use sha2::{Digest, Sha256};
use whisper_rs::{WhisperContext, WhisperContextParameters};

use super::super::input::Input;
use super::super::limits::TranscribeLimits;

/// A model in memory, which all states share.
pub struct Model {
    /// What whisper.cpp made of its file.
    pub context: WhisperContext,
    /// Its name.
    pub name: String,
    /// SHA-256 of its file, in hexadecimal.
    pub sha256: String,
    /// Bytes of its file.
    pub bytes: u64,
}

impl Model {
    /// Loads the model for an input.
    ///
    /// # Errors
    /// `model_missing` with the command that brings it.
    pub fn load(input: &Input, limits: &TranscribeLimits) -> Result<Self, KindError> {
        fit_processor()?;
        let (name, path, expected) = choose(input, limits)?;
        let sha256 = sum(&path).map_err(|error| unreadable(&name, &error))?;
        check_sum(&name, &sha256, expected)?;
        let bytes = fs::metadata(&path).map_err(|error| unreadable(&name, &error))?.len();
        whisper_rs::install_logging_hooks();
        let mut parameters = WhisperContextParameters::default();
        // Flash attention reads beyond the steps of a short chunk, where those of an earlier one still stand, and is slower
        // on processors: what comes out would depend on what was heard before.
        parameters.use_gpu(false).flash_attn(false);
        let context = WhisperContext::new_with_params(&path, parameters).map_err(|_| {
            KindError::fail("model_unreadable", format!("the model {name} is no file of whisper.cpp"))
        })?;
        if input.language.primary() != Some("en") && !context.is_multilingual() {
            let message = format!("/language: the model {name} of this server understands English alone");
            return Err(KindError::fail("bad_input", message));
        }
        Ok(Self { context, name, sha256, bytes })
    }
}

/// The model's name and file, and the sum of it where it is a known one.
fn choose(
    input: &Input,
    limits: &TranscribeLimits,
) -> Result<(String, PathBuf, Option<&'static str>), KindError> {
    if let Some(path) = &limits.model_file {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        return if path.is_file() {
            Ok((name, path.clone(), None))
        } else {
            Err(KindError::fail("model_missing", "the model that this server was told to use is not there"))
        };
    }
    let english = input.language.primary() == Some("en");
    let own = if english { &limits.english_model } else { &limits.model };
    let name = input.model.as_ref().unwrap_or(own);
    let found =
        known(name).map(|model| (ModelFolder::new(limits.models.clone()).path_of(model), model.sha256));
    match found.filter(|(path, _)| fs::metadata(path).is_ok_and(|facts| facts.is_file())) {
        Some((path, sum)) => Ok((name.clone(), path, Some(sum))),
        None => Err(KindError::fail(
            "model_missing",
            format!("this server lacks the model {name}: `esteira models list` tells how it comes there"),
        )),
    }
}

/// A file that only bears the name of a known model is not heard with.
fn check_sum(name: &str, sum: &str, expected: Option<&str>) -> Result<(), KindError> {
    if expected.is_none_or(|expected| expected == sum) {
        return Ok(());
    }
    let message =
        format!("the model {name} is another file than it should be: `esteira models verify` tells more");
    Err(KindError::fail("model_unreadable", message))
}

/// whisper.cpp is built for processors with AVX2; on another one it would end the process.
fn fit_processor() -> Result<(), KindError> {
    #[cfg(target_arch = "x86_64")]
    {
        let fit = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("fma")
            && is_x86_feature_detected!("f16c")
            && is_x86_feature_detected!("bmi2");
        if !fit {
            let message =
                "this worker's processor lacks AVX2, FMA, F16C or BMI2, which the local engine is built with";
            return Err(KindError::retry("processor_unfit", message));
        }
    }
    Ok(())
}

fn sum(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut bytes = vec![0; 1 << 16];
    loop {
        match file.read(&mut bytes)? {
            0 => return Ok(hex::encode(hash.finalize())),
            count => hash.update(bytes.get(..count).unwrap_or_default()),
        }
    }
}

fn unreadable(name: &str, error: &io::Error) -> KindError {
    KindError::fail("model_unreadable", format!("the model {name} cannot be read: {}", error.kind()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_model_of_another_sum_is_refused() {
        assert!(check_sum("own", "a", None).is_ok() && check_sum("base", "a", Some("a")).is_ok());
        let refused = check_sum("base", "b", Some("a")).unwrap_err();
        assert_eq!((refused.code.as_str(), refused.retryable), ("model_unreadable", false));
    }
}
