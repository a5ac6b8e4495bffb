//! How does any file become sound of one shape? Decoded as a stream: for Whisper at 16 kHz, for people as it is.

use std::path::Path;

use esteira_engine::job::KindError;
use esteira_media::{
    MediaLimits, Place, Reshape, Shape, SoundInfo, Source, Timeline, Track, count_tracks, unreadable,
};

use super::super::input::{Channels, Input};
use super::super::limits::TranscribeLimits;

/// Samples a second that Whisper hears.
pub const RATE: u32 = 16_000;
/// Samples a second that people hear at most.
const MOST_RATE: u32 = 48_000;

/// Takes a stretch of every channel, all of the same length.
pub type Take<'a> = dyn FnMut(&[&[f32]]) -> Result<(), KindError> + 'a;

/// An open recording.
pub struct Recording {
    source: Source,
    info: SoundInfo,
    chain: Reshape,
    channels: usize,
    rate: u32,
    seconds: f64,
}

/// What channels become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Places {
    /// One.
    Mono,
    /// Two.
    Stereo,
    /// What they are.
    Apart,
}

/// What was heard to the end.
#[derive(Debug, Clone, Copy)]
pub struct End {
    /// Samples of each channel.
    pub samples: u64,
    /// Packets that could not be decoded.
    pub damaged: u32,
    /// How often the file's clock was set anew.
    pub jumps: u32,
}

impl Recording {
    /// Opens the track that was asked for, as Whisper hears it.
    ///
    /// # Errors
    /// `sound_missing` where there is none, `sound_unreadable` where the file is none of media.
    pub fn open(path: &Path, input: &Input, limits: &TranscribeLimits) -> Result<Self, KindError> {
        let places = if input.channels == Channels::Separate { Places::Apart } else { Places::Mono };
        Self::open_as(path, input, limits, |info| match places {
            Places::Apart => (Places::Apart, usize::from(info.channels.max(1)), RATE),
            _ => (places, 1, RATE),
        })
    }

    /// The same as people hear it, in one or two channels.
    ///
    /// # Errors
    /// As before.
    pub fn for_people(path: &Path, input: &Input, limits: &TranscribeLimits) -> Result<Self, KindError> {
        Self::open_as(path, input, limits, |info| {
            let rate = info.sample_rate.clamp(8_000, MOST_RATE);
            if info.channels > 1 { (Places::Stereo, 2, rate) } else { (Places::Mono, 1, rate) }
        })
    }

    fn open_as(
        path: &Path,
        input: &Input,
        limits: &TranscribeLimits,
        shape: impl FnOnce(&SoundInfo) -> (Places, usize, u32),
    ) -> Result<Self, KindError> {
        let media = limits.media();
        let track = input.track.map_or(Track::Best, |number| Track::Number(number.into()));
        let Some(source) = Source::open("/source", path, track, &media)? else {
            return Err(missing(path, input, &media)?);
        };
        let info = source.info();
        if info.channels > limits.channels {
            let (has, most) = (info.channels, limits.channels);
            let message = format!("/source: the sound has {has} channels; {most} are allowed");
            return Err(KindError::fail("sound_unsupported", message));
        }
        let (places, channels, rate) = shape(&info);
        let chain = Reshape::new("/source", move |shape| chain(shape, places, rate));
        Ok(Self { source, info, chain, channels, rate, seconds: limits.seconds })
    }

    /// What the container tells.
    pub fn info(&self) -> &SoundInfo {
        &self.info
    }

    /// Samples a second that are handed out.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// Channels that are handed out.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Hands out the whole recording, from its first second on, with silence where nothing is recorded.
    ///
    /// # Errors
    /// When it cannot be decoded, is longer than allowed, or `take` errs.
    pub fn hear(mut self, take: &mut Take<'_>) -> Result<End, KindError> {
        // What lasts longer than is allowed is a clock that is wrong, or is refused at its end.
        let mut line = Timeline::from(0.0, self.info.seconds.min(self.seconds));
        let rate = self.rate;
        let most = samples(self.seconds, rate);
        let mut out = Out { take, channels: self.channels, samples: 0, skip: 0, most, seconds: self.seconds };
        let mut frames = 0_u32;
        while let Some((frame, at)) = self.source.next_frame()? {
            frames = frames.saturating_add(1);
            #[expect(clippy::cast_precision_loss, reason = "a frame has few samples")]
            let length = frame.samples() as f64 / f64::from(frame.rate());
            match line.place(at, length) {
                Place::Feed => {}
                Place::Pad(seconds) => out.silence(samples(seconds, rate))?,
                Place::Skip(seconds) => {
                    out.skip = usize::try_from(samples(seconds, rate)).unwrap_or(usize::MAX);
                }
            }
            self.chain.push(frame, &mut |frame| out.frame(frame))?;
        }
        self.chain.finish(&mut |frame| out.frame(frame))?;
        let damaged = self.source.damaged();
        // A program that was renamed has bytes in it that look like a frame of MP3.
        if damaged > frames {
            return Err(unreadable("/source", "most of it cannot be decoded"));
        }
        Ok(End { samples: out.samples, damaged, jumps: line.jumps() })
    }
}

/// Why there is no such track.
fn missing(path: &Path, input: &Input, media: &MediaLimits) -> Result<KindError, KindError> {
    let message = match (input.track, count_tracks("/source", path, media)?) {
        (_, 0) => "/source: the file holds no sound".to_owned(),
        (Some(track), count) => format!("/track: there is no sound track {track}; the file has {count}"),
        (None, _) => "/source: none of the file's sound tracks can be heard".to_owned(),
    };
    Ok(KindError::fail("sound_missing", message))
}

/// Filters for a shape. Every part is a number or a word of ours.
fn chain(shape: &Shape, places: Places, rate: u32) -> String {
    let base = format!("aresample={rate},aformat=sample_fmts=fltp:sample_rates={rate}");
    match (places, known_layout(shape.channels, shape.layout)) {
        (Places::Apart, 0) => format!("{},{base}", named(shape.channels)),
        (Places::Apart, _) => base,
        // Channels without places count the same.
        (Places::Mono, 0) => {
            let share = 1.0 / f64::from(shape.channels.max(1));
            let parts: Vec<String> = (0..shape.channels).map(|n| format!("{share:.4}*c{n}")).collect();
            format!("pan=mono|c0={},{base}", parts.join("+"))
        }
        (Places::Stereo, 0) if shape.channels > 1 => format!("pan=stereo|c0=c0|c1=c1,{base}"),
        (Places::Stereo, 0) => format!("pan=stereo|c0=c0|c1=c0,{base}"),
        (Places::Mono, _) => format!("{base}:channel_layouts=mono"),
        (Places::Stereo, _) => format!("{base}:channel_layouts=stereo"),
    }
}

/// The places of channels, or 0 where swresample knows none to mix them by: it wants a front one, and both or none of a pair
/// (`sane_layout` in `libswresample/rematrix.c`).
fn known_layout(channels: u16, layout: u64) -> u64 {
    const FRONT: u64 = 0x7;
    const DOWNMIX: u64 = 0x6000_0000;
    const PAIRS: [u64; 4] = [0x3, 0x30, 0xc0, 0x600];
    let paired = PAIRS.iter().all(|pair| [0, *pair].contains(&(layout & pair)));
    if channels == 1 || layout == DOWNMIX || (paired && layout & FRONT != 0) { layout } else { 0 }
}

/// Channels without places get some: a filter that keeps each wants to know them.
fn named(channels: u16) -> String {
    let layout = match channels {
        1 => "mono",
        2 => "stereo",
        3 => "2.1",
        4 => "4.0",
        5 => "5.0",
        6 => "5.1",
        7 => "6.1",
        _ => "7.1",
    };
    let kept: String = (0..channels.min(8)).map(|n| format!("|c{n}=c{n}")).collect();
    format!("pan={layout}{kept}")
}

struct Out<'a, 'b> {
    take: &'a mut Take<'b>,
    channels: usize,
    samples: u64,
    skip: usize,
    most: u64,
    seconds: f64,
}

impl Out<'_, '_> {
    fn frame(&mut self, frame: &ffmpeg_next::frame::Audio) -> Result<(), KindError> {
        let skipped = self.skip.min(frame.samples());
        self.skip -= skipped;
        // A file may change its channels half-way: those that are gone are silent, further ones are not heard.
        let silence = vec![0.0; frame.samples()];
        let planes: Vec<&[f32]> = (0..self.channels)
            .map(|at| if at < frame.planes() { frame.plane::<f32>(at) } else { &silence })
            .map(|plane| plane.get(skipped..).unwrap_or_default())
            .collect();
        self.hand(&planes)
    }

    fn silence(&mut self, samples: u64) -> Result<(), KindError> {
        static BLOCK: [f32; 4096] = [0.0; 4096];
        let mut left = samples;
        while left > 0 {
            let now = usize::try_from(left).unwrap_or(usize::MAX).min(BLOCK.len());
            let block = BLOCK.get(..now).unwrap_or_default();
            self.hand(&vec![block; self.channels])?;
            left -= now as u64;
        }
        Ok(())
    }

    fn hand(&mut self, planes: &[&[f32]]) -> Result<(), KindError> {
        self.samples += planes.first().map_or(0, |plane| plane.len() as u64);
        if self.samples > self.most {
            let most = self.seconds;
            let message = format!("/source: the recording lasts longer than the {most} s that are allowed");
            return Err(KindError::fail("sound_too_long", message));
        }
        (self.take)(planes)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float cast saturates")]
fn samples(seconds: f64, rate: u32) -> u64 {
    (seconds * f64::from(rate)).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_whose_places_cannot_be_mixed_count_the_same() {
        // Stereo, 5.1, mono on the left, and what is mixed down already.
        for (channels, layout) in [(2, 0x3), (6, 0x3f), (6, 0x60f), (1, 0x1), (2, 0x6000_0000)] {
            assert_eq!(known_layout(channels, layout), layout);
        }
        // Left and centre, the back alone, and what the file does not tell.
        for (channels, layout) in [(2, 0x5), (2, 0x30), (2, 0)] {
            assert_eq!(known_layout(channels, layout), 0);
        }
    }
}
