//! What does a video clip add to the sound? Its own track, in the places of its picture.

use super::cast::{Header, label};
use super::model::{Input, Media};
use super::sound::{Role, Track, samples_at};
use super::timeline::{Span, Timeline};

/// Seconds over which a clip's sound comes and goes where no transition does it, against clicks.
const DECLICK: f64 = 0.01;

/// The sound of every video clip that is not muted.
#[must_use]
pub fn tracks(input: &Input, timeline: &Timeline, headers: &[Vec<Header>]) -> Vec<Track> {
    let mut out = Vec::new();
    for (track, clips) in input.tracks.iter().enumerate() {
        for (index, clip) in clips.clips.iter().enumerate() {
            let (Media::Video(_, video), Header::Video(path, info)) = (&clip.media, &headers[track][index])
            else {
                continue;
            };
            let spans = &timeline.tracks[track];
            let span = spans[index];
            if video.volume <= 0.0 {
                continue;
            }
            let second = |frame: u32| timeline.rate.seconds(frame);
            // The sound ends with the clip, and where trim or the file ends even before it.
            let end = video.trim_end.unwrap_or(info.seconds).min(info.seconds);
            let seconds = (second(span.end) - second(span.start)).min((end - video.trim_start) / video.speed);
            let mut sound = Track::new(label(track, index), path, Role::Clip);
            sound.start = samples_at(second(span.start));
            sound.length = Some(samples_at(seconds.max(0.0)));
            sound.trim_start = video.trim_start;
            sound.speed = video.speed;
            sound.gain = video.volume;
            sound.fade_in = samples_at(second(span.enter.map_or(0, |enter| enter.frames)).max(DECLICK));
            sound.fade_out = samples_at(second(leaving(&span, spans.get(index + 1))).max(DECLICK));
            sound.required = false;
            out.push(sound);
        }
    }
    out
}

/// Frames over which a clip goes: its own way out, or the way in of the one that takes over.
fn leaving(span: &Span, next: Option<&Span>) -> u32 {
    let own = span.leave.map_or(0, |leave| leave.frames);
    let taken = next.filter(|next| next.start < span.end).and_then(|next| next.enter);
    own.max(taken.map_or(0, |enter| enter.frames))
}
