//! Where did this video come from? The manifest: hashes of all inputs, versions, settings, facts.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use esteira_engine::child::WorkDir;
use esteira_engine::job::KindError;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::sound::SoundFacts;

/// Version of the manifest's form.
pub const VERSION: u32 = 1;

/// `manifest.json`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Manifest {
    /// Version of this form.
    pub version: u32,
    /// The kind that made it.
    pub kind: &'static str,
    /// The files that went in.
    pub inputs: Vec<FileFacts>,
    /// The programs that worked on it.
    pub versions: Versions,
    /// The input with its merge fields filled in and its values as they were understood.
    pub settings: Value,
    /// The picture.
    pub video: VideoFacts,
    /// The sound.
    pub audio: SoundFacts,
    /// Captions.
    pub captions: u32,
    /// The file that came out.
    pub output: FileFacts,
    /// Things that worked and may not be meant.
    pub warnings: Vec<String>,
}

/// A file by what is in it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct FileFacts {
    /// The name in the input, or of the artifact.
    pub name: String,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
}

/// Versions of what worked on a video.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Versions {
    /// Esteira's own.
    pub esteira: &'static str,
    /// libavcodec's.
    pub libavcodec: String,
    /// libavformat's.
    pub libavformat: String,
    /// libavfilter's.
    pub libavfilter: String,
    /// libswscale's.
    pub libswscale: String,
}

/// Facts about the picture.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct VideoFacts {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Frames a second, as a fraction.
    pub frame_rate: String,
    /// Frames in the file.
    pub frames: u32,
    /// Seconds.
    pub seconds: f64,
    /// The codec.
    pub codec: &'static str,
    /// Constant rate factor.
    pub crf: u8,
    /// x264's preset.
    pub preset: &'static str,
    /// Colour space, primaries and transfer.
    pub colour: &'static str,
}

impl Versions {
    /// Of this process.
    #[must_use]
    pub fn here() -> Self {
        let of = |version: u32| format!("{}.{}.{}", version >> 16, version >> 8 & 0xFF, version & 0xFF);
        Self {
            esteira: env!("CARGO_PKG_VERSION"),
            libavcodec: of(ffmpeg_next::codec::version()),
            libavformat: of(ffmpeg_next::format::version()),
            libavfilter: of(ffmpeg_next::filter::version()),
            libswscale: of(ffmpeg_next::software::scaling::version()),
        }
    }
}

impl FileFacts {
    /// Of the file at `path`, read once through.
    ///
    /// # Errors
    /// When it cannot be read, or the job is to stop.
    pub fn of(name: &str, path: &Path, work: &WorkDir) -> Result<Self, KindError> {
        let unreadable = |error: std::io::Error| {
            KindError::retry("file_unreadable", format!("{name} cannot be read: {}", error.kind()))
        };
        let mut file = File::open(path).map_err(unreadable)?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        let mut bytes = 0;
        loop {
            let count = file.read(&mut buffer).map_err(unreadable)?;
            if count == 0 {
                break;
            }
            work.check_stop()?;
            hash.update(&buffer[..count]);
            bytes += count as u64;
        }
        let sha256 = hex::encode(hash.finalize());
        Ok(Self { name: name.to_owned(), sha256, bytes })
    }
}
