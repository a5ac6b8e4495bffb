//! What the sound of a video promises, heard in real files.

#![expect(clippy::unwrap_used, reason = "what fails in a helper of a test fails the test")]

mod listening;

use std::fs;
use std::path::{Path, PathBuf};

use esteira_engine::job::KindError;
use esteira_jobs::video::sound::{
    Audio, Ducking, Loudness, Mix, Role, SoundLimits, SoundPlan, Track, mix, probe, resolve, samples_at,
};
use listening::{hear, independent_loudness, level, peak, sine, wav};

fn plan(seconds: f64, tracks: Vec<Track>) -> SoundPlan {
    SoundPlan {
        samples: samples_at(seconds),
        tracks,
        ducking: Ducking::default(),
        loudness: Loudness { normalize: false, ..Loudness::default() },
        limits: SoundLimits::default(),
    }
}

fn mixed(plan: &SoundPlan, folder: &Path) -> Result<Mix, KindError> {
    mix(plan, folder, &mut |_| Ok(()))
}

fn heard(plan: &SoundPlan) -> Vec<[f32; 2]> {
    let folder = tempfile::tempdir().unwrap();
    hear(mixed(plan, folder.path()).unwrap())
}

fn music(path: PathBuf) -> Track {
    Track::new("/audio/music", path, Role::Music)
}

fn voice(path: PathBuf, start: f64) -> Track {
    Track { start: samples_at(start), ..Track::new("/audio/narration/0", path, Role::Voice) }
}

fn clip(path: PathBuf) -> Track {
    Track::new("/tracks/0/clips/0", path, Role::Clip)
}

#[test]
fn music_gives_way_to_a_voice_and_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let bed = wav(dir.path(), 48_000, 2, 10.0, sine(440.0, 0.3));
    let speech = wav(dir.path(), 22_050, 1, 3.0, sine(1000.0, 0.2));
    let mut plan = plan(10.0, vec![music(bed), voice(speech, 3.0)]);
    let ducked = heard(&plan);
    let before = level(&ducked, 440.0, 1.0, 2.5);
    let under = level(&ducked, 440.0, 4.0, 5.5);
    let after = level(&ducked, 440.0, 8.0, 9.5);
    assert!(before - under > 8.0, "{before} dB before, {under} dB under the voice");
    assert!((before - after).abs() < 0.5, "{before} dB before, {after} dB after");
    assert!(
        (level(&ducked, 1000.0, 4.0, 5.5) - 20.0 * 0.2_f64.log10()).abs() < 0.3,
        "the voice keeps its level"
    );

    plan.ducking.enabled = false;
    let level_under = level(&heard(&plan), 440.0, 4.0, 5.5);
    assert!((before - level_under).abs() < 0.1, "{before} dB before, {level_under} dB without ducking");
}

#[test]
fn the_sound_of_clips_gives_way_only_where_wanted() {
    let dir = tempfile::tempdir().unwrap();
    let own = wav(dir.path(), 48_000, 2, 4.0, sine(440.0, 0.3));
    let speech = wav(dir.path(), 48_000, 1, 4.0, sine(1000.0, 0.2));
    let mut plan = plan(4.0, vec![clip(own), voice(speech, 0.0)]);
    assert!(level(&heard(&plan), 440.0, 2.0, 3.0) < -18.0);
    plan.ducking.clips = false;
    assert!(level(&heard(&plan), 440.0, 2.0, 3.0) > -11.0);
}

#[test]
fn fades_are_where_they_belong() {
    let dir = tempfile::tempdir().unwrap();
    let bed = wav(dir.path(), 44_100, 2, 10.0, sine(440.0, 0.5));
    let track = Track { fade_in: samples_at(2.0), fade_out: samples_at(2.0), ..music(bed) };
    let sound = heard(&plan(6.0, vec![track]));
    assert!(peak(&sound, 0.0, 0.02) < 0.02 && peak(&sound, 5.98, 6.0) < 0.02);
    for (from, to) in [(0.95, 1.05), (4.95, 5.05)] {
        let half = level(&sound, 440.0, from, to) - level(&sound, 440.0, 2.5, 3.5);
        assert!((half + 3.0).abs() < 0.5, "{half} dB in the middle of a fade");
    }
}

#[test]
fn a_short_loop_fills_a_long_video_to_the_sample_without_a_hole() {
    let dir = tempfile::tempdir().unwrap();
    let bed = wav(dir.path(), 44_100, 2, 1.3, sine(440.0, 0.5));
    let track = Track { looped: Some(samples_at(0.1)), ..music(bed) };
    let sound = heard(&plan(7.777, vec![track]));
    assert_eq!(sound.len(), 373_296);
    for window in 0..77 {
        let from = f64::from(window) * 0.1;
        assert!(peak(&sound, from, from + 0.05) > 0.2, "silent at {from} s");
    }
    let steps = sound[..373_000].windows(2).map(|w| (w[1][0] - w[0][0]).abs()).fold(0.0, f32::max);
    assert!(steps < 0.06, "a step of {steps} clicks; the sine itself makes 0.029");
}

#[test]
fn music_and_speech_reach_their_loudness_and_hold_their_peaks() {
    let dir = tempfile::tempdir().unwrap();
    let beat = |t: f64| sine(220.0, 0.3)(t) + sine(330.0, 0.2)(t) + if t % 0.5 < 0.01 { 0.45 } else { 0.0 };
    let bed = wav(dir.path(), 44_100, 2, 4.0, beat);
    let audio: Audio = serde_json::from_value(serde_json::json!({
        "music": {"source": "upload://bed", "fade_in": 0.5},
        "narration": [
            {"text": "Bem-vindos à esteira: três fotos, uma música e uma voz.", "voice": "pt-br", "start": 1},
            {"text": "E uma segunda frase.", "voice": "pt-br", "gap": 0.4},
        ],
    }))
    .unwrap();
    let limits = SoundLimits::default();
    let resolved = resolve(&audio, "/audio", &|_| Ok(bed.clone()), dir.path(), &limits).unwrap();
    let ((_, first_ends), (second_begins, end)) = (resolved.narrations[0], resolved.narrations[1]);
    assert!((second_begins - first_ends - 0.4).abs() < 1e-9 && end == resolved.narration_end);
    assert!((3.0..15.0).contains(&end), "{end}");

    for target in [-16.0, -11.0] {
        let mut plan = resolved.clone().plan(&audio, samples_at(12.0), Vec::new(), &limits);
        plan.loudness.target_lufs = target;
        let mix = mixed(&plan, dir.path()).unwrap();
        let facts = mix.facts().clone();
        let (lufs, peak) = independent_loudness(&hear(mix));
        assert!((lufs - target).abs() <= 0.7, "{lufs} LUFS: {facts:?}");
        assert!(peak <= -1.5, "{peak} dBTP: {facts:?}");
        assert!((lufs - facts.after.integrated_lufs.unwrap()).abs() < 0.15, "{facts:?}");
        assert!((peak - facts.after.true_peak_dbtp.unwrap()).abs() < 0.3, "{peak}: {facts:?}");
        assert!(facts.ducked && !facts.silent && facts.warnings.is_empty(), "{facts:?}");
    }
}

#[test]
fn brazilian_speech_is_heard() {
    let dir = tempfile::tempdir().unwrap();
    let audio: Audio =
        serde_json::from_str(r#"{"narration":{"text":"Olá, mundo.","voice":"pt-br","start":0.5}}"#).unwrap();
    let limits = SoundLimits::default();
    let nothing = |_: &str| Err(KindError::fail("unused", ""));
    let resolved = resolve(&audio, "/audio", &nothing, dir.path(), &limits).unwrap();
    let plan = resolved.plan(&audio, samples_at(2.0), Vec::new(), &limits);
    let sound = hear(mixed(&plan, dir.path()).unwrap());
    assert!(peak(&sound, 0.0, 0.49) < 1e-4, "silent before it begins");
    assert!(peak(&sound, 0.5, 1.5) > 0.1);
}

#[test]
fn the_count_of_samples_is_exact_whatever_the_files_hold() {
    let dir = tempfile::tempdir().unwrap();
    let short = wav(dir.path(), 11_025, 1, 0.5, sine(300.0, 0.3));
    let long = wav(dir.path(), 44_100, 2, 3.0, sine(300.0, 0.3));
    for samples in [1, 1023, 1024, 8192, 8193, 70_001] {
        for loudness in [Loudness::default(), Loudness { target_lufs: -9.0, ..Loudness::default() }] {
            let mut plan = plan(0.0, vec![music(short.clone()), clip(long.clone())]);
            plan.samples = samples;
            plan.loudness = loudness;
            assert_eq!(heard(&plan).len() as u64, samples);
        }
    }
}

#[test]
fn every_rate_and_channel_count_keeps_pitch_level_and_length() {
    let dir = tempfile::tempdir().unwrap();
    for (rate, channels) in [(8000, 1), (22_050, 1), (32_000, 2), (44_100, 2), (48_000, 1), (96_000, 2)] {
        let file = wav(dir.path(), rate, channels, 1.0, sine(1000.0, 0.5));
        let sound = heard(&plan(2.0, vec![clip(file)]));
        let db = level(&sound, 1000.0, 0.2, 0.8);
        assert!((db + 6.02).abs() < 0.2, "{rate} Hz, {channels} channels: {db} dB");
        assert!(peak(&sound, 0.9, 0.995) > 0.4 && peak(&sound, 1.005, 2.0) < 1e-3, "{rate} Hz");
    }
}

#[test]
fn a_clip_is_trimmed_to_the_millisecond_near_and_far() {
    let dir = tempfile::tempdir().unwrap();
    let mark = |t: f64| if (20.0..20.01).contains(&t) || (2.0..2.01).contains(&t) { 0.8 } else { 0.0 };
    let file = wav(dir.path(), 44_100, 1, 30.0, mark);
    for (trim, at) in [(1.5, 0.5), (19.75, 0.25)] {
        let sound = heard(&plan(1.0, vec![Track { trim_start: trim, ..clip(file.clone()) }]));
        let first = sound.iter().position(|pair| pair[0] > 0.4).unwrap() as f64 / 48_000.0;
        assert!((first - at).abs() < 0.001, "trimmed at {trim}: {first} and not {at}");
    }
}

#[test]
fn a_faster_clip_is_shorter_at_the_same_pitch() {
    let dir = tempfile::tempdir().unwrap();
    let file = wav(dir.path(), 48_000, 2, 4.0, sine(1000.0, 0.5));
    for (speed, seconds) in [(2.0, 2.0), (0.5, 8.0), (4.0, 1.0)] {
        let sound = heard(&plan(9.0, vec![Track { speed, ..clip(file.clone()) }]));
        assert!(level(&sound, 1000.0, 0.2, seconds - 0.2) > -9.0, "at {speed}");
        assert!(peak(&sound, seconds - 0.2, seconds - 0.1) > 0.2, "at {speed}");
        assert!(peak(&sound, seconds + 0.1, 9.0) < 0.01, "at {speed}");
    }
}

#[test]
fn a_damaged_or_foreign_file_is_refused_by_its_label() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let secret = wav(dir.path(), 48_000, 2, 1.0, sine(440.0, 0.5));
    let secret = secret.to_str().unwrap();
    for path in [
        write("empty", b""),
        write("text", b"this is not a sound"),
        write(
            "noise",
            &(0..40_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect::<Vec<_>>(),
        ),
        write("header", b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\xff\xff\x02\0\x80\xbb\0\0"),
        write("list.ffconcat", format!("ffconcat version 1.0\nfile {secret}\n").as_bytes()),
        write(
            "list.m3u8",
            format!("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{secret}\n#EXT-X-ENDLIST\n")
                .as_bytes(),
        ),
        dir.path().join("missing"),
    ] {
        let error = mixed(&plan(1.0, vec![music(path.clone())]), dir.path()).err();
        let error = error.unwrap_or_else(|| panic!("{} was taken", path.display()));
        assert!(!error.retryable && error.message.starts_with("/audio/music: "), "{error}");
        assert!(!error.message.contains(dir.path().to_str().unwrap()), "no path is told: {error}");
    }
}

#[test]
fn a_file_that_breaks_off_is_heard_as_far_as_it_goes() {
    let dir = tempfile::tempdir().unwrap();
    let file = wav(dir.path(), 48_000, 2, 2.0, sine(440.0, 0.5));
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    let sound = heard(&plan(2.0, vec![clip(file)]));
    assert!(peak(&sound, 0.5, 0.9) > 0.4 && peak(&sound, 1.1, 2.0) == 0.0);
}

#[test]
fn without_any_sound_the_facts_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut plan = plan(1.5, Vec::new());
    plan.loudness = Loudness::default();
    let mix = mixed(&plan, folder.path()).unwrap();
    assert!(mix.facts().silent && mix.facts().after.integrated_lufs.is_none());
    assert_eq!(hear(mix), vec![[0.0; 2]; 72_000]);
}

#[test]
fn the_limit_of_decoded_sound_names_the_track_that_passes_it() {
    let dir = tempfile::tempdir().unwrap();
    let file = wav(dir.path(), 48_000, 1, 3.0, sine(440.0, 0.5));
    let mut plan = plan(3.0, vec![music(file.clone()), clip(file)]);
    plan.limits.max_decoded_seconds = 4.0;
    let error = mixed(&plan, dir.path()).err().unwrap();
    assert_eq!(error.code, "sound_too_long");
    assert!(error.message.starts_with("/tracks/0/clips/0: "), "{error}");
}

#[test]
fn a_stop_is_heard_at_once_and_nothing_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let out = tempfile::tempdir().unwrap();
    let file = wav(dir.path(), 48_000, 2, 5.0, sine(440.0, 0.5));
    for after in [0, 3, 12] {
        let mut calls = 0;
        let stopped = mix(&plan(5.0, vec![music(file.clone())]), out.path(), &mut |fraction| {
            assert!((0.0..=1.0).contains(&fraction));
            calls += 1;
            if calls > after { Err(KindError::fail("cancelled", "stopped on request")) } else { Ok(()) }
        });
        assert_eq!((stopped.err().unwrap().code.as_str(), calls), ("cancelled", after + 1));
    }
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 0);
}

#[test]
fn a_probe_tells_what_a_file_holds() {
    let dir = tempfile::tempdir().unwrap();
    let file = wav(dir.path(), 44_100, 2, 1.5, sine(440.0, 0.5));
    let info = probe("/x", &file, &SoundLimits::default()).unwrap().unwrap();
    assert!((info.seconds - 1.5).abs() < 0.001);
    assert_eq!((info.sample_rate, info.channels, info.codec.as_str()), (44_100, 2, "pcm_s16le"));
}
