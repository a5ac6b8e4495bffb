//! How is a tenant's file opened? Quietly, and as one file that cannot name others.

use std::fs;
use std::path::Path;
use std::sync::Once;

use esteira_engine::job::KindError;
use ffmpeg_next::error::EINVAL;
use ffmpeg_next::util::log;
use ffmpeg_next::{Dictionary, Error, format};

use super::limits::MediaLimits;

/// Demuxers that read one file and nothing beside it. Playlists (HLS, DASH, concat, image
/// sequences, SDP) are left out: they make libav open what a tenant wrote into them.
const CONTAINERS: &str = "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,dts,eac3,flac,flv,\
    matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,mpeg,mpegts,ogg,tta,voc,w64,wav,wv";

/// Sets libav up once in a process: no word on any stream, for a child's standard output is a protocol.
pub fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        log::set_level(log::Level::Quiet);
        // It only fills in the texts of errors, and cannot fail.
        let _ = ffmpeg_next::init();
    });
}

/// Opens a file for reading.
pub(crate) fn open(
    label: &str,
    path: &Path,
    limits: &MediaLimits,
) -> Result<format::context::Input, KindError> {
    quiet();
    let size = fs::metadata(path).map_err(|error| unreadable(label, &error.kind().to_string()))?.len();
    if size == 0 {
        return Err(unreadable(label, "the file is empty"));
    }
    if size > limits.max_file_bytes {
        let most = limits.max_file_bytes;
        return Err(KindError::fail(
            "sound_too_large",
            format!("{label}: the file has {size} bytes; {most} are allowed"),
        ));
    }
    if path.to_str().is_none_or(|text| text.contains('\0')) {
        return Err(unreadable(label, "its name in the work directory is not UTF-8"));
    }
    let mut options = Dictionary::new();
    options.set("protocol_whitelist", "file");
    options.set("format_whitelist", CONTAINERS);
    format::input_with_dictionary(path, options).map_err(|error| match error {
        // The second is libav's word for a demuxer that is not on the list.
        Error::InvalidData | Error::Other { errno: EINVAL } => {
            unreadable(label, "it is no sound or video file of a known kind, or its head is damaged")
        }
        error => broken(label, "opening it", error),
    })
}

/// The file is at fault, in plain words.
#[must_use]
pub fn unreadable(label: &str, why: &str) -> KindError {
    KindError::fail("sound_unreadable", format!("{label}: the sound cannot be read: {why}"))
}

/// The file is at fault, in libav's words.
#[must_use]
pub fn broken(label: &str, step: &str, error: Error) -> KindError {
    unreadable(label, &format!("{step}: {error}"))
}

/// A filter of ours did not do what it is there for: a fault of the machine or of this program.
#[must_use]
pub fn internal(step: &str, error: Error) -> KindError {
    KindError::retry("sound_failed", format!("{step}: {error}"))
}
