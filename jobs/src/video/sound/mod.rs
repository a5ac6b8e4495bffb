//! The sound of a video: music, narration and clips become one stereo mix of a set loudness.

mod facts;
mod input;
mod limits;
mod mix;
mod plan;
mod probe;
mod resolve;
pub mod speech;

pub use facts::{Measured, SoundFacts, SourceFacts};
pub use input::{Audio, Ducking, Loudness, Music, Narration};
pub use limits::SoundLimits;
pub use mix::{Mix, mix};
pub use plan::{RATE, Role, SoundPlan, Track, samples_at};
pub use probe::{SoundInfo, probe};
pub use resolve::{ResolvedAudio, check, resolve, sources};
