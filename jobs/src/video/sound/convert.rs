//! How does any sound become 48 kHz stereo? By a small filter graph, at another tempo if wanted.

use esteira_engine::job::KindError;
use ffmpeg_next::filter::{self, Graph};
use ffmpeg_next::{ChannelLayout, Error, format, frame};

use super::libav::{broken, internal};
use super::plan::RATE;

/// Takes a stretch of samples, left and right.
pub(super) type Take<'a> = dyn FnMut(&[f32], &[f32]) -> Result<(), KindError> + 'a;

/// What a graph was built for; a file may change it half-way.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shape {
    rate: u32,
    channels: u16,
    layout: u64,
    format: format::Sample,
}

/// Takes frames of any shape and hands out stereo samples at [`RATE`].
pub(super) struct Converter {
    label: String,
    speed: f64,
    graph: Option<(Shape, Graph)>,
    /// Samples given to the current graph: their clock.
    fed: i64,
}

impl Converter {
    /// A converter that plays `speed` times as fast, at the same pitch.
    pub fn new(label: &str, speed: f64) -> Self {
        Self { label: label.to_owned(), speed, graph: None, fed: 0 }
    }

    /// Takes a frame; what comes out goes to `out`.
    pub fn push(&mut self, mut frame: frame::Audio, out: &mut Take) -> Result<(), KindError> {
        let shape = Shape {
            rate: frame.rate(),
            channels: frame.channels(),
            layout: frame.channel_layout().bits(),
            format: frame.format(),
        };
        if self.graph.as_ref().is_none_or(|(built_for, _)| *built_for != shape) {
            self.finish(out)?;
            let graph = build(&shape, self.speed)
                .map_err(|error| broken(&self.label, "preparing its conversion", error))?;
            self.graph = Some((shape, graph));
            self.fed = 0;
        }
        let Some((_, graph)) = &mut self.graph else { return Ok(()) };
        frame.set_pts(Some(self.fed));
        self.fed += i64::try_from(frame.samples()).unwrap_or(i64::MAX);
        let mut input = graph.get("in").ok_or_else(|| internal("finding a filter", Error::Bug))?;
        input.source().add(&frame).map_err(|error| broken(&self.label, "converting it", error))?;
        collect(graph, out)
    }

    /// Hands out what is still inside.
    pub fn finish(&mut self, out: &mut Take) -> Result<(), KindError> {
        let Some((_, mut graph)) = self.graph.take() else { return Ok(()) };
        let mut input = graph.get("in").ok_or_else(|| internal("finding a filter", Error::Bug))?;
        input.source().flush().map_err(|error| internal("finishing a conversion", error))?;
        collect(&mut graph, out)
    }
}

/// Takes all that is ready out of a graph.
fn collect(graph: &mut Graph, out: &mut Take) -> Result<(), KindError> {
    let mut output = graph.get("out").ok_or_else(|| internal("finding a filter", Error::Bug))?;
    let mut frame = frame::Audio::empty();
    loop {
        match output.sink().frame(&mut frame) {
            Ok(()) => out(frame.plane::<f32>(0), frame.plane::<f32>(1))?,
            Err(Error::Eof | Error::Other { errno: ffmpeg_next::error::EAGAIN }) => return Ok(()),
            Err(error) => return Err(internal("converting sound", error)),
        }
    }
}

/// Every part of the text is a number or a word of ours: nothing of a tenant's goes into a graph.
fn build(shape: &Shape, speed: f64) -> Result<Graph, Error> {
    let (source, sink) = (find("abuffer")?, find("abuffersink")?);
    let Shape { rate, channels, layout, format } = shape;
    let place = match layout {
        0 => format!("channels={channels}"),
        layout => format!("channel_layout=0x{layout:x}"),
    };
    let mut graph = Graph::new();
    graph.add(
        &source,
        "in",
        &format!("time_base=1/{rate}:sample_rate={rate}:sample_fmt={}:{place}", format.name()),
    )?;
    graph.add(&sink, "out", "")?;
    let text = format!(
        "{}aresample={RATE},{}aformat=sample_fmts=fltp:sample_rates={RATE}:channel_layouts=stereo",
        spread(*channels, *layout),
        tempo(speed)
    );
    graph.output("in", 0)?.input("out", 0)?.parse(&text)?;
    graph.validate()?;
    Ok(graph)
}

fn find(name: &str) -> Result<filter::Filter, Error> {
    filter::find(name).ok_or(Error::FilterNotFound)
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
