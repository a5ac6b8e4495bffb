//! How does any sound become 48 kHz stereo? By a small filter graph, at another tempo if wanted.

use esteira_engine::job::KindError;
use esteira_media::{Reshape, Shape};
use ffmpeg_next::{ChannelLayout, frame};

use super::plan::RATE;

/// Takes a stretch of samples, left and right.
pub(super) type Take<'a> = dyn FnMut(&[f32], &[f32]) -> Result<(), KindError> + 'a;

/// Takes frames of any shape and hands out stereo samples at [`RATE`].
pub(super) struct Converter(Reshape);

impl Converter {
    /// A converter that plays `speed` times as fast, at the same pitch.
    pub fn new(label: &str, speed: f64) -> Self {
        Self(Reshape::new(label, move |shape| chain(shape, speed)))
    }

    /// Takes a frame; what comes out goes to `out`.
    pub fn push(&mut self, frame: frame::Audio, out: &mut Take) -> Result<(), KindError> {
        self.0.push(frame, &mut |frame| out(frame.plane::<f32>(0), frame.plane::<f32>(1)))
    }

    /// Hands out what is still inside.
    pub fn finish(&mut self, out: &mut Take) -> Result<(), KindError> {
        self.0.finish(&mut |frame| out(frame.plane::<f32>(0), frame.plane::<f32>(1)))
    }
}

fn chain(shape: &Shape, speed: f64) -> String {
    format!(
        "{}aresample={RATE},{}aformat=sample_fmts=fltp:sample_rates={RATE}:channel_layouts=stereo",
        spread(shape.channels, shape.layout),
        tempo(speed)
    )
}

/// One channel goes to both sides at its full level (libav's own way takes 3 dB); channels
/// without places keep the first two.
fn spread(channels: u16, layout: u64) -> &'static str {
    match channels {
        1 => "pan=stereo|c0=c0|c1=c0,",
        2.. if layout == 0 => "pan=stereo|c0=c0|c1=c1,",
        _ => "",
    }
}

/// The filter slows down to a half and blends up to the double, so further tempos take several.
fn tempo(speed: f64) -> String {
    let mut text = String::new();
    let mut left = speed.clamp(0.1, 10.0);
    while (left - 1.0).abs() > 1e-6 {
        let step = left.clamp(0.5, 2.0);
        text.push_str(&format!("atempo={step:.6},"));
        left /= step;
    }
    text
}

/// A stereo layout, named once.
pub(super) const STEREO: ChannelLayout = ChannelLayout::STEREO;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tempos_beyond_the_filter_are_reached_in_steps() {
        assert_eq!(tempo(1.0), "");
        assert_eq!(tempo(1.5), "atempo=1.500000,");
        assert_eq!(tempo(3.0), "atempo=2.000000,atempo=1.500000,");
        assert_eq!(tempo(0.25), "atempo=0.500000,atempo=0.500000,");
    }
}
