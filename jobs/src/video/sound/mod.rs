//! The sound of a video: music, narration and clips become one stereo mix of a set loudness.

mod check;
mod convert;
mod duck;
mod facts;
mod input;
mod limiter;
mod limits;
mod loudness;
mod master;
mod mix;
mod plan;
mod probe;
mod resolve;
mod scratch;
pub mod speech;
mod stem;
mod strip;

pub use check::{check, sources};
pub use esteira_media::{SoundInfo, quiet};
pub use facts::{Measured, SoundFacts, SourceFacts};
pub use input::{Audio, Ducking, Loudness, Music, Narration};
pub use limits::SoundLimits;
pub use mix::{Mix, mix};
pub use plan::{Progress, RATE, Role, SoundPlan, Track, samples_at};
pub use probe::{exact_seconds, probe};
pub use resolve::{ResolvedAudio, resolve};
