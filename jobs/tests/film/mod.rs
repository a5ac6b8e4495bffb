//! Films for tests: made frame by frame, and looked at frame by frame.

#![expect(clippy::unwrap_used, reason = "what fails in a helper of a test fails the test")]

use std::path::Path;

use ffmpeg_next::software::scaling;
use ffmpeg_next::{Dictionary, Packet, Rational, codec, encoder, format, frame, media};

/// A frame as RGB.
pub struct Frame {
    pub width: usize,
    rgb: Vec<u8>,
}

impl Frame {
    pub fn at(&self, x: usize, y: usize) -> [u8; 3] {
        let index = (y * self.width + x) * 3;
        [self.rgb[index], self.rgb[index + 1], self.rgb[index + 2]]
    }
}

/// Every frame of a file, and its second.
pub fn frames(path: &Path) -> Vec<(f64, Frame)> {
    let mut input = format::input(path).unwrap();
    let stream = input.streams().best(media::Type::Video).unwrap();
    let (index, base) = (stream.index(), f64::from(stream.time_base()));
    let mut decoder =
        codec::Context::from_parameters(stream.parameters()).unwrap().decoder().video().unwrap();
    let (width, height) = (decoder.width(), decoder.height());
    let flags = scaling::Flags::BILINEAR;
    let mut scaler =
        scaling::Context::get(decoder.format(), width, height, format::Pixel::RGB24, width, height, flags)
            .unwrap();
    let mut out = Vec::new();
    let mut keep = |decoder: &mut codec::decoder::Video| {
        let mut frame = frame::Video::empty();
        while decoder.receive_frame(&mut frame).is_ok() {
            let mut rgb = frame::Video::empty();
            scaler.run(&frame, &mut rgb).unwrap();
            let row = width as usize * 3;
            let rows = rgb.data(0).chunks(rgb.stride(0)).take(height as usize);
            let pixels = rows.flat_map(|line| line[..row].to_vec()).collect();
            out.push((
                frame.timestamp().unwrap() as f64 * base,
                Frame { width: width as usize, rgb: pixels },
            ));
        }
    };
    let mut packet = Packet::empty();
    while packet.read(&mut input).is_ok() {
        if packet.stream() == index {
            decoder.send_packet(&packet).unwrap();
            keep(&mut decoder);
        }
    }
    decoder.send_eof().unwrap();
    keep(&mut decoder);
    out
}

/// Writes an MP4 whose frame `n` is shown at `times[n]` milliseconds and painted by `grey(n, x, y)`.
pub fn write(path: &Path, size: (u32, u32), times: &[i64], grey: impl Fn(usize, usize, usize) -> u8) {
    let codec = encoder::find_by_name("libx264").unwrap();
    let mut output = format::output(path).unwrap();
    let mut context = codec::Context::new_with_codec(codec);
    context.set_flags(codec::Flags::GLOBAL_HEADER);
    let mut video = context.encoder().video().unwrap();
    video.set_width(size.0);
    video.set_height(size.1);
    video.set_format(format::Pixel::YUV420P);
    video.set_time_base(Rational(1, 1000));
    let mut options = Dictionary::new();
    options.set("preset", "ultrafast");
    options.set("crf", "1");
    let mut encoder = video.open_with(options).unwrap();
    output.add_stream_with(&encoder).unwrap();
    output.write_header().unwrap();
    let base = output.stream(0).unwrap().time_base();
    let drain = |encoder: &mut encoder::Video, output: &mut format::context::Output| {
        let mut packet = Packet::empty();
        while encoder.receive_packet(&mut packet).is_ok() {
            packet.set_stream(0);
            // Without it the last frame would have no time on screen.
            packet.set_duration(100);
            packet.rescale_ts(Rational(1, 1000), base);
            packet.write_interleaved(output).unwrap();
        }
    };
    for (index, &time) in times.iter().enumerate() {
        let mut frame = frame::Video::new(format::Pixel::YUV420P, size.0, size.1);
        let stride = frame.stride(0);
        for (y, row) in frame.data_mut(0).chunks_mut(stride).enumerate() {
            for (x, sample) in row.iter_mut().enumerate() {
                *sample = grey(index, x, y);
            }
        }
        frame.data_mut(1).fill(128);
        frame.data_mut(2).fill(128);
        frame.set_pts(Some(time));
        encoder.send_frame(&frame).unwrap();
        drain(&mut encoder, &mut output);
    }
    encoder.send_eof().unwrap();
    drain(&mut encoder, &mut output);
    output.write_trailer().unwrap();
}

/// Turns a film by a quarter, as a phone does: by the matrix of its track header.
pub fn turn_clockwise(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let header = bytes.windows(4).position(|four| four == b"tkhd").unwrap();
    // Version 0 of the box: after the name, version and flags, 36 bytes of other fields.
    let matrix = header + 4 + 4 + 36;
    let entries: [i32; 9] = [0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30];
    for (index, entry) in entries.iter().enumerate() {
        bytes[matrix + index * 4..matrix + index * 4 + 4].copy_from_slice(&entry.to_be_bytes());
    }
    std::fs::write(path, bytes).unwrap();
}
