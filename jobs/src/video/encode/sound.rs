//! How does the mix become AAC? Frame by frame, behind the picture.

use esteira_engine::job::KindError;
use ffmpeg_next::util::format::sample;
use ffmpeg_next::{ChannelLayout, Error, Packet, Rational, codec, encoder, format};

use crate::video::sound::{Mix, RATE};

/// Samples of an AAC frame.
const FRAME: usize = 1024;

/// The sound's encoder and what feeds it.
pub struct SoundEncoder {
    encoder: encoder::Audio,
    mix: Mix,
    /// Samples of the mix that lie before the part that is written.
    skip: i64,
    /// Samples given to the encoder so far.
    given: i64,
    finished: bool,
}

impl SoundEncoder {
    /// Opens FFmpeg's own AAC encoder.
    ///
    /// # Errors
    /// When this build has none, or it refuses the settings.
    pub fn open(mix: Mix, kbps: u32, skip: u64) -> Result<Self, Error> {
        let codec = encoder::find_by_name("aac").ok_or(Error::EncoderNotFound)?;
        let mut context = codec::Context::new_with_codec(codec);
        context.set_flags(codec::Flags::GLOBAL_HEADER);
        let mut audio = context.encoder().audio()?;
        audio.set_rate(RATE as i32);
        audio.set_channel_layout(ChannelLayout::STEREO);
        audio.set_format(format::Sample::F32(sample::Type::Planar));
        audio.set_bit_rate(kbps as usize * 1000);
        audio.set_time_base(Rational(1, RATE as i32));
        let encoder = audio.open()?;
        Ok(Self { encoder, mix, skip: skip as i64, given: 0, finished: false })
    }

    /// What the container must know.
    #[must_use]
    pub fn context(&self) -> &codec::Context {
        &self.encoder
    }

    /// Encodes until `second` of the result, or to the end.
    ///
    /// # Errors
    /// When the mix cannot be read or the encoder fails.
    pub fn advance(
        &mut self,
        second: f64,
        mut write: impl FnMut(Packet) -> Result<(), KindError>,
    ) -> Result<(), KindError> {
        while !self.finished && self.given as f64 <= second * f64::from(RATE) {
            match self.next_frame()? {
                Some(frame) => self.encoder.send_frame(&frame).map_err(failed)?,
                None => {
                    self.finished = true;
                    self.encoder.send_eof().map_err(failed)?;
                }
            }
            let mut packet = Packet::empty();
            while self.encoder.receive_packet(&mut packet).is_ok() {
                write(std::mem::replace(&mut packet, Packet::empty()))?;
            }
        }
        Ok(())
    }

    /// The next frame of the part that is written, its time counted from the part's beginning.
    fn next_frame(&mut self) -> Result<Option<ffmpeg_next::frame::Audio>, KindError> {
        while self.skip > 0 {
            let most = (self.skip as usize).min(FRAME);
            match self.mix.next_frame(most)? {
                Some(frame) => self.skip -= frame.samples().max(1) as i64,
                None => return Ok(None),
            }
        }
        let Some(mut frame) = self.mix.next_frame(FRAME)? else { return Ok(None) };
        frame.set_pts(Some(self.given));
        self.given += frame.samples() as i64;
        Ok(Some(frame))
    }
}

fn failed(error: Error) -> KindError {
    KindError::fail("encoder_failed", format!("the sound could not be encoded: {error}"))
}
