//! What does one track bring? Its file, decoded from its trim on, at its tempo, in a scratch file.

use esteira_engine::job::KindError;
use esteira_media::{self as media, Place, Source, Timeline};

use super::convert::Converter;
use super::facts::SourceFacts;
use super::limits::SoundLimits;
use super::plan::{Progress, RATE, Track};
use super::scratch::{Pair, Scratch};

/// From this second on, seeking is cheaper than decoding what is thrown away.
const SEEK_FROM: f64 = 10.0;

/// Seconds before the wanted one to which a seek goes, for decoders that need a run-up.
const RUN_UP: f64 = 1.0;

/// Frames between two words of progress.
const REPORT_EVERY: u64 = 64;

/// A stretch of the scratch file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stem {
    /// Its first pair.
    pub offset: u64,
    /// Its pairs.
    pub len: u64,
    /// The file would have gone on: its end is a cut.
    pub cut: bool,
}

/// Decodes a track to the end of `scratch`, at most `wanted` pairs of it.
pub(super) fn decode(
    track: &Track,
    wanted: u64,
    limits: &SoundLimits,
    scratch: &mut Scratch,
    report: &mut Progress,
) -> Result<(Stem, SourceFacts, u32), KindError> {
    let mut stem = Stem { offset: scratch.len(), len: 0, cut: false };
    let Some(mut source) = Source::open(&track.label, &track.path, media::Track::Best, &limits.media())?
    else {
        if track.required {
            let message = format!("{}: the file holds no sound", track.label);
            return Err(KindError::fail("sound_missing", message));
        }
        return Ok((stem, no_sound(track), 0));
    };
    if track.trim_start > SEEK_FROM {
        source.seek(track.trim_start - RUN_UP)?;
    }
    let room = u64::min(wanted, left_of(limits, scratch));
    let mut writer = Writer { scratch, pairs: Vec::new(), skip: 0, room };
    let mut timeline = Timeline::from(track.trim_start, source.info().seconds);
    let mut converter = Converter::new(&track.label, track.speed);
    let mut frames = 0_u64;
    while writer.room > 0 {
        let Some((frame, at)) = source.next_frame()? else { break };
        #[expect(clippy::cast_precision_loss, reason = "a frame has few samples")]
        let length = frame.samples() as f64 / f64::from(frame.rate());
        match timeline.place(at, length) {
            Place::Feed => {}
            Place::Pad(seconds) => writer.silence(heard(seconds, track.speed))?,
            Place::Skip(seconds) => writer.skip = heard(seconds, track.speed),
        }
        converter.push(frame, &mut |left, right| writer.take(left, right))?;
        frames += 1;
        if frames.is_multiple_of(REPORT_EVERY) {
            report(fraction(wanted - writer.room.min(wanted), wanted))?;
        }
    }
    stem.cut = writer.room == 0;
    converter.finish(&mut |left, right| writer.take(left, right))?;
    stem.len = scratch.len() - stem.offset;
    if stem.cut && stem.len < wanted {
        return Err(too_long(track, limits));
    }
    let info = source.info();
    let facts = SourceFacts {
        label: track.label.clone(),
        codec: Some(info.codec),
        sample_rate: info.sample_rate,
        channels: info.channels,
        seconds: seconds(stem.len),
    };
    Ok((stem, facts, source.damaged()))
}

/// Writes what comes out of the converter, between what is skipped and what is enough.
struct Writer<'a> {
    scratch: &'a mut Scratch,
    pairs: Vec<Pair>,
    skip: u64,
    room: u64,
}

impl Writer<'_> {
    fn take(&mut self, left: &[f32], right: &[f32]) -> Result<(), KindError> {
        let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(left.len());
        self.skip -= skipped as u64;
        let most = usize::try_from(self.room).unwrap_or(usize::MAX);
        self.pairs.clear();
        self.pairs.extend(left.iter().zip(right).skip(skipped).take(most).map(|(l, r)| [sane(*l), sane(*r)]));
        self.room -= self.pairs.len() as u64;
        self.scratch.append(&self.pairs)
    }

    fn silence(&mut self, pairs: u64) -> Result<(), KindError> {
        static CHUNK: [Pair; 4096] = [[0.0; 2]; 4096];
        let mut left = pairs.min(self.room);
        self.room -= left;
        while left > 0 {
            let now = usize::try_from(left).unwrap_or(usize::MAX).min(CHUNK.len());
            self.scratch.append(&CHUNK[..now])?;
            left -= now as u64;
        }
        Ok(())
    }
}

/// A file of floats can hold what no loudspeaker can: one NaN would silence every filter after it.
fn sane(sample: f32) -> f32 {
    if sample.is_finite() { sample.clamp(-16.0, 16.0) } else { 0.0 }
}

/// Pairs of the result that so many seconds of the file take.
fn heard(file_seconds: f64, speed: f64) -> u64 {
    super::plan::samples_at(file_seconds / speed)
}

#[expect(clippy::cast_precision_loss, reason = "2^53 samples are thousands of years")]
fn seconds(pairs: u64) -> f64 {
    pairs as f64 / f64::from(RATE)
}

#[expect(clippy::cast_precision_loss, reason = "a fraction for a progress bar")]
fn fraction(done: u64, all: u64) -> f64 {
    done as f64 / all.max(1) as f64
}

fn left_of(limits: &SoundLimits, scratch: &Scratch) -> u64 {
    super::plan::samples_at(limits.max_decoded_seconds).saturating_sub(scratch.len())
}

fn too_long(track: &Track, limits: &SoundLimits) -> KindError {
    let most = limits.max_decoded_seconds;
    KindError::fail(
        "sound_too_long",
        format!("{}: more than {most} s of sound would have to be decoded for this video", track.label),
    )
}

fn no_sound(track: &Track) -> SourceFacts {
    SourceFacts { label: track.label.clone(), codec: None, sample_rate: 0, channels: 0, seconds: 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_loudspeaker_can_play_does_not_reach_the_filters() {
        assert_eq!([f32::NAN, f32::INFINITY, 1e30, -0.5].map(sane), [0.0, 0.0, 16.0, -0.5]);
    }
}
