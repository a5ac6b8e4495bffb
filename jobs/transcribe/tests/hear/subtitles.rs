//! Are the subtitles what their specifications say? Read by strict readers, written from those alone.

use serde_json::json;

use super::strict::{Cue, srt, vtt};
use super::studio::Studio;

/// Every rule of the input, on cues that were read.
fn obey(cues: &[Cue], characters: usize, lines: usize, milliseconds: u64) {
    assert!(!cues.is_empty());
    for cue in cues {
        assert!(cue.start < cue.end && cue.end - cue.start <= milliseconds, "{cue:?}");
        assert!(cue.lines.len() <= lines, "{cue:?}");
        assert!(cue.lines.iter().all(|line| line.chars().count() <= characters), "{cue:?}");
    }
    assert!(cues.windows(2).all(|pair| pair[0].end <= pair[1].start), "they lie over each other");
}

#[test]
fn the_subtitles_of_a_reading_are_strictly_right_and_keep_to_the_rules() {
    let studio = Studio::new();
    let reading = studio.reading("reading.flac");
    studio.hear(&reading, json!({"language": "en", "outputs": ["srt", "vtt"]})).unwrap();
    let (from_srt, from_vtt) =
        (srt(&studio.text("transcript.srt")).unwrap(), vtt(&studio.text("transcript.vtt")).unwrap());
    assert_eq!(from_srt, from_vtt);
    obey(&from_srt, 42, 2, 7_000);
    let narrow = json!({"language": "en", "outputs": ["vtt"], "subtitle": {"characters": 20, "lines": 1, "seconds": 3}});
    studio.hear(&reading, narrow).unwrap();
    obey(&vtt(&studio.text("transcript.vtt")).unwrap(), 20, 1, 3_000);
}

#[test]
fn the_readers_are_strict() {
    for text in [
        "00:00:01,000 --> 00:00:02,000\na\n\n",
        "1\n00:00:01.000 --> 00:00:02.000\na\n\n",
        "1\n00:00:01,000 -> 00:00:02,000\na\n\n",
        "2\n00:00:01,000 --> 00:00:02,000\na\n\n",
        "1\n00:00:01,000 --> 00:00:02,000\n\n",
        "1\n00:00:02,000 --> 00:00:02,000\na\n\n",
        "1\n00:00:61,000 --> 00:01:62,000\na\n\n",
    ] {
        assert!(srt(text).is_err(), "{text:?}");
    }
    for text in [
        "00:01.000 --> 00:02.000\na\n",
        "WEBVTT\n00:01.000 --> 00:02.000\na\n",
        "WEBVTT\n\n00:01,000 --> 00:02,000\na\n",
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\na & b\n",
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\na < b\n",
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n--> b\n",
    ] {
        assert!(vtt(text).is_err(), "{text:?}");
    }
    assert_eq!(
        vtt("WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<v Ana>a &amp; b\n\n").unwrap()[0].lines,
        ["a & b"]
    );
}
