//! How does the worker open what a child left under `out/`? As if the child were an enemy.

use std::fs::File;
use std::io;
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags, ResolveFlags, fstat, open, openat2};

use crate::job::is_artifact_name;

/// An artifact is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum BadArtifact {
    /// No artifact can be named so.
    #[error("it has a name that no artifact can have")]
    Name,
    /// Nothing is there, or a link or another file system is on the way.
    #[error("it cannot be opened")]
    Unopenable(#[source] io::Error),
    /// A directory, a pipe, a device or a socket.
    #[error("it is no regular file")]
    NotAFile,
    /// The file has another name somewhere, perhaps in a place that is not the child's.
    #[error("it is linked from elsewhere")]
    Linked,
}

/// Opens the artifact `name` of the attempt in `work_dir` for reading.
///
/// No link is followed, at any place of the path; the path cannot lead out of `out/` or to another
/// file system; opening never waits, as a pipe would make it. The child must have ended before, so
/// that nothing changes between the look and the read.
///
/// # Errors
/// When the artifact is not one regular file with one name.
pub fn open_artifact(work_dir: &Path, name: &str) -> Result<File, BadArtifact> {
    open_below(work_dir, "out", name)
}

/// The same for a file below another of the child's folders.
pub(crate) fn open_below(work_dir: &Path, folder: &str, name: &str) -> Result<File, BadArtifact> {
    if !is_artifact_name(name) {
        return Err(BadArtifact::Name);
    }
    let unopenable = |error: rustix::io::Errno| BadArtifact::Unopenable(error.into());
    let directory = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let out = open(work_dir.join(folder), directory, Mode::empty()).map_err(unopenable)?;
    let within = ResolveFlags::BENEATH
        | ResolveFlags::NO_SYMLINKS
        | ResolveFlags::NO_MAGICLINKS
        | ResolveFlags::NO_XDEV;
    let read = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = openat2(&out, name, read, Mode::empty(), within).map_err(unopenable)?;
    let stat = fstat(&file).map_err(unopenable)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(BadArtifact::NotAFile);
    }
    if stat.st_nlink != 1 {
        return Err(BadArtifact::Linked);
    }
    Ok(File::from(file))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Read;
    use std::os::unix::fs::symlink;

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    fn work_dir() -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a directory");
        fs::create_dir_all(dir.path().join("out/hls")).expect("out");
        fs::write(dir.path().join("secret"), "secret").expect("a file");
        fs::write(dir.path().join("out/hls/a.txt"), "fine").expect("a file");
        dir
    }

    #[test]
    fn a_plain_file_opens() {
        let dir = work_dir();
        let mut text = String::new();
        open_artifact(dir.path(), "hls/a.txt").expect("opens").read_to_string(&mut text).expect("reads");
        assert_eq!(text, "fine");
    }

    #[test]
    fn links_are_not_followed_anywhere_on_the_path() {
        let dir = work_dir();
        symlink("../secret", dir.path().join("out/file")).expect("a link");
        symlink("/etc", dir.path().join("out/etc")).expect("a link");
        symlink("hls", dir.path().join("out/inner")).expect("a link");
        for name in ["file", "etc/passwd", "inner/a.txt"] {
            assert!(matches!(open_artifact(dir.path(), name), Err(BadArtifact::Unopenable(_))), "{name}");
        }
    }

    #[test]
    fn an_out_directory_that_became_a_link_is_refused() {
        let dir = work_dir();
        fs::rename(dir.path().join("out"), dir.path().join("moved")).expect("moves");
        symlink("/etc", dir.path().join("out")).expect("a link");
        assert!(matches!(open_artifact(dir.path(), "passwd"), Err(BadArtifact::Unopenable(_))));
    }

    #[test]
    fn a_pipe_is_no_artifact_and_does_not_block() {
        let dir = work_dir();
        let pipe = dir.path().join("out/pipe");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a pipe");
        assert!(matches!(open_artifact(dir.path(), "pipe"), Err(BadArtifact::NotAFile)));
        assert!(matches!(open_artifact(dir.path(), "hls"), Err(BadArtifact::NotAFile)));
    }

    #[test]
    fn a_second_name_of_a_file_is_refused() {
        let dir = work_dir();
        fs::hard_link(dir.path().join("secret"), dir.path().join("out/twin")).expect("a link");
        assert!(matches!(open_artifact(dir.path(), "twin"), Err(BadArtifact::Linked)));
    }

    #[test]
    fn names_that_climb_are_refused_before_anything_is_opened() {
        let dir = work_dir();
        assert!(matches!(open_artifact(dir.path(), "../secret"), Err(BadArtifact::Name)));
    }
}
