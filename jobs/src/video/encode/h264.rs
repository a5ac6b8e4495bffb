//! How do frames become H.264? By x264, tagged BT.709, as many packets as frames.

use ffmpeg_next::util::color;
use ffmpeg_next::{Dictionary, Error, Packet, Rational, codec, encoder, format, frame};

use super::mp4::Spec;
use crate::video::picture::{Canvas, Plane};

/// Seconds between key frames: players seek to them.
const KEY_FRAME_SECONDS: f64 = 2.0;

/// The picture's encoder.
pub struct PictureEncoder {
    encoder: encoder::Video,
    frame: frame::Video,
    /// Time base of the frames: one frame.
    pub time_base: Rational,
}

impl PictureEncoder {
    /// Opens x264.
    ///
    /// # Errors
    /// When this build of FFmpeg has no x264, or it refuses the settings.
    pub fn open(spec: &Spec) -> Result<Self, Error> {
        let codec = encoder::find_by_name("libx264").ok_or(Error::EncoderNotFound)?;
        let time_base = Rational(spec.rate.1, spec.rate.0);
        let mut context = codec::Context::new_with_codec(codec);
        // Setting flags replaces the encoder's own default, which is closed groups: a player that seeks to
        // a key frame must not need the frames before it.
        context.set_flags(codec::Flags::GLOBAL_HEADER | codec::Flags::CLOSED_GOP);
        let mut video = context.encoder().video()?;
        video.set_width(spec.width);
        video.set_height(spec.height);
        video.set_format(format::Pixel::YUV420P);
        video.set_time_base(time_base);
        video.set_frame_rate(Some(Rational(spec.rate.0, spec.rate.1)));
        video.set_aspect_ratio(Rational(1, 1));
        video.set_gop(
            (KEY_FRAME_SECONDS * f64::from(spec.rate.0) / f64::from(spec.rate.1)).round().max(1.0) as u32
        );
        video.set_colorspace(color::Space::BT709);
        video.set_color_primaries(color::Primaries::BT709);
        video.set_color_transfer_characteristic(color::TransferCharacteristic::BT709);
        video.set_color_range(color::Range::MPEG);
        let mut options = Dictionary::new();
        options.set("preset", spec.preset);
        options.set("crf", &spec.crf.to_string());
        options.set("threads", &spec.threads.to_string());
        let encoder = video.open_with(options)?;
        let mut frame = frame::Video::new(format::Pixel::YUV420P, spec.width, spec.height);
        frame.set_color_space(color::Space::BT709);
        frame.set_color_range(color::Range::MPEG);
        Ok(Self { encoder, frame, time_base })
    }

    /// What the container must know.
    #[must_use]
    pub fn context(&self) -> &codec::Context {
        &self.encoder
    }

    /// Gives a frame to the encoder.
    ///
    /// # Errors
    /// When the encoder fails.
    pub fn send(&mut self, canvas: &Canvas, index: u32) -> Result<(), Error> {
        // The encoder may still hold the buffer of the frame before.
        let mut frame = std::mem::replace(&mut self.frame, frame::Video::empty());
        make_writable(&mut frame)?;
        for (plane, index) in [(&canvas.y, 0), (&canvas.u, 1), (&canvas.v, 2)] {
            copy_plane(plane, &mut frame, index);
        }
        frame.set_pts(Some(i64::from(index)));
        let sent = self.encoder.send_frame(&frame);
        self.frame = frame;
        sent
    }

    /// Tells the encoder that no more frames come.
    ///
    /// # Errors
    /// When the encoder fails.
    pub fn finish(&mut self) -> Result<(), Error> {
        self.encoder.send_eof()
    }

    /// A packet that is ready, of one frame each.
    pub fn packet(&mut self) -> Option<Packet> {
        let mut packet = Packet::empty();
        self.encoder.receive_packet(&mut packet).ok()?;
        packet.set_duration(1);
        Some(packet)
    }
}

fn make_writable(frame: &mut frame::Video) -> Result<(), Error> {
    #[expect(unsafe_code, reason = "ffmpeg-next has no safe call for it; the frame is alive and ours")]
    let code = unsafe { ffmpeg_next::ffi::av_frame_make_writable(frame.as_mut_ptr()) };
    if code < 0 { Err(Error::from(code)) } else { Ok(()) }
}

fn copy_plane(plane: &Plane, frame: &mut frame::Video, index: usize) {
    let stride = frame.stride(index);
    for (row, out) in plane.data.chunks_exact(plane.width).zip(frame.data_mut(index).chunks_mut(stride)) {
        out[..plane.width].copy_from_slice(row);
    }
}
