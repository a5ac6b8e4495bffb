//! Where are the programs of Postgres? `PG_BIN_DIR` alone if set, else `PATH`, else the usual places.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest server that Esteira is tested with.
const OLDEST: u32 = 15;

/// Where packages put servers of several versions: the parent, and what follows the version.
const PACKAGED: [(&str, &str); 2] = [("/usr/lib/postgresql", "bin"), ("/usr", "bin")];

/// A directory with the programs of one Postgres version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    /// The directory that holds `postgres`, `initdb` and `psql`.
    pub dir: PathBuf,
    /// The major version.
    pub major: u32,
}

/// No fit Postgres server is installed.
#[derive(Debug, thiserror::Error)]
pub enum BinariesError {
    /// Nothing was found at all.
    #[error(
        "found no Postgres server (programs `postgres` and `initdb`) in {looked_in}; \
         install one (Debian: `apt-get install postgresql`), or name its directory in PG_BIN_DIR, \
         or use a server of your own by DATABASE_URL"
    )]
    None {
        /// The places that were searched.
        looked_in: String,
    },
    /// Only other versions were found.
    #[error(
        "the data were written by Postgres {wanted}, and only {found} is installed; \
         install it (Debian: `apt-get install postgresql-{wanted}`) or name its directory in PG_BIN_DIR"
    )]
    OtherVersion {
        /// The version of the data.
        wanted: u32,
        /// The versions found.
        found: String,
    },
    /// Only versions that are too old were found.
    #[error("Postgres {found} is too old, at least {OLDEST} is needed; PG_BIN_DIR can name its directory")]
    TooOld {
        /// The newest version found.
        found: u32,
    },
}

impl Binaries {
    /// Finds the programs: of version `wanted` if data exist already, else of the newest.
    ///
    /// # Errors
    /// When none are fit, with what to do about it.
    pub fn find(wanted: Option<u32>) -> Result<Self, BinariesError> {
        let explicit = env::var_os("PG_BIN_DIR").filter(|value| !value.is_empty());
        let places = places(explicit.as_deref(), env::var_os("PATH").as_deref());
        let found: Vec<Self> = places.iter().filter_map(|dir| Self::probe(dir)).collect();
        choose(found, wanted).map_err(|error| match error {
            BinariesError::None { .. } => BinariesError::None { looked_in: list(&places) },
            other => other,
        })
    }

    /// One of the programs.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Whether `dir` holds a server, and of which version.
    fn probe(dir: &Path) -> Option<Self> {
        // A symbolic link in PATH leads to the directory where all the programs are.
        let server = fs::canonicalize(dir.join("postgres")).ok()?;
        let dir = server.parent()?.to_owned();
        if !dir.join("initdb").is_file() {
            return None;
        }
        let output = Command::new(&server).arg("--version").output().ok()?;
        let major = parse_version(&String::from_utf8_lossy(&output.stdout))?;
        Some(Self { dir, major })
    }
}

fn places(explicit: Option<&OsStr>, path: Option<&OsStr>) -> Vec<PathBuf> {
    if let Some(dir) = explicit {
        // Somebody who names a directory wants that one, and no silent substitute.
        return vec![PathBuf::from(dir)];
    }
    let mut places: Vec<PathBuf> = path.map(|path| env::split_paths(path).collect()).unwrap_or_default();
    for (parent, below) in PACKAGED {
        for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let version = name.to_string_lossy();
            if version.trim_start_matches("pgsql-").parse::<u32>().is_ok() {
                places.push(entry.path().join(below));
            }
        }
    }
    places
}

fn choose(mut found: Vec<Binaries>, wanted: Option<u32>) -> Result<Binaries, BinariesError> {
    // The newest first; among equals the one that PATH names first stays first.
    found.sort_by_key(|binaries| std::cmp::Reverse(binaries.major));
    let Some(newest) = found.first() else {
        return Err(BinariesError::None { looked_in: String::new() });
    };
    match wanted {
        None if newest.major < OLDEST => Err(BinariesError::TooOld { found: newest.major }),
        None => Ok(newest.clone()),
        Some(wanted) => found.iter().find(|binaries| binaries.major == wanted).cloned().ok_or_else(|| {
            let mut versions: Vec<String> = found.iter().map(|b| b.major.to_string()).collect();
            versions.dedup();
            BinariesError::OtherVersion { wanted, found: versions.join(", ") }
        }),
    }
}

/// The major version in `postgres (PostgreSQL) 15.14 (Debian …)`.
fn parse_version(text: &str) -> Option<u32> {
    let number = text.split_whitespace().nth(2)?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn list(places: &[PathBuf]) -> String {
    let texts: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
    texts.join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(majors: &[u32]) -> Vec<Binaries> {
        majors.iter().map(|&major| Binaries { dir: PathBuf::from(format!("/pg/{major}")), major }).collect()
    }

    #[test]
    fn a_version_is_read_from_what_the_server_prints() {
        assert_eq!(parse_version("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"), Some(15));
        assert_eq!(parse_version("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(parse_version("something else"), None);
    }

    #[test]
    fn new_data_take_the_newest_server() {
        assert_eq!(choose(of(&[15, 17, 16]), None).ok().map(|b| b.major), Some(17));
    }

    #[test]
    fn old_data_take_the_server_that_wrote_them_or_none() {
        assert_eq!(choose(of(&[17, 15]), Some(15)).ok().map(|b| b.major), Some(15));
        let error = choose(of(&[17, 16]), Some(15)).map(|b| b.major);
        assert!(matches!(error, Err(BinariesError::OtherVersion { wanted: 15, .. })));
    }

    #[test]
    fn a_server_too_old_for_esteira_is_refused() {
        assert!(matches!(choose(of(&[12]), None), Err(BinariesError::TooOld { found: 12 })));
    }

    #[test]
    fn a_named_directory_has_no_substitute() {
        assert_eq!(
            places(Some(OsStr::new("/nowhere")), Some(OsStr::new("/usr/bin"))),
            [Path::new("/nowhere")]
        );
    }
}
