//! How do picture, sound and captions come into one file? Interleaved in time, the index in front.

use std::path::Path;

use esteira_engine::job::KindError;
use ffmpeg_next::{Dictionary, Error, Packet, Rational, codec, encoder, ffi, format};

use super::h264::PictureEncoder;
use super::language::three_letters;
use super::sound::SoundEncoder;
use crate::video::captions::TextPacket;
use crate::video::picture::Canvas;
use crate::video::sound::Mix;

/// Captions count in milliseconds.
const TEXT_BASE: Rational = Rational(1, 1000);

/// What is written.
pub struct Spec {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Frames … in so many seconds.
    pub rate: (i32, i32),
    /// Constant rate factor.
    pub crf: u8,
    /// x264's preset.
    pub preset: &'static str,
    /// Threads of x264.
    pub threads: usize,
    /// Bit rate of the sound.
    pub audio_kbps: u32,
    /// Captions and their language.
    pub captions: Option<(Vec<TextPacket>, String)>,
}

/// The file in the making.
pub struct Mp4 {
    output: format::context::Output,
    picture: PictureEncoder,
    sound: SoundEncoder,
    texts: std::iter::Peekable<std::vec::IntoIter<TextPacket>>,
    text_stream: Option<usize>,
    /// Packets of the picture written so far: one a frame.
    pub frames: u32,
}

const PICTURE: usize = 0;
const SOUND: usize = 1;

fn failed(error: Error) -> KindError {
    match error {
        // A full disk or a limit on the file's size passes, perhaps; a refusal of the encoder does not.
        Error::Other { .. } => {
            KindError::retry("output_unwritable", format!("the video could not be written: {error}"))
        }
        _ => KindError::fail("encoder_failed", format!("the video could not be encoded: {error}")),
    }
}

impl Mp4 {
    /// Opens the file at `path`; `skip` samples of the mix lie before its beginning.
    ///
    /// # Errors
    /// When an encoder is missing or refuses the settings, or the file cannot be written.
    pub fn create(path: &Path, spec: Spec, mix: Mix, skip: u64) -> Result<Self, KindError> {
        let picture = PictureEncoder::open(&spec).map_err(failed)?;
        let sound = SoundEncoder::open(mix, spec.audio_kbps, skip).map_err(failed)?;
        let mut output = format::output_as(path, "mp4").map_err(failed)?;
        add_stream(&mut output, picture.context(), picture.time_base).map_err(failed)?;
        add_stream(&mut output, sound.context(), sound.context().time_base()).map_err(failed)?;
        let (texts, text_stream) = match spec.captions {
            Some((packets, language)) => {
                add_text_stream(&mut output, three_letters(&language)).map_err(failed)?;
                (packets, Some(2))
            }
            None => (Vec::new(), None),
        };
        let mut options = Dictionary::new();
        options.set("movflags", "+faststart");
        output.write_header_with(options).map_err(failed)?;
        let texts = texts.into_iter().peekable();
        Ok(Self { output, picture, sound, texts, text_stream, frames: 0 })
    }

    /// Encodes frame `index`, counted from the beginning of the file.
    ///
    /// # Errors
    /// When an encoder or the disk fails.
    pub fn frame(&mut self, canvas: &Canvas, index: u32) -> Result<(), KindError> {
        self.picture.send(canvas, index).map_err(failed)?;
        self.write_picture()?;
        let second = f64::from(index) * f64::from(self.picture.time_base);
        self.write_sound(second)?;
        self.write_texts(second)
    }

    /// Writes what the encoders still hold, and the index.
    ///
    /// # Errors
    /// When an encoder or the disk fails.
    pub fn finish(mut self) -> Result<u32, KindError> {
        self.picture.finish().map_err(failed)?;
        self.write_picture()?;
        self.write_sound(f64::INFINITY)?;
        self.write_texts(f64::INFINITY)?;
        self.output.write_trailer().map_err(failed)?;
        Ok(self.frames)
    }

    fn write_picture(&mut self) -> Result<(), KindError> {
        while let Some(packet) = self.picture.packet() {
            self.frames += 1;
            write(&mut self.output, packet, PICTURE, self.picture.time_base)?;
        }
        Ok(())
    }

    fn write_sound(&mut self, second: f64) -> Result<(), KindError> {
        let base = self.sound.context().time_base();
        let output = &mut self.output;
        self.sound.advance(second, |packet| write(output, packet, SOUND, base))
    }

    fn write_texts(&mut self, second: f64) -> Result<(), KindError> {
        let Some(stream) = self.text_stream else { return Ok(()) };
        while let Some(text) = self.texts.next_if(|text| text.pts as f64 <= second * 1000.0) {
            let mut packet = Packet::copy(&text.data);
            packet.set_pts(Some(text.pts as i64));
            packet.set_dts(Some(text.pts as i64));
            packet.set_duration(text.duration as i64);
            packet.set_flags(codec::packet::Flags::KEY);
            write(&mut self.output, packet, stream, TEXT_BASE)?;
        }
        Ok(())
    }
}

fn add_stream(
    output: &mut format::context::Output,
    context: &codec::Context,
    base: Rational,
) -> Result<(), Error> {
    let mut stream = output.add_stream_with(context)?;
    stream.set_time_base(base);
    Ok(())
}

/// Adds a track of 3GPP timed text (`tx3g`).
fn add_text_stream(output: &mut format::context::Output, language: &str) -> Result<(), Error> {
    let mut stream = output.add_stream(encoder::find(codec::Id::MOV_TEXT).ok_or(Error::EncoderNotFound)?)?;
    stream.set_time_base(TEXT_BASE);
    let mut metadata = Dictionary::new();
    metadata.set("language", language);
    stream.set_metadata(metadata);
    let description = text_description();
    #[expect(
        unsafe_code,
        reason = "ffmpeg-next cannot set extradata; the stream is alive and its parameters ours until the header is written"
    )]
    unsafe {
        let parameters = &mut *(*stream.as_mut_ptr()).codecpar;
        parameters.codec_type = ffi::AVMediaType::AVMEDIA_TYPE_SUBTITLE;
        parameters.codec_id = ffi::AVCodecID::AV_CODEC_ID_MOV_TEXT;
        let size = description.len();
        let bytes = ffi::av_mallocz(size + ffi::AV_INPUT_BUFFER_PADDING_SIZE as usize).cast::<u8>();
        if bytes.is_null() {
            return Err(Error::Other { errno: libc::ENOMEM });
        }
        bytes.copy_from_nonoverlapping(description.as_ptr(), size);
        parameters.extradata = bytes;
        parameters.extradata_size = size as i32;
    }
    Ok(())
}

/// The sample description of `tx3g` (3GPP TS 26.245, 5.16): white letters, centred at the bottom.
fn text_description() -> Vec<u8> {
    let mut out = Vec::new();
    out.extend(0_u32.to_be_bytes()); // display flags
    out.extend([1, 0xFF]); // centred, at the bottom
    out.extend([0, 0, 0, 0]); // background: clear
    out.extend([0; 8]); // text box: chosen by the player
    out.extend([0, 0, 0, 0]); // style: of all characters
    out.extend([0, 1, 0, 18]); // font 1, upright, 18 points
    out.extend([255, 255, 255, 255]); // white
    let name = b"Sans-Serif";
    let entry = [&[0, 1, name.len() as u8], name.as_slice()].concat();
    out.extend((8 + 2 + entry.len() as u32).to_be_bytes());
    out.extend(b"ftab");
    out.extend(1_u16.to_be_bytes());
    out.extend(entry);
    out
}

fn write(
    output: &mut format::context::Output,
    mut packet: Packet,
    stream: usize,
    base: Rational,
) -> Result<(), KindError> {
    let target = output.stream(stream).map_or(base, |stream| stream.time_base());
    packet.set_stream(stream);
    packet.rescale_ts(base, target);
    packet.set_position(-1);
    packet.write_interleaved(output).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_table_tells_its_own_length() {
        let description = text_description();
        let table = &description[30..];
        assert_eq!(u32::from_be_bytes([table[0], table[1], table[2], table[3]]) as usize, table.len());
        assert_eq!(&table[4..8], b"ftab");
    }
}
