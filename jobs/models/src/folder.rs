//! Where do models lie? In one folder, a file each, which everybody may read and which come whole or not at all.

use std::fs::{self, File, Permissions};
use std::io::{self, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::known::{KNOWN, KnownModel};

/// A folder of models.
#[derive(Debug, Clone)]
pub struct ModelFolder(PathBuf);

/// A model, and whether its file is there.
#[derive(Debug, Clone)]
pub struct Found {
    /// The model.
    pub model: &'static KnownModel,
    /// Its file, where there is one of the right size.
    pub path: Option<PathBuf>,
}

/// What a look at a model's bytes says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verified {
    /// There is no file.
    Missing,
    /// Every byte is what it should be.
    Whole,
    /// It is another file.
    Changed,
}

impl ModelFolder {
    /// The folder at a path, which need not exist.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where a model's file belongs.
    #[must_use]
    pub fn path_of(&self, model: &KnownModel) -> PathBuf {
        self.0.join(model.file_name())
    }

    /// All known models. A file counts by its size, for reading each would take seconds; [`Self::verify`] reads.
    #[must_use]
    pub fn list(&self) -> Vec<Found> {
        let found = |model: &'static KnownModel| {
            let path = self.path_of(model);
            let there = fs::metadata(&path).is_ok_and(|facts| facts.is_file() && facts.len() == model.bytes);
            Found { model, path: there.then_some(path) }
        };
        KNOWN.iter().map(found).collect()
    }

    /// Reads a model's file and compares its sum.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn verify(&self, model: &KnownModel) -> io::Result<Verified> {
        match sha256_of(&self.path_of(model)) {
            Ok(sum) if sum == model.sha256 => Ok(Verified::Whole),
            Ok(_) => Ok(Verified::Changed),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Verified::Missing),
            Err(error) => Err(error),
        }
    }

    /// Takes a model's bytes from `fill` into a file that nobody sees, and shows it under its name if the sum is right.
    pub(crate) fn take<E: From<io::Error>>(
        &self,
        model: &KnownModel,
        fill: impl FnOnce(&mut dyn Write) -> Result<(), E>,
        wrong: impl FnOnce(String) -> E,
    ) -> Result<PathBuf, E> {
        let at = |error| at(&self.0, &error);
        fs::create_dir_all(&self.0).map_err(at)?;
        let mut file = NamedTempFile::with_prefix_in(".model-", &self.0).map_err(at)?;
        let mut hashing = Hashing { out: io::BufWriter::new(file.as_file_mut()), hash: Sha256::new() };
        fill(&mut hashing)?;
        hashing.flush()?;
        let sum = hex::encode(hashing.hash.finalize_reset());
        drop(hashing);
        if sum != model.sha256 {
            return Err(wrong(sum));
        }
        // Children run as users of their own.
        file.as_file().set_permissions(Permissions::from_mode(0o644)).map_err(at)?;
        file.as_file().sync_all().map_err(at)?;
        let path = self.path_of(model);
        file.persist(&path).map_err(|error| at(error.error))?;
        // Its name, too, is to outlive a power cut.
        File::open(&self.0).and_then(|folder| folder.sync_all()).map_err(at)?;
        Ok(path)
    }
}

struct Hashing<W> {
    out: W,
    hash: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The SHA-256 of a file, in hexadecimal.
pub(crate) fn sha256_of(path: &Path) -> io::Result<String> {
    sum_of(path).map_err(|error| at(path, &error))
}

/// An error with the path at which it came about.
fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

fn sum_of(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut file = BufReader::with_capacity(1 << 20, File::open(path)?);
    let mut bytes = vec![0; 1 << 16];
    loop {
        match file.read(&mut bytes)? {
            0 => return Ok(hex::encode(hash.finalize())),
            count => hash.update(bytes.get(..count).unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::known::{Languages, Origin};
    use super::*;

    /// A model whose file holds `abc`.
    const ABC: KnownModel = KnownModel {
        name: "abc",
        languages: Languages::English,
        bytes: 3,
        sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        origin: Origin::Wheels(&[]),
    };

    fn take(folder: &ModelFolder, bytes: &[u8]) -> io::Result<PathBuf> {
        folder.take(&ABC, |out| out.write_all(bytes), io::Error::other)
    }

    #[test]
    fn a_model_with_the_right_sum_is_shown_to_everybody() {
        let place = tempfile::tempdir().unwrap();
        let folder = ModelFolder::new(place.path().join("models"));
        assert_eq!(folder.verify(&ABC).unwrap(), Verified::Missing);
        let path = take(&folder, b"abc").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
        assert_eq!(folder.verify(&ABC).unwrap(), Verified::Whole);
        fs::write(&path, "abd").unwrap();
        assert_eq!(folder.verify(&ABC).unwrap(), Verified::Changed);
    }

    #[test]
    fn what_cannot_be_read_or_written_is_named() {
        let place = tempfile::tempdir().unwrap();
        let wall = place.path().join("wall");
        fs::write(&wall, "").unwrap();
        let folder = ModelFolder::new(wall.join("models"));
        let named = |error: io::Error| error.to_string().contains(wall.to_str().unwrap());
        assert!(named(take(&folder, b"abc").unwrap_err()) && named(folder.verify(&ABC).unwrap_err()));
        assert!(named(sha256_of(&wall.join("no.whl")).unwrap_err()));
    }

    #[test]
    fn a_wrong_sum_leaves_what_was_there_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let folder = ModelFolder::new(place.path().to_owned());
        let path = take(&folder, b"abc").unwrap();
        assert!(take(&folder, b"abd").is_err());
        assert_eq!(fs::read(&path).unwrap(), b"abc");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
    }
}
