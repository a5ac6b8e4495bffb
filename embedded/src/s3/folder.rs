//! In which state is the folder of the objects when the server starts? Closed to others, without leftovers.

use std::ffi::OsStr;
use std::fs::{DirBuilder, DirEntry, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// A multipart upload without news for this long is nobody's any more: the links of its parts are good for a week at
/// most.
const FORGOTTEN: Duration = Duration::from_secs(8 * 24 * 3600);

/// Makes the folder with its bucket, or takes it as it is, and closes it to other users.
pub(super) fn prepare(root: &Path, bucket: &str, now: SystemTime) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(root)?;
    // It may be there already, made by an earlier version or by hand.
    std::fs::set_permissions(root, Permissions::from_mode(0o700))?;
    std::fs::create_dir_all(root.join(bucket))?;
    for entry in std::fs::read_dir(root)? {
        let entry = entry?;
        if is_of_upload(&entry.file_name()) && is_forgotten(&entry, now)? {
            std::fs::remove_file(entry.path())?;
            tracing::debug!(file = %entry.path().display(), "removed what was left of an upload");
        }
    }
    Ok(())
}

/// Whether `s3s-fs` keeps such a file only as long as a multipart upload is under way: a part, who
/// uploads, or the attributes that the object will have.
fn is_of_upload(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| {
        let of_object = name.starts_with(".bucket-") && name.contains(".upload-");
        name.starts_with(".upload_id-")
            || (name.starts_with(".upload-") || of_object) && name.ends_with(".json")
    })
}

fn is_forgotten(entry: &DirEntry, now: SystemTime) -> io::Result<bool> {
    let attributes = entry.metadata()?;
    // A time in the future is no age: the clock was wrong then, or is now.
    let age = now.duration_since(attributes.modified()?).unwrap_or_default();
    Ok(attributes.is_file() && age > FORGOTTEN)
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn what_is_left_of_an_old_upload_goes_and_all_else_stays() {
        let root = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        let make = |name: &str, age| {
            File::create(root.path().join(name)).unwrap().set_modified(now - age).unwrap();
        };
        let old = FORGOTTEN + Duration::from_secs(1);
        for name in [".upload_id-1.part-1", ".upload-1.json", ".bucket-b.object-o.upload-1.metadata.json"] {
            make(name, old);
        }
        let kept = [".bucket-b.object-o.metadata.json", ".upload-2.json", ".upload_id-2.part-1", "bucket"];
        make(kept[0], old);
        make(kept[1], FORGOTTEN / 2);
        make(kept[2], FORGOTTEN / 2);
        prepare(root.path(), "bucket", now).unwrap();
        let mut left: Vec<String> = std::fs::read_dir(root.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort_unstable();
        assert_eq!(left, kept);
    }

    #[test]
    fn the_folder_is_closed_to_others_even_if_it_was_open() {
        let parent = tempfile::tempdir().unwrap();
        let root = parent.path().join("s3");
        let mode = || std::fs::metadata(&root).unwrap().permissions().mode() & 0o777;
        prepare(&root, "bucket", SystemTime::now()).unwrap();
        assert_eq!(mode(), 0o700);
        std::fs::set_permissions(&root, Permissions::from_mode(0o755)).unwrap();
        prepare(&root, "bucket", SystemTime::now()).unwrap();
        assert_eq!(mode(), 0o700);
    }
}
