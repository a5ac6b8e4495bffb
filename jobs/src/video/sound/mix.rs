//! How does a plan become sound? Decode, mix, duck, master, then hand out frames.

use std::path::Path;

use esteira_engine::job::KindError;
use ffmpeg_next::format::Sample;
use ffmpeg_next::format::sample::Type;
use ffmpeg_next::frame;

use super::convert::STEREO;
use super::duck::Ducker;
use super::facts::{SoundFacts, SourceFacts};
use super::loudness::Meter;
use super::master::{BLOCK, Mastered, master};
use super::plan::{Progress, RATE, Role, SoundPlan};
use super::scratch::{Pair, Scratch};
use super::stem::decode;
use super::strip::Strip;

/// A result further than this from its target, in LU, is told to the author.
const WORTH_A_WARNING: f64 = 0.7;

/// A finished mix in a scratch file, read frame by frame.
pub struct Mix {
    facts: SoundFacts,
    sound: Scratch,
    at: u64,
    pairs: Vec<Pair>,
}

impl Mix {
    /// What was mixed and how it measures.
    #[must_use]
    pub fn facts(&self) -> &SoundFacts {
        &self.facts
    }

    /// The next `samples` samples (fewer at the end) as planar `f32`, 48 kHz, stereo, with `pts` in
    /// 1/48,000 s; `None` after the last one. An AAC encoder wants 1,024 at a time.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn next_frame(&mut self, samples: usize) -> Result<Option<frame::Audio>, KindError> {
        let left = usize::try_from(self.sound.len() - self.at).unwrap_or(usize::MAX);
        let count = samples.min(left);
        if count == 0 {
            return Ok(None);
        }
        self.pairs.resize(count, [0.0; 2]);
        self.sound.read(self.at, &mut self.pairs)?;
        let mut frame = frame::Audio::new(Sample::F32(Type::Planar), count, STEREO);
        frame.set_rate(RATE);
        frame.set_pts(i64::try_from(self.at).ok());
        for side in 0..2 {
            for (slot, pair) in frame.plane_mut::<f32>(side).iter_mut().zip(&self.pairs) {
                *slot = pair[side];
            }
        }
        self.at += count as u64;
        Ok(Some(frame))
    }
}

/// Mixes the plan's tracks. `scratch` is a folder for temporary files, which go with the [`Mix`];
/// `progress` hears a fraction now and then and may stop the work by an error.
///
/// # Errors
/// `sound_unreadable`, `sound_too_long` and their like name the track by its label.
pub fn mix(plan: &SoundPlan, scratch: &Path, progress: &mut Progress) -> Result<Mix, KindError> {
    let mut stems = decode_all(plan, scratch, &mut |f| progress(0.5 * f))?;
    let (mixed, before, ducked) = add_up(plan, &mut stems, scratch, &mut |f| progress(0.5 + 0.2 * f))?;
    let Decoded { mut warnings, sources, .. } = stems;
    let Mastered { sound, after, gain_db, limited_db } =
        master(mixed, before, &plan.loudness, plan.limits.max_gain_db, scratch, &mut |f| {
            progress(0.7 + 0.3 * f)
        })?;
    let silent = after.true_peak_dbtp.is_none();
    if let Some(lufs) = after.integrated_lufs
        && plan.loudness.normalize
        && (lufs - plan.loudness.target_lufs).abs() > WORTH_A_WARNING
    {
        let target = plan.loudness.target_lufs;
        warnings.push(format!(
            "the sound reaches {lufs:.1} LUFS and not {target:.1}: its peaks or its quiet forbid it"
        ));
    }
    let facts = SoundFacts {
        samples: sound.len(),
        silent,
        ducked,
        before,
        after,
        gain_db,
        limited_db,
        warnings,
        sources,
    };
    Ok(Mix { facts, sound, at: 0, pairs: Vec::new() })
}

/// The tracks, decoded.
struct Decoded {
    stems: Scratch,
    strips: Vec<(Role, Strip)>,
    sources: Vec<SourceFacts>,
    warnings: Vec<String>,
}

fn decode_all(plan: &SoundPlan, scratch: &Path, progress: &mut Progress) -> Result<Decoded, KindError> {
    let mut all = Decoded {
        stems: Scratch::create(scratch)?,
        strips: Vec::new(),
        sources: Vec::new(),
        warnings: Vec::new(),
    };
    #[expect(clippy::cast_precision_loss, reason = "a fraction for a progress bar")]
    let share = 1.0 / plan.tracks.len().max(1) as f64;
    let mut done = 0.0;
    for track in &plan.tracks {
        let wanted = plan.samples.saturating_sub(track.start).min(track.length.unwrap_or(u64::MAX));
        if wanted == 0 {
            all.warnings.push(format!("{}: it begins after the end of the video", track.label));
            continue;
        }
        let mut report = |f: f64| progress(done + f * share);
        let (stem, facts, damaged) = decode(track, wanted, &plan.limits, &mut all.stems, &mut report)?;
        if damaged > 0 {
            all.warnings.push(format!("{}: {damaged} damaged packets were left out", track.label));
        }
        all.sources.push(facts);
        all.strips.push((track.role, Strip::new(track, stem, wanted)));
        done += share;
        progress(done)?;
    }
    Ok(all)
}

/// Adds the tracks up into one file, which is measured on the way.
fn add_up(
    plan: &SoundPlan,
    all: &mut Decoded,
    scratch: &Path,
    progress: &mut Progress,
) -> Result<(Scratch, super::facts::Measured, bool), KindError> {
    let mut mixed = Scratch::create(scratch)?;
    let mut meter = Meter::new()?;
    let gives_way = |role: Role| role == Role::Music || (role == Role::Clip && plan.ducking.clips);
    let spoken = all.strips.iter().any(|(role, _)| *role == Role::Voice);
    let beds = all.strips.iter().any(|(role, _)| gives_way(*role));
    let mut ducker =
        (plan.ducking.enabled && spoken && beds).then(|| Ducker::new(&plan.ducking)).transpose()?;
    let mut spare = Vec::new();
    let (mut bed, mut voice, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    while mixed.len() < plan.samples {
        let at = mixed.len();
        let count = usize::try_from(plan.samples - at).unwrap_or(BLOCK).min(BLOCK);
        for bus in [&mut bed, &mut voice, &mut rest] {
            bus.clear();
            bus.resize(count, [0.0; 2]);
        }
        for (role, strip) in &all.strips {
            let bus = match role {
                Role::Voice => &mut voice,
                role if gives_way(*role) => &mut bed,
                _ => &mut rest,
            };
            strip.add(&mut all.stems, at, bus, &mut spare)?;
        }
        if let Some(ducker) = &mut ducker {
            ducker.lower(&mut bed, &voice)?;
        }
        for ((heard, voice), rest) in bed.iter_mut().zip(&voice).zip(&rest) {
            heard[0] += voice[0] + rest[0];
            heard[1] += voice[1] + rest[1];
        }
        meter.hear(&bed)?;
        mixed.append(&bed)?;
        #[expect(clippy::cast_precision_loss, reason = "a fraction for a progress bar")]
        progress(mixed.len() as f64 / plan.samples as f64)?;
    }
    Ok((mixed, meter.read()?, ducker.is_some()))
}
