//! How large may a media file be? The limits of whoever opens it.

/// Limits of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaLimits {
    /// Bytes of the file.
    pub max_file_bytes: u64,
    /// Channels of its sound.
    pub max_channels: u16,
}
