//! How is sound kept without losses, and smaller than it is? As FLAC, block by block.

use std::path::Path;

use esteira_engine::job::KindError;
use ffmpeg_next::error::EAGAIN;
use ffmpeg_next::util::format::sample::{Sample, Type};
use ffmpeg_next::{ChannelLayout, Error, Packet, Rational, codec, encoder, format, frame};

/// Samples of a block where the encoder takes any number.
const BLOCK: usize = 4_096;
/// The largest number of 16 bits.
const LOUDEST: f32 = 32_767.0;

/// A file in the making.
pub struct Flac {
    output: format::context::Output,
    encoder: encoder::Audio,
    channels: usize,
    rate: u32,
    /// Samples of a block.
    block: usize,
    /// Samples that wait for a whole block, one of each channel after the other.
    pending: Vec<i16>,
    given: i64,
}

impl Flac {
    /// Begins a file of one or two channels.
    ///
    /// # Errors
    /// When it cannot be written, or this build of libav has no encoder for it.
    pub fn create(path: &Path, rate: u32, channels: usize) -> Result<Self, KindError> {
        Self::open(path, rate, channels).map_err(failed)
    }

    fn open(path: &Path, rate: u32, channels: usize) -> Result<Self, Error> {
        let codec = encoder::find(codec::Id::FLAC).ok_or(Error::EncoderNotFound)?;
        let mut audio = codec::Context::new_with_codec(codec).encoder().audio()?;
        let base = Rational(1, i32::try_from(rate).unwrap_or(i32::MAX));
        audio.set_rate(base.denominator());
        audio.set_channel_layout(if channels == 1 { ChannelLayout::MONO } else { ChannelLayout::STEREO });
        audio.set_format(Sample::I16(Type::Packed));
        audio.set_time_base(base);
        let encoder = audio.open()?;
        let mut output = format::output_as(path, "flac")?;
        output.add_stream_with(&encoder)?.set_time_base(base);
        output.write_header()?;
        let block = match usize::try_from(encoder.frame_size()) {
            Ok(0) | Err(_) => BLOCK,
            Ok(block) => block,
        };
        Ok(Self { output, encoder, channels, rate, block, pending: Vec::new(), given: 0 })
    }

    /// Takes a stretch of every channel.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn push(&mut self, planes: &[Vec<f32>]) -> Result<(), KindError> {
        let length = planes.first().map_or(0, Vec::len);
        for at in 0..length {
            for plane in planes.iter().take(self.channels) {
                #[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
                self.pending.push((plane.get(at).copied().unwrap_or_default() * LOUDEST).round() as i16);
            }
        }
        let pending = std::mem::take(&mut self.pending);
        let mut blocks = pending.chunks_exact(self.block * self.channels);
        for block in blocks.by_ref() {
            self.block(block).map_err(failed)?;
        }
        self.pending = blocks.remainder().to_vec();
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> Result<(), KindError> {
        let last = std::mem::take(&mut self.pending);
        if !last.is_empty() {
            self.block(&last).map_err(failed)?;
        }
        self.encoder.send_eof().map_err(failed)?;
        self.write().map_err(failed)?;
        self.output.write_trailer().map_err(failed)
    }

    fn block(&mut self, samples: &[i16]) -> Result<(), Error> {
        let count = samples.len() / self.channels;
        let mut frame =
            frame::Audio::new(Sample::I16(Type::Packed), count, ChannelLayout::default(self.layout()));
        frame.set_rate(self.rate);
        frame.set_pts(Some(self.given));
        self.given += i64::try_from(count).unwrap_or_default();
        for (pair, sample) in frame.data_mut(0).as_chunks_mut::<2>().0.iter_mut().zip(samples) {
            *pair = sample.to_ne_bytes();
        }
        self.encoder.send_frame(&frame)?;
        self.write()
    }

    fn layout(&self) -> i32 {
        if self.channels == 1 { 1 } else { 2 }
    }

    fn write(&mut self) -> Result<(), Error> {
        loop {
            let mut packet = Packet::empty();
            match self.encoder.receive_packet(&mut packet) {
                Ok(()) => {
                    packet.set_stream(0);
                    packet.write_interleaved(&mut self.output)?;
                }
                // It wants more, or has given all.
                Err(Error::Eof | Error::Other { errno: EAGAIN }) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }
}

fn failed(error: Error) -> KindError {
    match error {
        // A full disk or a limit on the file's size passes, perhaps; a refusal of the encoder does not.
        Error::Other { .. } => {
            KindError::retry("output_unwritable", format!("the redacted sound could not be written: {error}"))
        }
        _ => KindError::fail("encoder_failed", format!("the redacted sound could not be encoded: {error}")),
    }
}
