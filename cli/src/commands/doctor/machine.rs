//! Is the machine fit? Programs, folders, fonts, voices, and the walls that its kernel can build.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use esteira_embedded::Binaries;
use esteira_engine::child::sandbox::probe;
use esteira_engine::config::{Config, SandboxMode};
use esteira_models::ModelFolder;

use super::super::models::configured_folder;
use super::Finding;

/// Below this, a video of some minutes may not fit.
const LITTLE_SPACE: u64 = 2 << 30;
const FONT_FOLDERS: [&str; 2] = ["/usr/share/fonts", "/usr/local/share/fonts"];
const LIBRARY_FOLDERS: [&str; 5] = ["/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64"];

/// The server that `up` would start.
pub fn postgres_binaries() -> Finding {
    match Binaries::find(None) {
        Ok(found) => Finding::fit("postgres", format!("version {} in {}", found.major, found.dir.display())),
        Err(error) => Finding::unfit("postgres", "no fit server", error.to_string()),
    }
}

/// A folder that must be written to.
pub fn folder(part: &'static str, path: &Path) -> Finding {
    let Some(existing) =
        path.ancestors().find(|path| path.exists()).filter(|path| !path.as_os_str().is_empty())
    else {
        return folder(part, &Path::new(".").join(path));
    };
    if let Err(error) = tempfile_in(existing) {
        let cure = format!("make it writable for user {}", rustix::process::geteuid().as_raw());
        return Finding::unfit(part, format!("{} refuses a file: {error}", existing.display()), cure);
    }
    match rustix::fs::statvfs(existing) {
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let text = format!("{} ({} free)", path.display(), crate::table::bytes(free));
            if free < LITTLE_SPACE {
                return Finding::weak(part, text, "free some space, or choose another folder");
            }
            Finding::fit(part, text)
        }
        Err(error) => Finding::weak(part, format!("{}: {error}", path.display()), "look at the disk"),
    }
}

/// Whether a file can be made in a folder; it is gone again afterwards.
fn tempfile_in(folder: &Path) -> io::Result<()> {
    let path = folder.join(format!(".esteira-doctor-{}", std::process::id()));
    fs::OpenOptions::new().write(true).create_new(true).open(&path)?;
    fs::remove_file(path)
}

/// The walls around children.
pub fn sandbox(config: &Config) -> Finding {
    let missing = probe().missing();
    if missing.is_empty() {
        return Finding::fit("sandbox", "whole");
    }
    let text = format!("this machine lacks {}", missing.join(" and "));
    if config.sandbox.mode == SandboxMode::Require {
        return Finding::unfit("sandbox", text, "use a kernel that has it, or ESTEIRA_SANDBOX=best_effort");
    }
    Finding::weak("sandbox", text, "use a kernel that has it; ESTEIRA_SANDBOX=require refuses to run without")
}

/// Fonts for titles and captions.
pub fn fonts() -> Finding {
    let cure = "Debian: apt-get install fonts-dejavu-core fonts-noto-core fonts-noto-color-emoji";
    let has = |name: &str| FONT_FOLDERS.iter().any(|folder| finds(Path::new(folder), name, 6));
    match (has(".ttf") || has(".otf") || has(".ttc"), has("Emoji")) {
        (false, _) => Finding::weak("fonts", "none found: titles and captions cannot be drawn", cure),
        (true, false) => Finding::weak("fonts", "no font has emoji", cure),
        (true, true) => Finding::fit("fonts", "letters and emoji"),
    }
}

/// The speaker of narrations.
pub fn speech() -> Finding {
    if LIBRARY_FOLDERS.iter().any(|folder| finds(Path::new(folder), "libespeak-ng.so.1", 2)) {
        return Finding::fit("speech", "espeak-ng");
    }
    Finding::weak("speech", "no espeak-ng: narration from text fails", "Debian: apt-get install espeak-ng")
}

/// The models of the local transcription.
pub fn models(config: &Config) -> Finding {
    let folder = match configured_folder(config) {
        Ok(folder) => folder,
        Err(error) => return Finding::unfit("models", error.to_string(), "correct the setting"),
    };
    let found = ModelFolder::new(folder.clone()).list().into_iter().filter(|found| found.path.is_some());
    let names: Vec<&str> = found.map(|found| found.model.name).collect();
    if names.is_empty() {
        let text = format!("no model of speech in {}: media.transcribe fails", folder.display());
        return Finding::weak("models", text, "`esteira models list` tells how they come there");
    }
    Finding::fit("models", names.join(", "))
}

/// Whether a file whose name contains `part` lies below `folder`, at most `depth` folders down.
fn finds(folder: &Path, part: &str, depth: usize) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = Vec::new();
    for entry in entries {
        if entry.file_name().to_string_lossy().contains(part) {
            return true;
        }
        // Not through links, which may lead in circles.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            folders.push(entry.path());
        }
    }
    depth > 0 && folders.iter().any(|folder| finds(folder, part, depth - 1))
}
