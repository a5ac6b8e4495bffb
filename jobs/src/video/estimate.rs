//! What will a video cost? Told from its size and its length, before anybody has seen the files.

use esteira_engine::job::Estimate;

use super::check::timeline_without_files;
use super::model::{Input, Preset};
use super::render::{frame_of, range_of};

/// CPU seconds for a pixel of a frame: 5.51 s for the 300 frames of 1280 × 720 of the reference composition, which is
/// measured in `benches/README.md`. It has stills in motion, transitions, a title, captions and mixed sound, and is
/// encoded with the preset `veryfast`.
const CPU_SECONDS_A_PIXEL: f64 = 5.51 / (1280.0 * 720.0 * 300.0);

/// What an input that was checked will cost.
pub fn estimate(input: &Input) -> Estimate {
    let Ok(timeline) = timeline_without_files(input) else { return Estimate::default() };
    let range = range_of(input, &timeline);
    let frames = range.end.saturating_sub(range.start);
    let frame = frame_of(input);
    let pixels = frame.size.0 * frame.size.1 * f64::from(frames);
    let mut warnings = Vec::new();
    if timeline.open {
        warnings.push(
            "how long the video is depends on its files: the estimate is the least that it can be".to_owned(),
        );
    }
    if input.preview.is_none() && input.output.preset > Preset::Veryfast {
        let preset = input.output.preset.name();
        warnings
            .push(format!("the preset {preset} takes more CPU time than the estimate, which is of veryfast"));
    }
    Estimate {
        cpu_seconds: Some(pixels * CPU_SECONDS_A_PIXEL),
        output_seconds: Some(timeline.rate.seconds(frames)),
        warnings,
    }
}
