//! When is each clip on screen? `auto`, `end` and transitions become frames.

use esteira_engine::job::InputError;

use super::model::{Length, Start, Track, Transition, TransitionKind};

/// Seconds that a clip without a length of its own is shown.
pub const DEFAULT_LENGTH: f64 = 5.0;

/// The frame rate, and how seconds become frames.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Frames …
    pub numerator: i32,
    /// … in so many seconds.
    pub denominator: i32,
}

impl Rate {
    /// The nearest frame to an instant.
    #[must_use]
    pub fn frame_at(self, seconds: f64) -> u32 {
        (seconds * f64::from(self.numerator) / f64::from(self.denominator)).round().clamp(0.0, 4e9) as u32
    }

    /// The instant of a frame.
    #[must_use]
    pub fn seconds(self, frame: u32) -> f64 {
        f64::from(frame) * f64::from(self.denominator) / f64::from(self.numerator)
    }
}

/// When a clip is on screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// First frame.
    pub start: u32,
    /// The frame after the last.
    pub end: u32,
    /// How it comes.
    pub enter: Option<Passage>,
    /// How it goes.
    pub leave: Option<Passage>,
}

/// A transition in frames.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Passage {
    /// Which one.
    pub kind: TransitionKind,
    /// How many frames it takes.
    pub frames: u32,
}

/// Every clip's span, track by track.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// The rate.
    pub rate: Rate,
    /// Spans, in the order of the clips.
    pub tracks: Vec<Vec<Span>>,
    /// Frames of the video.
    pub frames: u32,
    /// Whether something that only the files can tell was taken as short as possible.
    pub open: bool,
}

/// A clip whose seconds are known, but for an end that is the video's.
struct Placed {
    start: f64,
    end: Option<f64>,
    /// Its own length could not be known yet.
    open: bool,
}

/// The length of the video, and whether files not looked into yet may make it longer.
#[derive(Clone, Copy)]
struct Total {
    frames: u32,
    open: bool,
}

/// Resolves the tracks. `natural` tells a video clip's own length where it is known; `length` is the
/// length that the output asks for; `narration` the end of what is spoken, where it is known, for clips
/// that last to the end.
///
/// # Errors
/// Every clip that cannot be placed, with its pointer.
pub fn resolve(
    tracks: &[Track],
    rate: Rate,
    length: Option<f64>,
    narration: Option<f64>,
    natural: &dyn Fn(usize, usize) -> Option<f64>,
) -> Result<Timeline, Vec<InputError>> {
    let mut faults = Vec::new();
    let mut placed = Vec::with_capacity(tracks.len());
    for (index, track) in tracks.iter().enumerate() {
        placed.push(place_track(index, track, natural, &mut faults));
    }
    let total = length.unwrap_or_else(|| ending(&placed, narration.unwrap_or(0.0)));
    let waits_for_words = narration.is_none() && placed.iter().flatten().any(|clip| clip.end.is_none());
    let open = length.is_none() && (waits_for_words || placed.iter().flatten().any(|clip| clip.open));
    let frames = rate.frame_at(total);
    if frames == 0 && !open && faults.is_empty() {
        faults.push(InputError::new("/tracks", "the video has no length: give a clip a length in seconds"));
    }
    let mut spans = Vec::with_capacity(tracks.len());
    for (index, (track, clips)) in tracks.iter().zip(&placed).enumerate() {
        spans.push(frames_of_track(index, track, clips, rate, Total { frames, open }, &mut faults));
    }
    if faults.is_empty() { Ok(Timeline { rate, tracks: spans, frames, open }) } else { Err(faults) }
}

fn place_track(
    track_index: usize,
    track: &Track,
    natural: &dyn Fn(usize, usize) -> Option<f64>,
    faults: &mut Vec<InputError>,
) -> Vec<Placed> {
    let mut out: Vec<Placed> = Vec::with_capacity(track.clips.len());
    for (index, clip) in track.clips.iter().enumerate() {
        let pointer = format!("/tracks/{track_index}/clips/{index}");
        let overlap = clip.timing.transition.as_ref().map_or(0.0, |transition| transition.duration);
        let start = match (clip.timing.start, out.last()) {
            (Start::At(second), _) => second,
            (Start::Auto, None) => 0.0,
            (Start::Auto, Some(Placed { end: Some(end), open, .. })) => {
                // Before the files are known an open clip may be of any length, so nothing is too short.
                if *open { *end } else { end - overlap }
            }
            (Start::Auto, Some(Placed { end: None, .. })) => {
                faults.push(InputError::new(
                    format!("{pointer}/start"),
                    "the clip before lasts to the end of the video: nothing can come after it",
                ));
                0.0
            }
        };
        let (seconds, open) = match clip.timing.length {
            Length::Seconds(seconds) => (Some(seconds), false),
            Length::End => (None, false),
            Length::Auto if clip.is_video() => match natural(track_index, index) {
                Some(seconds) => (Some(seconds), false),
                None => (Some(0.0), true),
            },
            Length::Auto => (Some(DEFAULT_LENGTH), false),
        };
        if start < 0.0 {
            faults.push(InputError::new(
                format!("{pointer}/transition/duration"),
                format!("the transition ({overlap} s) is longer than the clip before it"),
            ));
        }
        out.push(Placed { start, end: seconds.map(|seconds| start + seconds), open });
    }
    out
}

/// Where the video ends: with its last clip, and not before the words when a clip waits for the end.
fn ending(placed: &[Vec<Placed>], narration: f64) -> f64 {
    let clips = || placed.iter().flatten();
    let known = clips().filter_map(|clip| clip.end).fold(0.0, f64::max);
    let waits = clips().any(|clip| clip.end.is_none());
    if waits { known.max(narration) } else { known }
}

fn frames_of_track(
    track_index: usize,
    track: &Track,
    clips: &[Placed],
    rate: Rate,
    total: Total,
    faults: &mut Vec<InputError>,
) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::with_capacity(clips.len());
    for (index, (clip, placed)) in track.clips.iter().zip(clips).enumerate() {
        let pointer = format!("/tracks/{track_index}/clips/{index}");
        let start = rate.frame_at(placed.start.max(0.0));
        let end = placed.end.map_or(total.frames, |end| rate.frame_at(end));
        let passage = |transition: &Option<Transition>| {
            let transition = transition.as_ref()?;
            let frames = rate.frame_at(transition.duration);
            (frames > 0).then_some(Passage { kind: transition.kind, frames })
        };
        let span = Span {
            start,
            end,
            enter: passage(&clip.timing.transition),
            leave: passage(&clip.timing.transition_out),
        };
        // How long a clip lasts that waits for an end not known yet cannot be judged.
        let unknown = placed.open || (placed.end.is_none() && total.open);
        if !unknown {
            check_span(&pointer, &span, spans.last(), clips.get(index.wrapping_sub(1)), rate, faults);
        }
        spans.push(span);
    }
    spans
}

fn check_span(
    pointer: &str,
    span: &Span,
    before: Option<&Span>,
    placed_before: Option<&Placed>,
    rate: Rate,
    faults: &mut Vec<InputError>,
) {
    if span.end <= span.start {
        let message = format!("the clip is shorter than a frame at second {:.3}", rate.seconds(span.start));
        faults.push(InputError::new(format!("{pointer}/length"), message));
        return;
    }
    let shown = span.end - span.start;
    for (passage, field) in [(span.enter, "transition"), (span.leave, "transition_out")] {
        if let Some(passage) = passage
            && passage.frames > shown
        {
            let (long, short) = (rate.seconds(passage.frames), rate.seconds(shown));
            let message = format!("the transition ({long:.3} s) is longer than the clip ({short:.3} s)");
            faults.push(InputError::new(format!("{pointer}/{field}/duration"), message));
        }
    }
    let Some((before, passage)) = before.zip(span.enter) else { return };
    let known = placed_before.is_some_and(|placed| !placed.open);
    if known && before.end > before.start && span.start < before.start && passage.frames > 0 {
        let message = format!(
            "the transition ({:.3} s) is longer than the clip before it ({:.3} s)",
            rate.seconds(passage.frames),
            rate.seconds(before.end - before.start)
        );
        faults.push(InputError::new(format!("{pointer}/transition/duration"), message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::video::model::read;
    use serde_json::{Value, json};

    const RATE: Rate = Rate { numerator: 30, denominator: 1 };

    fn resolved(clips: &Value, natural: Option<f64>) -> Result<Timeline, Vec<InputError>> {
        let input = read(&json!({"tracks": clips})).unwrap().input;
        resolve(&input.tracks, RATE, None, Some(7.0), &|_, _| natural)
    }

    fn colour(fields: &Value) -> Value {
        let mut clip = json!({"type": "color", "color": "red"});
        clip.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        clip
    }

    #[test]
    fn clips_follow_each_other_and_transitions_overlap_them() {
        let fade = json!({"type": "fade", "duration": 1});
        let timeline = resolved(
            &json!([{"clips": [
                colour(&json!({"length": 4})),
                colour(&json!({"length": 4, "transition": fade})),
                colour(&json!({"length": 4, "transition": fade})),
            ]}]),
            None,
        )
        .unwrap();
        let starts: Vec<u32> = timeline.tracks[0].iter().map(|span| span.start).collect();
        assert_eq!((starts, timeline.frames), (vec![0, 90, 180], 300));
    }

    #[test]
    fn end_lasts_as_long_as_the_others_and_the_narration() {
        let tracks = &json!([{"clips": [colour(&json!({"length": "end"}))]}, {"clips": [colour(&json!({"length": 2}))]}]);
        let timeline = resolved(tracks, None).unwrap();
        assert_eq!((timeline.frames, timeline.tracks[0][0].end), (210, 210));
    }

    #[test]
    fn a_video_lasts_as_long_as_its_file() {
        let tracks =
            &json!([{"clips": [{"type": "video", "source": "upload://x"}, colour(&json!({"length": 1}))]}]);
        let timeline = resolved(tracks, Some(2.5)).unwrap();
        assert_eq!((timeline.tracks[0][1].start, timeline.frames, timeline.open), (75, 105, false));
        assert!(resolved(tracks, None).unwrap().open);
    }

    #[test]
    fn a_clip_to_the_end_is_not_judged_before_the_end_is_known() {
        let video = json!({"type": "video", "source": "upload://x"});
        let tracks = &json!([{"clips": [video]}, {"clips": [colour(&json!({"length": "end"}))]}]);
        assert!(resolved(tracks, None).unwrap().open);
        assert_eq!(resolved(tracks, Some(9.0)).unwrap().tracks[1][0].end, 270);
    }

    #[test]
    fn a_transition_longer_than_its_clip_is_refused_at_its_place() {
        let long = json!({"type": "fade", "duration": 3});
        let faults = resolved(
            &json!([{"clips": [colour(&json!({"length": 4})), colour(&json!({"length": 2, "transition": long}))]}]),
            None,
        )
        .unwrap_err();
        assert_eq!(faults[0].pointer, "/tracks/0/clips/1/transition/duration");
        let faults = resolved(
            &json!([{"clips": [colour(&json!({"length": 1})), colour(&json!({"length": 5, "transition": long}))]}]),
            None,
        )
        .unwrap_err();
        assert_eq!(faults[0].pointer, "/tracks/0/clips/1/transition/duration");
    }

    #[test]
    fn nothing_comes_after_the_end() {
        let faults = resolved(
            &json!([{"clips": [colour(&json!({"length": "end"})), colour(&json!({"length": 1}))]}]),
            None,
        );
        assert_eq!(faults.unwrap_err()[0].pointer, "/tracks/0/clips/1/start");
    }

    #[test]
    fn a_video_of_no_length_is_refused() {
        let input = read(&json!({"tracks": [{"clips": [colour(&json!({"length": "end"}))]}]})).unwrap().input;
        let faults = resolve(&input.tracks, RATE, None, Some(0.0), &|_, _| None).unwrap_err();
        assert_eq!(faults[0].pointer, "/tracks");
    }
}
