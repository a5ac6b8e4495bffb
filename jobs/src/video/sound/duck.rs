//! How does music give way to a voice? Through libavfilter's side-chain compressor.

use esteira_engine::job::KindError;
use ffmpeg_next::filter::{self, Graph};
use ffmpeg_next::format::Sample;
use ffmpeg_next::format::sample::Type;
use ffmpeg_next::{Error, frame};

use super::convert::STEREO;
use super::input::Ducking;
use super::plan::RATE;
use super::scratch::Pair;
use esteira_media::internal;

/// The format in which the compressor computes: given in it, nothing is converted on the way.
const DOUBLES: Sample = Sample::F64(Type::Packed);

/// A compressor that is fed block by block, in step.
pub(super) struct Ducker {
    graph: Graph,
    clock: i64,
}

impl Ducker {
    /// Set as the job wants it; every part of the graph's text is a number or a word of ours.
    pub fn new(ducking: &Ducking) -> Result<Self, KindError> {
        build(ducking)
            .map(|graph| Self { graph, clock: 0 })
            .map_err(|error| internal("preparing the ducking", error))
    }

    /// Lowers `bed` where `voice` is heard.
    pub fn lower(&mut self, bed: &mut [Pair], voice: &[Pair]) -> Result<(), KindError> {
        self.run(bed, voice).map_err(|error| internal("ducking", error))
    }

    fn run(&mut self, bed: &mut [Pair], voice: &[Pair]) -> Result<(), Error> {
        for (name, pairs) in [("bed", &*bed), ("voice", voice)] {
            let frame = doubles(pairs, self.clock);
            self.graph.get(name).ok_or(Error::Bug)?.source().add(&frame)?;
        }
        self.clock += i64::try_from(bed.len()).unwrap_or(0);
        let mut output = self.graph.get("out").ok_or(Error::Bug)?;
        let (mut done, mut frame) = (0, frame::Audio::empty());
        while done < bed.len() {
            // The compressor has no delay; a filter that kept samples back would be an error here.
            output.sink().frame(&mut frame)?;
            let lowered = frame.plane::<(f64, f64)>(0);
            for (pair, (left, right)) in bed[done..].iter_mut().zip(lowered) {
                #[expect(clippy::cast_possible_truncation, reason = "the mix is kept in f32")]
                let heard = [*left as f32, *right as f32];
                *pair = heard;
            }
            done += lowered.len();
        }
        Ok(())
    }
}

fn doubles(pairs: &[Pair], clock: i64) -> frame::Audio {
    let mut frame = frame::Audio::new(DOUBLES, pairs.len(), STEREO);
    frame.set_rate(RATE);
    frame.set_pts(Some(clock));
    for (slot, pair) in frame.plane_mut::<(f64, f64)>(0).iter_mut().zip(pairs) {
        *slot = (f64::from(pair[0]), f64::from(pair[1]));
    }
    frame
}

fn build(ducking: &Ducking) -> Result<Graph, Error> {
    let find = |name| filter::find(name).ok_or(Error::FilterNotFound);
    let mut graph = Graph::new();
    let shape = format!("time_base=1/{RATE}:sample_rate={RATE}:sample_fmt=dbl:channel_layout=stereo");
    graph.add(&find("abuffer")?, "bed", &shape)?;
    graph.add(&find("abuffer")?, "voice", &shape)?;
    graph.add(&find("abuffersink")?, "out", "")?;
    let text = format!(
        "[bed][voice]sidechaincompress=threshold={:.6}:ratio={:.4}:attack={:.3}:release={:.3},\
         aformat=sample_fmts=dbl:sample_rates={RATE}:channel_layouts=stereo[out]",
        10_f64.powf(ducking.threshold_db / 20.0).clamp(0.001, 1.0),
        ducking.ratio.clamp(1.0, 20.0),
        ducking.attack_ms.clamp(0.01, 2000.0),
        ducking.release_ms.clamp(0.01, 9000.0),
    );
    graph.output("bed", 0)?.output("voice", 0)?.input("out", 0)?.parse(&text)?;
    graph.validate()?;
    Ok(graph)
}
