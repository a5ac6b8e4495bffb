//! Who is on stage? An [`Actor`]: one clip, loaded when it enters, gone when it leaves.

use std::path::PathBuf;

use esteira_engine::job::KindError;

use super::fit::{Framing, covering, place};
use super::layer::{Layer, Role};
use super::motion::view_at;
use super::sizing::Sizing;
use crate::video::limits::VideoLimits;
use crate::video::model::{Motion, Placement};
use crate::video::picture::{Rect, Yuv, Yuva};
use crate::video::source::{VideoInfo, VideoReader, load_still};
use crate::video::text::{Look, Typesetter};
use crate::video::timeline::{Rate, Span};

/// Samples along the longer side of the picture that `blur_pad` blurs.
const BACKDROP_SAMPLES: usize = 36;
/// How much darker the backdrop is than the picture.
const BACKDROP_SHADE: f64 = 0.3;

/// What an actor needs to get ready.
pub struct Props {
    /// Sets words.
    pub typesetter: Typesetter,
    /// Limits of files.
    pub limits: VideoLimits,
    /// Frame rate of the video.
    pub rate: Rate,
    /// Threads of a decoder.
    pub threads: usize,
    /// The frame's size.
    pub frame: (f64, f64),
    /// Things that worked and may not be meant.
    pub warnings: Vec<String>,
}

/// What every actor has, whatever it shows.
pub struct Part {
    /// What errors call it.
    pub label: String,
    /// When it is on.
    pub span: Span,
    /// Where it stands.
    pub placement: Placement,
}

/// One clip on stage.
pub struct Actor {
    part: Part,
    motion: Option<Motion>,
    reel: Reel,
    source: Rect,
    target: Rect,
    backdrop_box: Option<Rect>,
    picture: Option<Yuva>,
    backdrop: Option<(Yuva, Rect)>,
    serial: u64,
}

/// Where an actor's pictures come from.
pub enum Reel {
    /// A file, decoded once, at a size.
    Still { path: PathBuf, size: (u32, u32) },
    /// A file, decoded as it goes.
    Video(Box<Footage>),
    /// Words with their look and their distance from the frame's edges.
    Words { text: String, look: Box<Look>, margin: f64 },
    /// Made beforehand.
    Ready,
}

/// A video file and the part of it that is played.
pub struct Footage {
    /// The file.
    pub path: PathBuf,
    /// What its header says.
    pub info: VideoInfo,
    /// Size of its frames as they are needed.
    pub size: (u32, u32),
    /// Second at which the clip begins.
    pub trim_start: f64,
    /// How fast it plays.
    pub speed: f64,
    /// Open while it is on.
    pub reader: Option<VideoReader>,
}

impl Actor {
    /// A picture from a file, framed; `reel` is given the size at which it is to be decoded.
    pub fn picture(
        part: Part,
        motion: Option<Motion>,
        framing: Framing,
        seen: (u32, u32),
        frame: (f64, f64),
        reel: impl FnOnce((u32, u32)) -> Reel,
    ) -> Self {
        let sizing = Sizing::of(&framing, seen, motion.as_ref(), frame);
        Self {
            part,
            motion,
            reel: reel(sizing.size),
            source: sizing.source,
            target: sizing.target,
            backdrop_box: framing.backdrop.map(Rect::on_even_pixels),
            picture: None,
            backdrop: None,
            serial: 0,
        }
    }

    /// Words; where they stand is known once they are set.
    pub fn words(part: Part, text: String, look: Look, margin: f64) -> Self {
        let reel = Reel::Words { text, look: Box::new(look), margin };
        Self::still(part, reel, Rect::sized(0.0, 0.0))
    }

    /// A picture that is there already, stretched over `target`.
    pub fn ready(part: Part, picture: Yuva, target: Rect) -> Self {
        let mut actor = Self::still(part, Reel::Ready, target);
        actor.source = Rect::sized(picture.width() as f64, picture.height() as f64);
        actor.picture = Some(picture);
        actor
    }

    fn still(part: Part, reel: Reel, target: Rect) -> Self {
        Self {
            part,
            motion: None,
            reel,
            source: target,
            target,
            backdrop_box: None,
            picture: None,
            backdrop: None,
            serial: 0,
        }
    }

    /// When it is on.
    #[must_use]
    pub fn span(&self) -> &Span {
        &self.part.span
    }

    /// A number that changes with the actor's picture.
    #[must_use]
    pub fn serial(&self) -> u64 {
        self.serial
    }

    /// The picture of a role, once it is prepared.
    #[must_use]
    pub fn picture_of(&self, role: Role) -> Option<&Yuva> {
        match role {
            Role::Picture => self.picture.as_ref(),
            Role::Backdrop => self.backdrop.as_ref().map(|(picture, _)| picture),
        }
    }

    /// Loads or advances what is shown on `frame`.
    ///
    /// # Errors
    /// What is wrong with its file, with its label.
    pub fn prepare(&mut self, frame: u32, props: &mut Props) -> Result<(), KindError> {
        let new = match &mut self.reel {
            Reel::Still { path, size } if self.picture.is_none() => {
                Some(load_still(&self.part.label, path, &props.limits, *size)?)
            }
            Reel::Video(footage) => footage.advance(&self.part.label, frame - self.part.span.start, props)?,
            Reel::Words { text, look, margin } if self.picture.is_none() => {
                let picture = set_words(&self.part.label, text, look, props)?;
                let size = (picture.width() as f64, picture.height() as f64);
                // The margin counts from the words' box, not from the room for its shadow.
                let slack = look.padding() - look.background.map_or(0.0, |background| background.padding);
                self.source = Rect::sized(size.0, size.1);
                self.target =
                    place(&self.part.placement, size, props.frame, *margin - slack).on_even_pixels();
                Some(picture)
            }
            _ => None,
        };
        if let Some(picture) = new {
            self.serial += 1;
            self.backdrop = self.backdrop_box.map(|target| backdrop(&picture, target));
            self.picture = Some(picture);
        }
        Ok(())
    }

    /// Lets go of what was loaded.
    pub fn release(&mut self) {
        if let Reel::Video(footage) = &mut self.reel {
            footage.reader = None;
        }
        self.picture = None;
        self.backdrop = None;
    }

    /// What is drawn on `frame`, from the back to the front.
    #[must_use]
    pub fn layers(&self, frame: u32, rate: Rate) -> Vec<Layer> {
        let at = f64::from(frame - self.part.span.start);
        let shown = f64::from(self.part.span.end - self.part.span.start);
        let opacity = self.part.placement.opacity * self.fade(at, shown, rate);
        let progress = if shown > 1.0 { at / (shown - 1.0) } else { 0.0 };
        let source =
            self.motion.as_ref().map_or(self.source, |motion| view_at(motion, self.source, progress));
        let picture = Layer { role: Role::Picture, source, target: self.target, opacity, tint: None };
        let backdrop = self.backdrop.as_ref().zip(self.backdrop_box).map(|((_, source), target)| Layer {
            role: Role::Backdrop,
            source: *source,
            target,
            opacity,
            tint: Some((Yuv::BLACK, BACKDROP_SHADE)),
        });
        backdrop.into_iter().chain([picture]).collect()
    }

    /// Share of the opacity at frame `at` of the `shown` frames.
    fn fade(&self, at: f64, shown: f64, rate: Rate) -> f64 {
        let frames = |seconds: f64| f64::from(rate.frame_at(seconds));
        let rising =
            |fade: f64, from_edge: f64| if fade > 0.0 { ((from_edge + 0.5) / fade).min(1.0) } else { 1.0 };
        rising(frames(self.part.placement.fade_in), at)
            * rising(frames(self.part.placement.fade_out), shown - 1.0 - at)
    }
}

impl Footage {
    /// The picture of the clip's frame `at`, when it is a new one.
    fn advance(&mut self, label: &str, at: u32, props: &Props) -> Result<Option<Yuva>, KindError> {
        let second = self.trim_start + props.rate.seconds(at) * self.speed;
        let tolerance = props.rate.seconds(1) * self.speed * 0.5 - 1e-4;
        let reader = match &mut self.reader {
            Some(reader) => reader,
            None => {
                let opened =
                    VideoReader::open(label, &self.path, &self.info, second, self.size, props.threads)?;
                self.reader.insert(opened)
            }
        };
        reader.picture_at(second, tolerance)
    }
}

fn set_words(label: &str, text: &str, look: &Look, props: &mut Props) -> Result<Yuva, KindError> {
    if props.typesetter.has_no_fonts() {
        return Err(KindError::fail("fonts_missing", format!("{label}: no font is installed on the worker")));
    }
    if let Some(font) = look.font.as_deref().filter(|font| !props.typesetter.has_family(font)) {
        props.warnings.push(format!("{label}: the font {font:?} is not installed; another one was taken"));
    }
    let words = props.typesetter.set(text, look, props.frame.1 * 2.0);
    let words = words.map_err(|error| KindError::fail("text_too_high", format!("{label}: {error}")))?;
    if !words.missing.is_empty() {
        let missing: String = words.missing.iter().take(20).collect();
        props.warnings.push(format!("{label}: no installed font has these characters: {missing}"));
    }
    Ok(words.picture)
}

/// The blurred copy and the part of it that fills its box.
fn backdrop(picture: &Yuva, target: Rect) -> (Yuva, Rect) {
    let small = picture.thumbnail(BACKDROP_SAMPLES);
    let size = (small.width() as f64, small.height() as f64);
    let part = covering(Rect::sized(1.0, 1.0), size, (target.w, target.h), (0.5, 0.5));
    let source = Rect { x: part.x * size.0, y: part.y * size.1, w: part.w * size.0, h: part.h * size.1 };
    (small, source)
}
