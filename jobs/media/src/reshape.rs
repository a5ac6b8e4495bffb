//! How does sound of any shape become sound of one? By a small filter graph, made anew when a file changes half-way.

use esteira_engine::job::KindError;
use ffmpeg_next::filter::{self, Graph};
use ffmpeg_next::{Error, format, frame};

use super::libav::{broken, internal};

/// What frames are like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// Samples a second.
    pub rate: u32,
    /// Channels.
    pub channels: u16,
    /// Their places, as bits; 0 where the file does not tell.
    pub layout: u64,
    format: format::Sample,
}

/// Takes a frame that came out.
type Take<'a> = dyn FnMut(&frame::Audio) -> Result<(), KindError> + 'a;

/// Takes frames of any shape and hands out those that its chain of filters makes of them.
pub struct Reshape {
    label: String,
    chain: Box<dyn Fn(&Shape) -> String + Send>,
    graph: Option<(Shape, Graph)>,
    /// Samples given to the current graph: their clock.
    fed: i64,
}

impl Reshape {
    /// `chain` tells the filters for frames of a shape. Every part of its text must be a number or a word of the
    /// program: nothing of a tenant's goes into a graph.
    #[must_use]
    pub fn new(label: &str, chain: impl Fn(&Shape) -> String + Send + 'static) -> Self {
        Self { label: label.to_owned(), chain: Box::new(chain), graph: None, fed: 0 }
    }

    /// Takes a frame; what comes out goes to `out`.
    ///
    /// # Errors
    /// When the frame cannot be converted, or `out` errs.
    pub fn push(&mut self, mut frame: frame::Audio, out: &mut Take<'_>) -> Result<(), KindError> {
        let shape = Shape {
            rate: frame.rate(),
            channels: frame.channels(),
            layout: frame.channel_layout().bits(),
            format: frame.format(),
        };
        if self.graph.as_ref().is_none_or(|(built_for, _)| *built_for != shape) {
            self.finish(out)?;
            let graph = build(&shape, &(self.chain)(&shape))
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
    ///
    /// # Errors
    /// When it cannot be converted, or `out` errs.
    pub fn finish(&mut self, out: &mut Take<'_>) -> Result<(), KindError> {
        let Some((_, mut graph)) = self.graph.take() else { return Ok(()) };
        let mut input = graph.get("in").ok_or_else(|| internal("finding a filter", Error::Bug))?;
        input.source().flush().map_err(|error| internal("finishing a conversion", error))?;
        collect(&mut graph, out)
    }
}

/// Takes all that is ready out of a graph.
fn collect(graph: &mut Graph, out: &mut Take<'_>) -> Result<(), KindError> {
    let mut output = graph.get("out").ok_or_else(|| internal("finding a filter", Error::Bug))?;
    let mut frame = frame::Audio::empty();
    loop {
        match output.sink().frame(&mut frame) {
            Ok(()) => out(&frame)?,
            Err(Error::Eof | Error::Other { errno: ffmpeg_next::error::EAGAIN }) => return Ok(()),
            Err(error) => return Err(internal("converting sound", error)),
        }
    }
}

fn build(shape: &Shape, chain: &str) -> Result<Graph, Error> {
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
    graph.output("in", 0)?.input("out", 0)?.parse(chain)?;
    graph.validate()?;
    Ok(graph)
}

fn find(name: &str) -> Result<filter::Filter, Error> {
    filter::find(name).ok_or(Error::FilterNotFound)
}
