//! Makes sounds, and listens to what became of them.

use std::f64::consts::TAU;
use std::fs;
use std::path::{Path, PathBuf};

use esteira_jobs::video::sound::{Mix, RATE};
use ffmpeg_next::format::Sample;
use ffmpeg_next::format::sample::Type;
use ffmpeg_next::{ChannelLayout, filter, frame};

/// A sine of so many Hertz and that amplitude, at a second.
pub fn sine(hertz: f64, level: f64) -> impl Fn(f64) -> f64 {
    move |second| level * (TAU * hertz * second).sin()
}

/// Writes a WAV file of 16-bit samples, the same in each channel.
pub fn wav(folder: &Path, rate: u32, channels: u16, seconds: f64, sound: impl Fn(f64) -> f64) -> PathBuf {
    let frames = (seconds * f64::from(rate)).round() as u32;
    let samples = (0..frames).flat_map(|i| {
        let value = (sound(f64::from(i) / f64::from(rate)).clamp(-1.0, 1.0) * 32767.0).round() as i16;
        std::iter::repeat_n(value.to_le_bytes(), usize::from(channels))
    });
    let data: Vec<u8> = samples.flatten().collect();
    let align = channels * 2;
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((data.len() as u32 + 36).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    bytes.extend(channels.to_le_bytes());
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * u32::from(align)).to_le_bytes());
    bytes.extend(align.to_le_bytes());
    bytes.extend(16_u16.to_le_bytes());
    bytes.extend(b"data");
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(data);
    let path = folder.join(format!("{}.wav", fs::read_dir(folder).unwrap().count()));
    fs::write(&path, bytes).unwrap();
    path
}

/// All samples of a mix, with the frames' times checked on the way.
pub fn hear(mut mix: Mix) -> Vec<[f32; 2]> {
    let mut all = Vec::new();
    while let Some(frame) = mix.next_frame(1024).unwrap() {
        assert_eq!(frame.pts(), Some(all.len() as i64));
        assert_eq!((frame.rate(), frame.channels(), frame.format()), (RATE, 2, Sample::F32(Type::Planar)));
        let (left, right) = (frame.plane::<f32>(0), frame.plane::<f32>(1));
        all.extend(left.iter().zip(right).map(|(l, r)| [*l, *r]));
    }
    all
}

/// How strong one frequency is between two seconds, in dBFS (a full sine is 0), left channel.
pub fn level(sound: &[[f32; 2]], hertz: f64, from: f64, to: f64) -> f64 {
    let part = &sound[(from * f64::from(RATE)) as usize..(to * f64::from(RATE)) as usize];
    let (mut re, mut im) = (0.0, 0.0);
    for (i, pair) in part.iter().enumerate() {
        let angle = TAU * hertz * i as f64 / f64::from(RATE);
        re += f64::from(pair[0]) * angle.cos();
        im += f64::from(pair[0]) * angle.sin();
    }
    20.0 * (2.0 * re.hypot(im) / part.len() as f64).max(1e-9).log10()
}

/// The highest sample between two seconds.
pub fn peak(sound: &[[f32; 2]], from: f64, to: f64) -> f32 {
    sound[(from * f64::from(RATE)) as usize..(to * f64::from(RATE)) as usize]
        .iter()
        .fold(0.0, |most, pair| most.max(pair[0].abs()).max(pair[1].abs()))
}

/// Integrated loudness and true peak as libavfilter's own meter finds them: it shares no code with
/// the meter that the engine reports from.
pub fn independent_loudness(sound: &[[f32; 2]]) -> (f64, f64) {
    let mut graph = filter::Graph::new();
    let find = |name| filter::find(name).unwrap();
    let shape = "time_base=1/48000:sample_rate=48000:sample_fmt=flt:channel_layout=stereo";
    graph.add(&find("abuffer"), "in", shape).unwrap();
    graph.add(&find("abuffersink"), "out", "").unwrap();
    let text = "ebur128=peak=true:metadata=1:framelog=verbose";
    graph.output("in", 0).unwrap().input("out", 0).unwrap().parse(text).unwrap();
    graph.validate().unwrap();
    for (i, part) in sound.chunks(4800).enumerate() {
        let mut frame = frame::Audio::new(Sample::F32(Type::Packed), part.len(), ChannelLayout::STEREO);
        frame.set_rate(RATE);
        frame.set_pts(Some(i as i64 * 4800));
        for (slot, pair) in frame.plane_mut::<(f32, f32)>(0).iter_mut().zip(part) {
            *slot = (pair[0], pair[1]);
        }
        graph.get("in").unwrap().source().add(&frame).unwrap();
    }
    graph.get("in").unwrap().source().flush().unwrap();
    let (mut lufs, mut peak, mut frame) = (f64::NEG_INFINITY, 0.0_f64, frame::Audio::empty());
    while graph.get("out").unwrap().sink().frame(&mut frame).is_ok() {
        let told = |key: &str| frame.metadata().get(key).and_then(|text| text.parse::<f64>().ok());
        lufs = told("lavfi.r128.I").unwrap_or(lufs);
        for channel in 0..2 {
            peak = peak.max(told(&format!("lavfi.r128.true_peaks_ch{channel}")).unwrap_or(0.0));
        }
    }
    (lufs, 20.0 * peak.log10())
}
