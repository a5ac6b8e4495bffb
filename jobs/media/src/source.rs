//! What does a file sound like, frame by frame? One of its streams of sound, decoded.

use std::path::Path;

use esteira_engine::job::KindError;
use ffmpeg_next::format::context::Input;
use ffmpeg_next::format::stream::Stream;
use ffmpeg_next::{Error, Packet, codec, decoder, frame, media};

use super::libav::{broken, open, unreadable};
use super::limits::MediaLimits;

/// Packets in a row that the decoder may refuse before the file counts as unreadable.
const DAMAGED_IN_A_ROW: u32 = 200;
/// Samples a second of sound that anybody records: what is beyond is a damaged head, and would be converted for hours.
const RATES: std::ops::RangeInclusive<u32> = 4_000..=768_000;

/// The sound of a file.
#[derive(Debug, Clone)]
pub struct SoundInfo {
    /// Seconds from the file's first instant to the end of its sound, as its container tells.
    pub seconds: f64,
    /// The codec's name.
    pub codec: String,
    /// Samples a second.
    pub sample_rate: u32,
    /// Channels.
    pub channels: u16,
}

/// Which of a file's streams of sound is heard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Track {
    /// The one that a player would take.
    #[default]
    Best,
    /// The first, second and so on, from 1.
    Number(usize),
}

/// An open file with its decoder.
pub struct Source {
    label: String,
    input: Input,
    decoder: decoder::Audio,
    stream: usize,
    /// Seconds of one tick of the stream's clock.
    tick: f64,
    /// Second of the stream's clock at which the file begins, picture included.
    origin: f64,
    draining: bool,
    frames: u64,
    damaged: u32,
    damaged_in_a_row: u32,
    max_channels: u16,
}

impl Source {
    /// Opens the file; `None` when it holds no stream of sound, or not that one.
    ///
    /// # Errors
    /// `sound_unreadable` with the label, when libav cannot make sense of the file.
    pub fn open(
        label: &str,
        path: &Path,
        track: Track,
        limits: &MediaLimits,
    ) -> Result<Option<Self>, KindError> {
        let input = open(label, path, limits)?;
        let stream = match track {
            Track::Best => input.streams().best(media::Type::Audio),
            Track::Number(number) => sounds(&input).nth(number.saturating_sub(1)),
        };
        let Some(stream) = stream else { return Ok(None) };
        let mut opening = codec::Context::from_parameters(stream.parameters())
            .map_err(|error| broken(label, "reading its parameters", error))?
            .decoder();
        opening.set_packet_time_base(stream.time_base());
        let decoder = opening.audio().map_err(|error| broken(label, "opening its decoder", error))?;
        let (index, tick) = (stream.index(), f64::from(stream.time_base()));
        let origin = origin(&input);
        Ok(Some(Self {
            label: label.to_owned(),
            input,
            decoder,
            stream: index,
            tick,
            origin,
            draining: false,
            frames: 0,
            damaged: 0,
            damaged_in_a_row: 0,
            max_channels: limits.max_channels,
        }))
    }

    /// What the container tells about the sound.
    #[must_use]
    pub fn info(&self) -> SoundInfo {
        let length = self.input.stream(self.stream).and_then(|stream| {
            let end = ticks(stream.duration())? + ticks(stream.start_time()).unwrap_or(0.0);
            Some(end * self.tick - self.origin)
        });
        let container = ticks(self.input.duration()).map(|d| d / f64::from(ffmpeg_next::ffi::AV_TIME_BASE));
        SoundInfo {
            seconds: length.or(container).unwrap_or(0.0).max(0.0),
            codec: self.decoder.id().name().to_owned(),
            sample_rate: self.decoder.rate(),
            channels: self.decoder.channels(),
        }
    }

    /// Goes to somewhere at or before a second of the file.
    ///
    /// # Errors
    /// When the file cannot be read from there.
    pub fn seek(&mut self, second: f64) -> Result<(), KindError> {
        #[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
        let at = ((second + self.origin) * f64::from(ffmpeg_next::ffi::AV_TIME_BASE)) as i64;
        self.input.seek(at, ..at).map_err(|error| broken(&self.label, "seeking in it", error))?;
        self.decoder.flush();
        Ok(())
    }

    /// The next frame and the second of the file at which it begins, where the file tells.
    ///
    /// # Errors
    /// `sound_unreadable`, when nothing of the file can be decoded.
    pub fn next_frame(&mut self) -> Result<Option<(frame::Audio, Option<f64>)>, KindError> {
        loop {
            let mut frame = frame::Audio::empty();
            match self.decoder.receive_frame(&mut frame) {
                Ok(()) if frame.samples() > 0 && frame.rate() > 0 && frame.channels() > 0 => {
                    self.damaged_in_a_row = 0;
                    return self.accept(frame).map(Some);
                }
                Ok(()) => {}
                Err(Error::Eof) => return self.end(),
                Err(Error::Other { errno: ffmpeg_next::error::EAGAIN }) if !self.draining => self.feed()?,
                Err(Error::Other { errno: ffmpeg_next::error::EAGAIN }) => return self.end(),
                Err(error) => self.damage(error)?,
            }
        }
    }

    /// Packets that could not be decoded.
    #[must_use]
    pub fn damaged(&self) -> u32 {
        self.damaged
    }

    fn accept(&mut self, frame: frame::Audio) -> Result<(frame::Audio, Option<f64>), KindError> {
        if frame.channels() > self.max_channels {
            let (has, most) = (frame.channels(), self.max_channels);
            return Err(KindError::fail(
                "sound_unsupported",
                format!("{}: the sound has {has} channels; {most} are allowed", self.label),
            ));
        }
        if !RATES.contains(&frame.rate()) {
            let (has, least, most) = (frame.rate(), RATES.start(), RATES.end());
            return Err(KindError::fail(
                "sound_unsupported",
                format!(
                    "{}: the sound has {has} samples a second; {least} to {most} are allowed",
                    self.label
                ),
            ));
        }
        self.frames += 1;
        let at = frame.timestamp().and_then(ticks).map(|t| t * self.tick - self.origin);
        Ok((frame, at))
    }

    /// Gives the decoder the next packet of the stream, or the news that there is none.
    fn feed(&mut self) -> Result<(), KindError> {
        let mut packet = Packet::empty();
        loop {
            match packet.read(&mut self.input) {
                // An empty packet would tell the decoder that the file has ended.
                Ok(()) if packet.stream() != self.stream || packet.size() == 0 => {}
                Ok(()) => break,
                Err(Error::Eof) => return self.drain(),
                Err(error) => {
                    // libav cannot go on in the file; what it holds until here is still heard.
                    self.damage(error)?;
                    return self.drain();
                }
            }
        }
        match self.decoder.send_packet(&packet) {
            Ok(()) => Ok(()),
            Err(error) => self.damage(error),
        }
    }

    fn drain(&mut self) -> Result<(), KindError> {
        self.draining = true;
        self.decoder.send_eof().map_err(|error| broken(&self.label, "finishing it", error))
    }

    /// Real files carry a broken packet now and then; a file of nothing else is refused.
    fn damage(&mut self, error: Error) -> Result<(), KindError> {
        self.damaged += 1;
        self.damaged_in_a_row += 1;
        if self.damaged_in_a_row > DAMAGED_IN_A_ROW {
            return Err(broken(&self.label, "decoding it", error));
        }
        Ok(())
    }

    fn end(&self) -> Result<Option<(frame::Audio, Option<f64>)>, KindError> {
        if self.frames == 0 && self.damaged > 0 {
            return Err(unreadable(&self.label, "not one packet of it can be decoded"));
        }
        Ok(None)
    }
}

/// The file's streams of sound, in their order; the pictures of an album's cover are none.
fn sounds(input: &Input) -> impl Iterator<Item = Stream<'_>> {
    input.streams().filter(|stream| stream.parameters().medium() == media::Type::Audio)
}

/// How many streams of sound a file has.
///
/// # Errors
/// As [`Source::open`].
pub fn count_tracks(label: &str, path: &Path, limits: &MediaLimits) -> Result<usize, KindError> {
    Ok(sounds(&open(label, path, limits)?).count())
}

/// The earliest second of the file's streams: what its picture and its sound are counted from.
fn origin(input: &Input) -> f64 {
    input
        .streams()
        .filter(|s| matches!(s.parameters().medium(), media::Type::Audio | media::Type::Video))
        .filter_map(|s| Some(ticks(s.start_time())? * f64::from(s.time_base())))
        .reduce(f64::min)
        .unwrap_or(0.0)
}

/// A timestamp as a number, unless the file does not tell.
#[expect(clippy::cast_precision_loss, reason = "2^53 ticks are centuries at any clock of a media file")]
fn ticks(value: i64) -> Option<f64> {
    (value != ffmpeg_next::ffi::AV_NOPTS_VALUE).then_some(value as f64)
}
