//! Is a clip sensible by itself? Ranges, colours, words: everything but its place among others.

use super::faults::Faults;
use crate::video::limits::VideoLimits;
use crate::video::model::{Clip, Length, Media, PictureFields, Placement, Start, Transition, WordsFields};

/// Every fault of the clip at `pointer`.
pub fn check_clip(clip: &Clip, pointer: &str, limits: &VideoLimits, faults: &mut Faults) {
    if let Start::At(second) = clip.timing.start {
        faults.range(&format!("{pointer}/start"), second, 0.0, limits.max_seconds);
    }
    if let Length::Seconds(seconds) = clip.timing.length {
        if seconds > 0.0 {
            faults.range(&format!("{pointer}/length"), seconds, 0.0, limits.max_seconds);
        } else {
            faults.add(format!("{pointer}/length"), format!("{seconds} is no length: more than 0 seconds"));
        }
    }
    check_transition(clip.timing.transition.as_ref(), &format!("{pointer}/transition"), faults);
    check_transition(clip.timing.transition_out.as_ref(), &format!("{pointer}/transition_out"), faults);
    check_placement(&clip.placement, pointer, limits, faults);
    match &clip.media {
        Media::Image(picture) => check_picture(picture, pointer, faults),
        Media::Video(picture, video) => {
            check_picture(picture, pointer, faults);
            faults.range(&format!("{pointer}/trim_start"), video.trim_start, 0.0, 1e6);
            faults.range(&format!("{pointer}/speed"), video.speed, 0.1, 10.0);
            faults.range(&format!("{pointer}/volume"), video.volume, 0.0, 4.0);
            if video.trim_end.is_some_and(|end| end.is_nan() || end <= video.trim_start) {
                faults.add(format!("{pointer}/trim_end"), "the clip ends before it begins");
            }
        }
        Media::Title(words) | Media::Text(words) => check_words(words, pointer, limits, faults),
        Media::Colour(colour) => {
            faults.colour(&format!("{pointer}/color"), &colour.color);
            faults.range(&format!("{pointer}/width"), colour.width, 0.001, 2.0);
            faults.range(&format!("{pointer}/height"), colour.height, 0.001, 2.0);
        }
    }
}

fn check_transition(transition: Option<&Transition>, pointer: &str, faults: &mut Faults) {
    if let Some(transition) = transition {
        faults.range(&format!("{pointer}/duration"), transition.duration, 0.0, 30.0);
    }
}

fn check_placement(placement: &Placement, pointer: &str, limits: &VideoLimits, faults: &mut Faults) {
    faults.range(&format!("{pointer}/scale"), placement.scale, 0.01, 10.0);
    faults.range(&format!("{pointer}/opacity"), placement.opacity, 0.0, 1.0);
    faults.range(&format!("{pointer}/offset/x"), placement.offset.x, -2.0, 2.0);
    faults.range(&format!("{pointer}/offset/y"), placement.offset.y, -2.0, 2.0);
    faults.range(&format!("{pointer}/fade_in"), placement.fade_in, 0.0, limits.max_seconds);
    faults.range(&format!("{pointer}/fade_out"), placement.fade_out, 0.0, limits.max_seconds);
}

fn check_picture(picture: &PictureFields, pointer: &str, faults: &mut Faults) {
    faults.range(&format!("{pointer}/focus/x"), picture.focus.x, 0.0, 1.0);
    faults.range(&format!("{pointer}/focus/y"), picture.focus.y, 0.0, 1.0);
    if let Some(motion) = &picture.motion {
        faults.range(&format!("{pointer}/motion/amount"), motion.amount, 0.01, 2.0);
    }
    if let Some(region) = picture.region {
        let pointer = format!("{pointer}/region");
        faults.range(&format!("{pointer}/x"), region.x, 0.0, 1.0);
        faults.range(&format!("{pointer}/y"), region.y, 0.0, 1.0);
        faults.range(&format!("{pointer}/width"), region.width, 0.01, 1.0);
        faults.range(&format!("{pointer}/height"), region.height, 0.01, 1.0);
        if region.x + region.width > 1.000_001 || region.y + region.height > 1.000_001 {
            faults.add(pointer, "the region reaches over the picture's edge");
        }
    }
}

fn check_words(words: &WordsFields, pointer: &str, limits: &VideoLimits, faults: &mut Faults) {
    let characters = words.text.chars().count();
    if characters > limits.max_text_chars {
        let message = format!("{characters} characters; allowed are {}", limits.max_text_chars);
        faults.add(format!("{pointer}/text"), message);
    }
    if words.text.trim().is_empty() {
        faults.add(format!("{pointer}/text"), "there are no words");
    }
    if let Some(size) = words.size {
        faults.range(&format!("{pointer}/size"), size, 4.0, 1000.0);
    }
    faults.colour(&format!("{pointer}/color"), &words.color);
    faults.range(&format!("{pointer}/max_width"), words.max_width, 0.05, 1.0);
    faults.range(&format!("{pointer}/line_height"), words.line_height, 0.8, 3.0);
    faults.range(&format!("{pointer}/margin"), words.margin, 0.0, 0.4);
    if let Some(background) = &words.background {
        faults.colour(&format!("{pointer}/box/color"), &background.color);
        faults.range(&format!("{pointer}/box/padding"), background.padding, 0.0, 3.0);
        faults.range(&format!("{pointer}/box/radius"), background.radius, 0.0, 3.0);
    }
    if let Some(outline) = &words.outline {
        faults.colour(&format!("{pointer}/outline/color"), &outline.color);
        faults.range(&format!("{pointer}/outline/width"), outline.width, 0.0, 0.3);
    }
    if let Some(shadow) = &words.shadow {
        faults.colour(&format!("{pointer}/shadow/color"), &shadow.color);
        faults.range(&format!("{pointer}/shadow/blur"), shadow.blur, 0.0, 1.0);
        faults.range(&format!("{pointer}/shadow/x"), shadow.x, -1.0, 1.0);
        faults.range(&format!("{pointer}/shadow/y"), shadow.y, -1.0, 1.0);
    }
}
