//! How is a directory removed that an enemy has filled? Flat, without recursion, links or trust in modes.

use std::ffi::CStr;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, Mode, OFlags, fchmod, openat, renameat, unlinkat};
use rustix::io::Errno;

/// Removes the directory `path` and everything below it.
///
/// Directories may lie in each other deeper than a path can be written or a stack can hold. So each
/// one found is emptied of its files, and the directories in it are moved up to the top, until there
/// are none. No link is followed; a directory that its owner made unreadable is made readable.
///
/// # Errors
/// When something in it cannot be removed.
pub(super) fn remove_tree(path: &Path) -> io::Result<()> {
    let top = match open_directory(&CWD, path) {
        Err(Errno::NOENT) => return Ok(()),
        Err(Errno::NOTDIR | Errno::LOOP) => return std::fs::remove_file(path),
        other => other?,
    };
    let mut moved = 0_u64;
    // What is moved up while a listing is read may or may not appear in it: list again until empty.
    while empty(&top, &top, &mut moved)? {}
    match unlinkat(CWD, path, AtFlags::REMOVEDIR) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Removes the files in `directory` and the directories that are empty; moves the others to `top`, or
/// empties them if they are there. Says whether it found anything.
fn empty(top: &OwnedFd, directory: &OwnedFd, moved: &mut u64) -> io::Result<bool> {
    let at_top = std::ptr::eq(top, directory);
    let mut found = false;
    for entry in Dir::read_from(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        found = true;
        if removed(directory, name)? {
            continue;
        }
        let inner = open_directory(directory, name)?;
        if at_top {
            while empty(top, &inner, moved)? {}
            removed(directory, name)?;
        } else {
            drop(inner);
            move_up(directory, name, top, moved)?;
        }
    }
    Ok(found)
}

/// Whether the entry could be removed as a file or as an empty directory.
fn removed(directory: &OwnedFd, name: &CStr) -> io::Result<bool> {
    match unlinkat(directory, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => return Ok(true),
        // Linux says ISDIR, POSIX says PERM.
        Err(Errno::ISDIR | Errno::PERM) => {}
        Err(error) => return Err(error.into()),
    }
    match unlinkat(directory, name, AtFlags::REMOVEDIR) {
        Ok(()) | Err(Errno::NOENT) => Ok(true),
        Err(Errno::NOTEMPTY | Errno::EXIST) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Gives a directory a new name at the top that nothing there has yet.
fn move_up(from: &OwnedFd, name: &CStr, top: &OwnedFd, moved: &mut u64) -> io::Result<()> {
    loop {
        *moved += 1;
        match renameat(from, name, top, format!(".moved-{moved}")) {
            Ok(()) => return Ok(()),
            // The child had the same idea of a name.
            Err(Errno::NOTEMPTY | Errno::EXIST | Errno::NOTDIR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Opens a directory itself, never what a link points to, and lets the owner read and change it.
fn open_directory<P: rustix::path::Arg + Copy>(
    at: &impl std::os::fd::AsFd,
    name: P,
) -> Result<OwnedFd, Errno> {
    let itself = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match openat(at, name, itself | OFlags::RDONLY, Mode::empty()) {
        Ok(directory) => {
            fchmod(&directory, Mode::RWXU)?;
            Ok(directory)
        }
        Err(Errno::ACCESS) => {
            // Without the right to read it, its mode can be changed by name alone. The child is gone,
            // so nothing takes the directory's place in between.
            rustix::fs::chmodat(at, name, Mode::RWXU, AtFlags::empty())?;
            openat(at, name, itself | OFlags::RDONLY, Mode::empty())
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use rustix::fs::mkdirat;

    use super::*;

    #[test]
    fn unreadable_directories_go_and_what_links_point_to_stays() {
        let base = tempfile::tempdir().expect("a directory");
        let (tree, kept) = (base.path().join("tree"), base.path().join("kept"));
        fs::create_dir_all(tree.join("a/b/c")).expect("directories");
        fs::create_dir_all(&kept).expect("a directory");
        fs::write(kept.join("file"), "").expect("a file");
        fs::write(tree.join("a/b/c/file"), "").expect("a file");
        symlink(&kept, tree.join("a/link")).expect("a link");
        for path in ["a/b", "a"] {
            fs::set_permissions(tree.join(path), fs::Permissions::from_mode(0o000)).expect("a mode");
        }
        remove_tree(&tree).expect("removed");
        assert!(!tree.exists());
        assert!(kept.join("file").exists());
    }

    #[test]
    fn directories_deeper_than_any_path_go() {
        let base = tempfile::tempdir().expect("a directory");
        let tree = base.path().join("tree");
        fs::create_dir(&tree).expect("a directory");
        let mut here = open_directory(&CWD, &tree).expect("opens");
        for _ in 0..600 {
            mkdirat(&here, ".moved-1", Mode::RWXU).expect("a directory");
            here = open_directory(&here, ".moved-1").expect("opens");
        }
        remove_tree(&tree).expect("removed");
        assert!(!tree.exists());
    }

    #[test]
    fn removing_nothing_is_no_error() {
        let base = tempfile::tempdir().expect("a directory");
        remove_tree(&base.path().join("absent")).expect("fine");
    }
}
