//! Is a file what its manifest says? Every entry is read once, before anything is written anywhere.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::Path;

use super::ArchiveError;
use super::export::hash;
use super::manifest::{FORMAT, MANIFEST, Manifest, is_entry};

/// The largest manifest that is read: a million objects and more.
const MANIFEST_BYTES: u64 = 256 << 20;

/// The entries of an archive, one after the other, until `look` wants no more.
pub(super) fn entries(path: &Path) -> Result<tar::Archive<BufReader<File>>, ArchiveError> {
    Ok(tar::Archive::new(BufReader::new(File::open(path)?)))
}

/// The name of an entry, if it is one that archives have: a plain file.
pub(super) fn name_of<R: io::Read>(entry: &tar::Entry<'_, R>) -> Result<String, ArchiveError> {
    let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
    if !entry.header().entry_type().is_file() || !is_entry(&name) {
        let shown: String = name.chars().take(100).collect();
        return Err(ArchiveError::Unfit(format!("the entry {shown:?} has no place in it")));
    }
    Ok(name)
}

/// The manifest of an archive, of which every entry is there, once, and as the manifest says.
pub(super) fn verify(path: &Path) -> Result<Manifest, ArchiveError> {
    let unfit = |why: String| Err(ArchiveError::Unfit(why));
    let (mut found, mut manifest) = (BTreeMap::new(), None);
    for entry in entries(path)?.entries()? {
        let mut entry = entry?;
        let name = name_of(&entry)?;
        let twice = if name == MANIFEST {
            let mut text = Vec::new();
            entry.by_ref().take(MANIFEST_BYTES).read_to_end(&mut text)?;
            manifest.replace(text).is_some()
        } else {
            found.insert(name.clone(), hash(&mut entry)?).is_some()
        };
        if twice {
            return unfit(format!("the entry {name} is there twice"));
        }
    }
    let Some(text) = manifest else { return unfit("it has no manifest.json".to_owned()) };
    let manifest: Manifest = match serde_json::from_slice(&text) {
        Ok(manifest) => manifest,
        Err(error) => return unfit(format!("its manifest is not understood: {error}")),
    };
    if manifest.format != FORMAT {
        return unfit(format!("its format is {}, and known is {FORMAT}", manifest.format));
    }
    for listed in &manifest.entries {
        match found.remove(&listed.name) {
            None => return unfit(format!("the entry {} is missing", listed.name)),
            Some((bytes, _)) if bytes != listed.bytes => {
                return unfit(format!("the entry {} has {bytes} bytes, not {}", listed.name, listed.bytes));
            }
            Some((_, sha256)) if sha256 != listed.sha256 => {
                return unfit(format!(
                    "the entry {} has another SHA-256 than its manifest says",
                    listed.name
                ));
            }
            Some(_) => {}
        }
    }
    match found.keys().next() {
        Some(name) => unfit(format!("the manifest does not list {name}")),
        None => Ok(manifest),
    }
}
