//! The sound of a video: music, narration and clips become one stereo mix of a set loudness.

mod check;
mod convert;
mod duck;
mod facts;
mod input;
mod libav;
mod limiter;
mod limits;
mod loudness;
mod master;
mod mix;
mod plan;
mod probe;
mod resolve;
mod scratch;
mod source;
pub mod speech;
mod stem;
mod strip;
mod timeline;

pub use check::{check, sources};
pub use facts::{Measured, SoundFacts, SourceFacts};
pub use input::{Audio, Ducking, Loudness, Music, Narration};
pub use libav::quiet;
pub use limits::SoundLimits;
pub use mix::{Mix, mix};
pub use plan::{Progress, RATE, Role, SoundPlan, Track, samples_at};
pub use probe::{SoundInfo, exact_seconds, probe};
pub use resolve::{ResolvedAudio, resolve};
