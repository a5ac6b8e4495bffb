//! How does a phone clip become frames at our rate? Decoded forward, the nearest frame taken, turned,
//! brought to BT.709 and to the size that is needed.

use std::path::Path;

use esteira_engine::job::KindError;
use ffmpeg_next::codec::packet::side_data::Type as SideData;
use ffmpeg_next::codec::threading;
use ffmpeg_next::software::scaling;
use ffmpeg_next::util::color::Range as ColourRange;
use ffmpeg_next::{Dictionary, Error, Packet, codec, decoder, ffi, format, frame, media};

use super::orient::Orientation;
use crate::video::limits::VideoLimits;
use crate::video::picture::{Plane, Yuva};

/// Containers that are opened: none of them names other files, as play lists do.
pub const CONTAINERS: &str =
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,ogg,asf,gif,mxf,wav,mp3,flac,aac";

/// What a video file's header says.
#[derive(Debug, Clone)]
pub struct VideoInfo {
    /// Width and height as seen, after the turn and with square pixels.
    pub size: (u32, u32),
    /// The turn.
    pub orientation: Orientation,
    /// Seconds of its picture.
    pub seconds: f64,
}

fn unreadable(label: &str, why: impl std::fmt::Display) -> KindError {
    KindError::fail("video_unreadable", format!("{label}: the video cannot be read: {why}"))
}

fn open(label: &str, path: &Path) -> Result<format::context::Input, KindError> {
    let mut options = Dictionary::new();
    options.set("protocol_whitelist", "file");
    options.set("format_whitelist", CONTAINERS);
    format::input_with_dictionary(path, options).map_err(|error| unreadable(label, error))
}

/// The first instant of the file's picture and sound: times are counted from it.
fn origin(input: &format::context::Input) -> f64 {
    let begins = input.streams().filter_map(|stream| {
        let medium = stream.parameters().medium();
        let counts = matches!(medium, media::Type::Video | media::Type::Audio);
        (counts && stream.start_time() != ffi::AV_NOPTS_VALUE)
            .then(|| stream.start_time() as f64 * f64::from(stream.time_base()))
    });
    begins.reduce(f64::min).unwrap_or(0.0)
}

fn opened_decoder(stream: &ffmpeg_next::Stream, threads: usize) -> Result<decoder::Video, Error> {
    let mut context = codec::Context::from_parameters(stream.parameters())?;
    context.set_threading(threading::Config {
        kind: threading::Type::Frame,
        ..threading::Config::count(threads)
    });
    let mut decoder = context.decoder();
    decoder.set_packet_time_base(stream.time_base());
    decoder.video()
}

/// Reads a video file's header.
///
/// # Errors
/// `video_unreadable`, `video_too_large`, with the label.
pub fn probe_video(label: &str, path: &Path, limits: &VideoLimits) -> Result<VideoInfo, KindError> {
    let input = open(label, path)?;
    let stream = input.streams().best(media::Type::Video);
    let stream = stream.ok_or_else(|| unreadable(label, "it holds no picture"))?;
    let decoder = opened_decoder(&stream, 1).map_err(|error| unreadable(label, error))?;
    let coded = (decoder.width(), decoder.height());
    if coded.0 == 0 || coded.1 == 0 {
        return Err(unreadable(label, "its frames have no size"));
    }
    if u64::from(coded.0) * u64::from(coded.1) > limits.max_clip_pixels {
        let message = format!(
            "{label}: the video is too large: {} × {} pixels; allowed are {} pixels",
            coded.0, coded.1, limits.max_clip_pixels
        );
        return Err(KindError::fail("video_too_large", message));
    }
    let orientation = stream
        .side_data()
        .find(|data| data.kind() == SideData::DisplayMatrix)
        .map_or_else(Orientation::default, |data| Orientation::from_matrix(data.data()));
    let aspect = f64::from(decoder.aspect_ratio());
    let square =
        if aspect.is_finite() && aspect > 0.0 { f64::from(coded.0) * aspect } else { f64::from(coded.0) };
    let seconds = seconds_of(&input, &stream).ok_or_else(|| unreadable(label, "its length is not known"))?;
    Ok(VideoInfo { size: orientation.size(((square.round() as u32).max(1), coded.1)), orientation, seconds })
}

fn seconds_of(input: &format::context::Input, stream: &ffmpeg_next::Stream) -> Option<f64> {
    let of_stream = stream.duration() as f64 * f64::from(stream.time_base());
    let of_file = input.duration() as f64 / f64::from(ffi::AV_TIME_BASE);
    [of_stream, of_file].into_iter().find(|&seconds| seconds.is_finite() && seconds > 0.0)
}

/// Plays a video file forward.
pub struct VideoReader {
    label: String,
    input: format::context::Input,
    decoder: decoder::Video,
    stream: usize,
    time_base: f64,
    origin: f64,
    orientation: Orientation,
    /// Size of the result before the turn.
    size: (u32, u32),
    scaler: Option<Scaler>,
    /// The next frame, already decoded, and its second.
    next: Option<(frame::Video, f64)>,
    drained: bool,
    shown: bool,
}

struct Scaler {
    context: scaling::Context,
    source: (format::Pixel, u32, u32),
    out: frame::Video,
}

impl VideoReader {
    /// Opens the file at `second`; frames come out at `size` pixels as seen.
    ///
    /// # Errors
    /// `video_unreadable`, with the label.
    pub fn open(
        label: &str,
        path: &Path,
        info: &VideoInfo,
        second: f64,
        size: (u32, u32),
        threads: usize,
    ) -> Result<Self, KindError> {
        let mut input = open(label, path)?;
        let origin = origin(&input);
        let stream = input.streams().best(media::Type::Video);
        let stream = stream.ok_or_else(|| unreadable(label, "it holds no picture"))?;
        let decoder = opened_decoder(&stream, threads).map_err(|error| unreadable(label, error))?;
        let (index, time_base) = (stream.index(), f64::from(stream.time_base()));
        if second > 0.5 {
            let at = ((second + origin) * f64::from(ffi::AV_TIME_BASE)) as i64;
            // A container that cannot seek is read from its beginning.
            let _ = input.seek(at, ..at);
        }
        Ok(Self {
            label: label.to_owned(),
            input,
            decoder,
            stream: index,
            time_base,
            origin,
            orientation: info.orientation,
            size: info.orientation.size(size),
            scaler: None,
            next: None,
            drained: false,
            shown: false,
        })
    }

    /// The picture at a second of the file, when it is another than the last one given.
    ///
    /// Frames whose time is up to `tolerance` ahead count as there, which keeps a clip of our own rate
    /// frame by frame whatever its clock's rounding. Seconds must not go back.
    ///
    /// # Errors
    /// `video_unreadable` when not one frame can be decoded.
    pub fn picture_at(&mut self, second: f64, tolerance: f64) -> Result<Option<Yuva>, KindError> {
        let mut chosen = None;
        loop {
            if self.next.is_none() && !self.drained {
                self.next = self.decode_one()?;
            }
            match self.next.take() {
                Some((frame, at)) if at <= second + tolerance || (!self.shown && chosen.is_none()) => {
                    chosen = Some(frame);
                }
                waiting => {
                    self.next = waiting;
                    break;
                }
            }
        }
        match chosen {
            Some(frame) => {
                self.shown = true;
                self.converted(&frame).map(Some)
            }
            None if self.shown => Ok(None),
            None => Err(unreadable(&self.label, format!("there is no picture at second {second:.2}"))),
        }
    }

    fn decode_one(&mut self) -> Result<Option<(frame::Video, f64)>, KindError> {
        let mut frame = frame::Video::empty();
        loop {
            match self.decoder.receive_frame(&mut frame) {
                Ok(()) => {
                    let at = frame.timestamp().map_or(0.0, |pts| pts as f64 * self.time_base - self.origin);
                    return Ok(Some((frame, at)));
                }
                Err(Error::Eof) => {
                    self.drained = true;
                    return Ok(None);
                }
                // Nothing yet, or a damaged packet: the next one may do.
                Err(_) => self.feed(),
            }
        }
    }

    /// Gives the decoder its next packet, or tells it that there is none.
    fn feed(&mut self) {
        let mut packet = Packet::empty();
        loop {
            match packet.read(&mut self.input) {
                Ok(()) if packet.stream() == self.stream => {
                    // A damaged packet is dropped; the picture before stays on screen.
                    let _ = self.decoder.send_packet(&packet);
                    return;
                }
                Ok(()) => {}
                Err(_) => {
                    let _ = self.decoder.send_eof();
                    return;
                }
            }
        }
    }

    fn converted(&mut self, frame: &frame::Video) -> Result<Yuva, KindError> {
        let source = (frame.format(), frame.width(), frame.height());
        if self.scaler.as_ref().is_none_or(|scaler| scaler.source != source) {
            self.scaler =
                Some(Scaler::new(frame, self.size).map_err(|error| unreadable(&self.label, error))?);
        }
        let Some(scaler) = &mut self.scaler else { return Err(unreadable(&self.label, "no scaler")) };
        scaler.context.run(frame, &mut scaler.out).map_err(|error| unreadable(&self.label, error))?;
        Ok(self.orientation.apply(planes_of(&scaler.out)))
    }
}

impl Scaler {
    fn new(frame: &frame::Video, size: (u32, u32)) -> Result<Self, Error> {
        let source = (frame.format(), frame.width(), frame.height());
        let flags = scaling::Flags::BICUBIC | scaling::Flags::ACCURATE_RND;
        let mut context = scaling::Context::get(
            source.0,
            source.1,
            source.2,
            format::Pixel::YUV420P,
            size.0,
            size.1,
            flags,
        )?;
        set_colours(&mut context, frame);
        Ok(Self { context, source, out: frame::Video::new(format::Pixel::YUV420P, size.0, size.1) })
    }
}

/// Tells the scaler which matrix and range the frame has; the result is BT.709 in limited range.
fn set_colours(context: &mut scaling::Context, frame: &frame::Video) {
    use ffmpeg_next::util::color::Space;
    let matrix = match frame.color_space() {
        Space::BT709 => ffi::SWS_CS_ITU709,
        Space::BT2020NCL | Space::BT2020CL => ffi::SWS_CS_BT2020,
        Space::SMPTE240M => ffi::SWS_CS_SMPTE240M,
        Space::Unspecified if frame.height() >= 720 => ffi::SWS_CS_ITU709,
        _ => ffi::SWS_CS_ITU601,
    };
    let full = frame.color_range() == ColourRange::JPEG
        || matches!(
            frame.format(),
            format::Pixel::YUVJ420P | format::Pixel::YUVJ422P | format::Pixel::YUVJ444P
        );
    #[expect(
        unsafe_code,
        reason = "ffmpeg-next has no safe call for the colours of a scaler; the context is alive and ours"
    )]
    unsafe {
        ffi::sws_setColorspaceDetails(
            context.as_mut_ptr(),
            ffi::sws_getCoefficients(matrix),
            i32::from(full),
            ffi::sws_getCoefficients(ffi::SWS_CS_ITU709),
            0,
            0,
            1 << 16,
            1 << 16,
        );
    }
}

fn planes_of(frame: &frame::Video) -> Yuva {
    let plane = |index: usize| {
        let (width, height) = (frame.plane_width(index) as usize, frame.plane_height(index) as usize);
        let mut out = Plane::filled(width, height, 0);
        for (y, row) in frame.data(index).chunks(frame.stride(index)).take(height).enumerate() {
            out.row_mut(y).copy_from_slice(&row[..width]);
        }
        out
    };
    Yuva { y: plane(0), u: plane(1), v: plane(2), alpha: None }
}
