//! Who plays? Clips and captions become actors, with their files looked into first.

use std::path::PathBuf;

use esteira_engine::child::WorkDir;
use esteira_engine::job::KindError;

use super::captions::{CaptionPosition, CaptionStyle, Cue};
use super::limits::VideoLimits;
use super::model::{Clip, Input, Media, PictureFields, Placement, Position, Shadow, WordsFields};
use super::picture::{Colour, yuva_from_rgba};
use super::scene::{Actor, Footage, Part, Reel, frame_picture, place};
use super::source::{StillInfo, VideoInfo, probe_still, probe_video};
use super::text::{BoxLook, Look, OutlineLook, ShadowLook};
use super::timeline::{Passage, Rate, Span};

/// The file of a clip and what its header says.
#[derive(Debug, Clone)]
pub enum Header {
    /// A still.
    Still(PathBuf, StillInfo),
    /// A moving picture.
    Video(PathBuf, VideoInfo),
    /// The clip has no file.
    None,
}

/// Looks into the files of every clip.
///
/// # Errors
/// What is wrong with one, with the clip's pointer.
pub fn headers(input: &Input, work: &WorkDir, limits: &VideoLimits) -> Result<Vec<Vec<Header>>, KindError> {
    let track = |(track, clips): (usize, &super::model::Track)| {
        let clip = |(index, clip): (usize, &Clip)| header(clip, &label(track, index), work, limits);
        clips.clips.iter().enumerate().map(clip).collect()
    };
    input.tracks.iter().enumerate().map(track).collect()
}

/// What errors call a clip: its pointer in the input.
#[must_use]
pub fn label(track: usize, clip: usize) -> String {
    format!("/tracks/{track}/clips/{clip}")
}

fn header(clip: &Clip, label: &str, work: &WorkDir, limits: &VideoLimits) -> Result<Header, KindError> {
    Ok(match &clip.media {
        Media::Image(picture) => {
            let path = work.file(&picture.source)?;
            let info = probe_still(label, &path, limits)?;
            Header::Still(path, info)
        }
        Media::Video(picture, _) => {
            let path = work.file(&picture.source)?;
            let info = probe_video(label, &path, limits)?;
            Header::Video(path, info)
        }
        Media::Title(_) | Media::Text(_) | Media::Colour(_) => Header::None,
    })
}

/// Seconds that a video clip lasts by itself: what trim leaves, at its speed.
#[must_use]
pub fn natural_seconds(clip: &Clip, header: &Header) -> Option<f64> {
    let (Media::Video(_, video), Header::Video(_, info)) = (&clip.media, header) else { return None };
    let end = video.trim_end.unwrap_or(info.seconds).min(info.seconds);
    Some((end - video.trim_start).max(0.0) / video.speed)
}

/// The frame that is composed, and how large it is against the one that was asked for.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    /// Width and height in pixels.
    pub size: (f64, f64),
    /// 1, or less in a preview.
    pub scale: f64,
}

/// The actor of a clip.
///
/// # Errors
/// When a colour cannot be read, which a check of the input would have told before.
pub fn actor(
    label: String,
    clip: &Clip,
    span: Span,
    header: Header,
    frame: Frame,
) -> Result<Actor, KindError> {
    let part = Part { label, span, placement: clip.placement.clone() };
    Ok(match (&clip.media, header) {
        (Media::Image(fields), Header::Still(path, info)) => {
            picture_actor(part, fields, info.size, frame, |size| Reel::Still { path, size })
        }
        (Media::Video(fields, video), Header::Video(path, info)) => {
            let seen = info.size;
            let (trim_start, speed) = (video.trim_start, video.speed);
            picture_actor(part, fields, seen, frame, |size| {
                Reel::Video(Box::new(Footage { path, info, size, trim_start, speed, reader: None }))
            })
        }
        (Media::Title(words), _) => words_actor(part, words, frame, Defaults::TITLE)?,
        (Media::Text(words), _) => words_actor(part, words, frame, Defaults::TEXT)?,
        (Media::Colour(fields), _) => {
            let colour = colour(&part.label, &fields.color)?;
            let picture = yuva_from_rgba(2, 2, &[colour.r, colour.g, colour.b, colour.a].repeat(4));
            let size = (
                fields.width * part.placement.scale * frame.size.0,
                fields.height * part.placement.scale * frame.size.1,
            );
            let target = place(&part.placement, size, frame.size, 0.0).on_even_pixels();
            Actor::ready(part, picture, target)
        }
        (Media::Image(_) | Media::Video(..), _) => {
            return Err(KindError::fail(
                "file_missing",
                format!("{}: its file was not looked into", part.label),
            ));
        }
    })
}

fn picture_actor(
    part: Part,
    fields: &PictureFields,
    seen: (u32, u32),
    frame: Frame,
    reel: impl FnOnce((u32, u32)) -> Reel,
) -> Actor {
    let size = (f64::from(seen.0), f64::from(seen.1));
    let framing = frame_picture(fields, &part.placement, size, frame.size);
    Actor::picture(part, fields.motion.clone(), framing, seen, frame.size, reel)
}

/// Widest line around letters, in pixels: its cost grows with the square.
const WIDEST_OUTLINE: f64 = 48.0;

/// What a title and a text differ in.
#[derive(Clone, Copy)]
struct Defaults {
    /// Size of the letters as a fraction of the frame's height.
    size: f64,
    bold: bool,
    shadow: bool,
}

impl Defaults {
    const TITLE: Self = Self { size: 0.1, bold: true, shadow: true };
    const TEXT: Self = Self { size: 0.05, bold: false, shadow: false };
}

fn words_actor(
    part: Part,
    words: &WordsFields,
    frame: Frame,
    defaults: Defaults,
) -> Result<Actor, KindError> {
    let size =
        words.size.map_or(frame.size.1 * defaults.size, |size| size * frame.scale) * part.placement.scale;
    let default_shadow = (defaults.shadow && words.background.is_none()).then(Shadow::default);
    let shadow = words.shadow.clone().or(default_shadow);
    let look = Look {
        font: words.font.clone(),
        size,
        bold: words.bold.unwrap_or(defaults.bold),
        italic: words.italic,
        colour: colour(&part.label, &words.color)?,
        align: words.align,
        max_width: (words.max_width * frame.size.0).max(size),
        line_height: size * words.line_height,
        background: match &words.background {
            Some(style) => Some(BoxLook {
                colour: colour(&part.label, &style.color)?,
                padding: size * style.padding,
                radius: size * style.radius,
            }),
            None => None,
        },
        outline: match &words.outline {
            Some(style) => Some(OutlineLook {
                colour: colour(&part.label, &style.color)?,
                width: (size * style.width).min(WIDEST_OUTLINE),
            }),
            None => None,
        },
        shadow: match &shadow {
            Some(style) => Some(ShadowLook {
                colour: colour(&part.label, &style.color)?,
                blur: size * style.blur,
                shift: (size * style.x, size * style.y),
            }),
            None => None,
        },
    };
    let margin = words.margin * frame.size.1;
    Ok(Actor::words(part, words.text.clone(), look, margin))
}

fn colour(label: &str, text: &str) -> Result<Colour, KindError> {
    text.parse()
        .map_err(|error| KindError::fail("bad_input", format!("{label}: {text:?} is no colour: {error}")))
}

/// The actors of burned captions, in a track of their own over all others.
///
/// # Errors
/// When a colour cannot be read.
pub fn captions(
    cues: &[Cue],
    style: &CaptionStyle,
    rate: Rate,
    frame: Frame,
) -> Result<Vec<Actor>, KindError> {
    let look = caption_look(style, frame)?;
    let position = match style.position {
        CaptionPosition::Top => Position::Top,
        CaptionPosition::Middle => Position::Center,
        CaptionPosition::Bottom => Position::Bottom,
    };
    let placement = Placement { position, ..Placement::default() };
    let actors = cues.iter().enumerate().filter_map(|(index, cue)| {
        let at = |milliseconds: u64| rate.frame_at(milliseconds as f64 / 1000.0);
        let span = Span { start: at(cue.start), end: at(cue.end), enter: None::<Passage>, leave: None };
        let label = format!("/captions: cue {}", index + 1);
        let margin = style.margin * frame.size.1;
        (span.end > span.start).then(|| {
            Actor::words(
                Part { label, span, placement: placement.clone() },
                cue.text.clone(),
                look.clone(),
                margin,
            )
        })
    });
    Ok(actors.collect())
}

fn caption_look(style: &CaptionStyle, frame: Frame) -> Result<Look, KindError> {
    // `size` is the height of a line; letters take four fifths of it.
    let line_height = style.size * frame.size.1;
    let size = line_height / 1.25;
    let background = match &style.background {
        Some(text) => {
            Some(BoxLook { colour: colour("/captions", text)?, padding: size * 0.35, radius: size * 0.22 })
        }
        None => None,
    };
    let outline = match &style.outline {
        Some(text) => Some(OutlineLook { colour: colour("/captions", text)?, width: (size * 0.08).max(1.0) }),
        None => None,
    };
    Ok(Look {
        font: style.font.clone(),
        size,
        bold: false,
        italic: false,
        colour: colour("/captions", &style.color)?,
        align: super::model::Align::Center,
        max_width: frame.size.0 * 0.92,
        line_height,
        background,
        outline,
        shadow: None,
    })
}
