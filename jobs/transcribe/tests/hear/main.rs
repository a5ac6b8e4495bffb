//! A recording goes in: what comes out of the whole kind?

#![expect(clippy::unwrap_used, reason = "what fails in a helper of a test fails the test")]

mod strict;
mod studio;
mod subtitles;

use serde_json::{Value, json};
use studio::{CLIPS, Studio, word_errors};

/// What the reader of [`studio::CLIPS`] says (Jane Austen, Sense and Sensibility, chapter 1).
const READING: &str = "and mr john dashwood had then leisure to consider how much there might be prudently in his power to do \
    for them he was not an ill disposed young man unless to be rather cold hearted and rather selfish is to be ill disposed";

fn segments(transcript: &Value) -> &Vec<Value> {
    transcript["segments"].as_array().unwrap()
}

fn said(transcript: &Value) -> String {
    segments(transcript).iter().map(|segment| segment["text"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_reading_comes_out_word_by_word_with_times_that_rise() {
    let studio = Studio::new();
    let output = studio.hear(&studio.reading("reading.flac"), json!({"language": "en"})).unwrap();
    let transcript = studio.json();
    assert!(word_errors(READING, &said(&transcript)) < 0.1, "{}", said(&transcript));
    let mut last = 0.0;
    for word in segments(&transcript).iter().flat_map(|segment| segment["words"].as_array().unwrap()) {
        let (start, end) = (word["start"].as_f64().unwrap(), word["end"].as_f64().unwrap());
        assert!(start >= last && end > start, "{word} begins before {last}");
        assert!((0.0..=1.0).contains(&word["confidence"].as_f64().unwrap()));
        last = end;
    }
    let duration = transcript["duration"].as_f64().unwrap();
    assert!((16.0..24.0).contains(&duration) && last <= duration + 0.5, "{duration} {last}");
    assert_eq!(transcript["engine"]["model"], "tiny.en");
    assert_eq!(transcript["engine"]["model_sha256"].as_str().unwrap().len(), 64);
    assert_eq!(output["usage"]["media_seconds"], transcript["duration"]);
    assert!(studio.passages().contains("Dashwood"));
    assert!(studio.text("transcript.txt").contains("Dashwood"));
}

#[test]
fn portuguese_is_written_down_in_portuguese() {
    let studio = Studio::new();
    let text = "Bom dia a todos. Hoje vamos falar sobre a cidade de São Paulo e sobre o trabalho das pessoas que moram no Brasil.";
    let output = studio.hear(&studio.speak("voz.wav", "pt-br", text), json!({"language": "pt-BR"})).unwrap();
    assert_eq!(
        (&output["language"], &output["engine"]["model"]),
        (&json!("pt-BR"), &json!("base")),
        "{output}"
    );
    let heard = said(&studio.json()).to_lowercase();
    assert!(heard.contains("são paulo") && heard.contains("brasil"), "{heard}");
}

/// Somebody of Brazil says what is to be seen, a word or two at a time: Debian's tuxpaint-stamps-default.
#[test]
fn a_brazilian_is_understood() {
    let stamps = "/usr/share/tuxpaint/stamps";
    let said_there = [
        ("food/vegetables/corn", "milho"),
        ("food/vegetables/onion", "cebola"),
        ("food/vegetables/pepper", "pimentão"),
        ("food/vegetables/lettuce", "alface"),
        ("food/vegetables/garlics", "alho"),
        ("food/vegetables/chilepepper", "pimenta"),
        ("food/vegetables/pumpkin_small", "abóbora"),
        ("food/fruit/cartoon/raspberry", "framboesa"),
        ("food/spices/ginger", "gengibre"),
        ("animals/insects/cartoon/butterfly", "borboleta"),
    ];
    let clips: Vec<String> =
        said_there.iter().map(|(name, _)| format!("{stamps}/{name}_desc_pt_BR.wav")).collect();
    for clip in &clips {
        assert!(std::path::Path::new(clip).exists(), "{clip} is missing; ops/test.sh installs it");
    }
    let studio = Studio::new();
    let mut arguments: Vec<&str> = clips.iter().flat_map(|clip| ["-i", clip.as_str()]).collect();
    let graph = (0..clips.len())
        .map(|at| format!("[{at}]aresample=16000,apad=pad_dur=1[a{at}];"))
        .collect::<String>();
    let joined = (0..clips.len()).map(|at| format!("[a{at}]")).collect::<String>();
    let graph = format!("{graph}{joined}concat=n={}:v=0:a=1", clips.len());
    arguments.extend(["-filter_complex", &graph]);
    studio.hear(&studio.ffmpeg("voz.flac", &arguments), json!({"language": "pt-BR"})).unwrap();
    let heard = said(&studio.json()).to_lowercase();
    let found = said_there.iter().filter(|(_, word)| heard.contains(word)).count();
    // Single words tell the model little: it hears seven of ten as they are written.
    assert!(found >= 6, "{found}: {heard}");
}

#[test]
fn the_language_of_a_reader_is_found_out() {
    let studio = Studio::new();
    let output = studio.hear(&studio.reading("reading.ogg"), json!({})).unwrap();
    assert_eq!((&output["language"], &output["engine"]["model"]), (&json!("en"), &json!("base")), "{output}");
    let transcript = studio.json();
    assert!(transcript["language_confidence"].as_f64().unwrap() > 0.7);
    assert!(word_errors(READING, &said(&transcript)) < 0.1, "{}", said(&transcript));
}

#[test]
fn silence_and_noise_give_an_empty_transcript_that_says_so() {
    for sound in ["anullsrc=r=8000:d=600", "anoisesrc=d=20:c=pink:a=0.3", "sine=f=440:d=15"] {
        let studio = Studio::new();
        let file = studio.ffmpeg("sound.flac", &["-f", "lavfi", "-i", sound]);
        let output = studio.hear(&file, json!({})).unwrap();
        assert_eq!(
            (&output["speech"], &output["counts"]["words"]),
            (&json!(false), &json!(0)),
            "{sound}: {output}"
        );
        let warned =
            output["warnings"].as_array().unwrap().iter().any(|warning| warning["code"] == "no_speech");
        assert!(warned && output["language"].is_null(), "{output}");
        assert_eq!(studio.text("transcript.srt"), "");
        assert_eq!(studio.text("transcript.vtt"), "WEBVTT\n\n");
    }
}

#[test]
fn what_is_heard_is_the_same_with_any_number_of_states() {
    let file = |studio: &Studio| studio.reading("reading.flac");
    let settings = json!({"chunk_seconds": 6.0});
    let texts = [1, 3].map(|states| {
        let studio = Studio::with_states(states);
        studio.hear_with(&file(&studio), json!({"language": "en"}), &settings).unwrap();
        studio.text("transcript.json")
    });
    assert_eq!(texts[0], texts[1]);
}

#[test]
fn another_attempt_goes_on_from_what_was_kept() {
    let studio = Studio::with_states(1);
    let file = studio.reading("reading.flac");
    let settings = json!({"chunk_seconds": 6.0});
    // The first attempt without what it keeps is the measure.
    studio.hear_with(&file, json!({"language": "en"}), &settings).unwrap();
    let whole = studio.text("transcript.json");
    let nothing = studio.path("nothing");
    std::fs::write(&nothing, "").unwrap();
    studio.stop_at("\"checkpoint\"", 2);
    let stopped = studio.hear_from(&file, json!({"language": "en"}), &settings, Some(&nothing)).unwrap_err();
    assert_eq!(stopped.code, "cancelled");
    studio.go_on();
    let kept = studio.kept();
    let before = studio.events().iter().filter(|event| event["event"] == "checkpoint").count();
    studio.hear_from(&file, json!({"language": "en"}), &settings, Some(&kept)).unwrap();
    let after = studio.events().iter().filter(|event| event["event"] == "checkpoint").count() - before;
    assert_eq!(before, 2);
    assert!(after >= 1 && studio.text("transcript.json") == whole, "{after} more chunks were heard");
    // Everything is kept now: nothing is heard a third time.
    let both = [std::fs::read(&kept).unwrap(), std::fs::read(studio.kept()).unwrap()].concat();
    std::fs::write(&kept, both).unwrap();
    let before = studio.events().iter().filter(|event| event["event"] == "checkpoint").count();
    studio.hear_from(&file, json!({"language": "en"}), &settings, Some(&kept)).unwrap();
    assert_eq!(studio.events().iter().filter(|event| event["event"] == "checkpoint").count(), before);
    assert_eq!(studio.text("transcript.json"), whole);
}

#[test]
fn channels_that_are_heard_apart_tell_who_speaks() {
    let studio = Studio::new();
    let (left, right) = (format!("{CLIPS}0870.wav"), format!("{CLIPS}0890.wav"));
    let graph = "[1]adelay=8000[r];[0]apad=whole_dur=14[l];[l][r]join=inputs=2:channel_layout=stereo";
    let call = studio.ffmpeg("call.wav", &["-i", &left, "-i", &right, "-filter_complex", graph]);
    studio.hear(&call, json!({"language": "en", "channels": "separate"})).unwrap();
    let transcript = studio.json();
    let by = |channel: u64| {
        let mine = segments(&transcript).iter().filter(|segment| segment["channel"] == channel);
        mine.map(|segment| segment["text"].as_str().unwrap().to_lowercase()).collect::<String>()
    };
    assert!(by(1).contains("leisure") && !by(1).contains("selfish"), "{transcript}");
    assert!(by(2).contains("selfish") && !by(2).contains("leisure"), "{transcript}");
    assert!(studio.text("transcript.txt").contains("channel 2: "));
    assert!(studio.text("transcript.vtt").contains("<v channel 1>"));
}

#[test]
fn a_track_is_heard_by_its_number_and_one_that_is_not_there_is_named() {
    let studio = Studio::new();
    let one = studio.speak("one.wav", "en", "The first track is about gardens and flowers.");
    let two = studio.speak("two.wav", "en", "The second track is about trains and stations.");
    let (one, two) = (one.to_str().unwrap(), two.to_str().unwrap());
    let arguments = [
        "-f",
        "lavfi",
        "-i",
        "testsrc=s=64x64:d=5:r=5",
        "-i",
        one,
        "-i",
        two,
        "-map",
        "0",
        "-map",
        "1",
        "-map",
        "2",
    ];
    let film = studio.ffmpeg("film.mkv", &arguments);
    studio.hear(&film, json!({"language": "en"})).unwrap();
    assert!(said(&studio.json()).contains("gardens"), "{}", said(&studio.json()));
    studio.hear(&film, json!({"language": "en", "track": 2})).unwrap();
    assert!(said(&studio.json()).contains("trains"), "{}", said(&studio.json()));
    let error = studio.hear(&film, json!({"track": 3})).unwrap_err();
    assert_eq!((error.code.as_str(), error.retryable), ("sound_missing", false));
    assert!(error.message.contains("the file has 2"), "{error}");
}

#[test]
fn files_that_are_no_recordings_are_refused_in_plain_words() {
    let studio = Studio::new();
    let silent = studio.ffmpeg("film.mp4", &["-f", "lavfi", "-i", "testsrc=s=64x64:d=1:r=5"]);
    let empty = studio.path("empty.mp3");
    std::fs::write(&empty, "").unwrap();
    let program = studio.path("song.mp3");
    std::fs::copy("/bin/true", &program).unwrap();
    let slow = studio.ffmpeg("slow.wav", &["-f", "lavfi", "-i", "anullsrc=r=1000:d=2"]);
    let list = studio.path("list.mp3");
    std::fs::write(&list, "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n").unwrap();
    for (file, code, words) in [
        (silent, "sound_missing", "holds no sound"),
        (empty, "sound_unreadable", "the file is empty"),
        (program, "sound_unreadable", "cannot be decoded"),
        (list, "sound_unreadable", "no sound or video file"),
        (slow, "sound_unsupported", "1000 samples a second"),
    ] {
        let error = studio.hear(&file, json!({})).unwrap_err();
        assert_eq!((error.code.as_str(), error.retryable), (code, false), "{error}");
        assert!(error.message.contains(words), "{error}");
    }
    let long = studio.ffmpeg("long.flac", &["-f", "lavfi", "-i", "anullsrc=r=8000:d=100"]);
    let error = studio.hear_with(&long, json!({}), &json!({"seconds": 60.0})).unwrap_err();
    assert_eq!(error.code, "sound_too_long");
}

#[test]
fn what_there_is_of_a_cut_off_mp3_is_written_down() {
    let studio = Studio::new();
    let whole = std::fs::read(studio.reading("reading.mp3")).unwrap();
    let cut = studio.path("cut.mp3");
    std::fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    let output = studio.hear(&cut, json!({"language": "en"})).unwrap();
    assert!(said(&studio.json()).contains("Dashwood"));
    assert!(output["duration"].as_f64().unwrap() < 14.0);
    let cut_off = |warning: &Value| warning["code"] == "cut_off";
    assert!(output["warnings"].as_array().unwrap().iter().any(cut_off), "{output}");
}

#[test]
fn numbers_of_persons_are_taken_out_of_text_and_sound() {
    let studio = Studio::new();
    let text = "My card number is 4 5 3 9. 5 7 8 7. 6 3 6 2. 1 4 8 6. Thank you very much.";
    let file = studio.speak("voice.wav", "en", text);
    let asked = json!({"language": "en", "redact": ["card"], "outputs": ["json", "txt", "audio"]});
    let output = studio.hear(&file, asked).unwrap();
    assert_eq!(output["counts"]["redactions"], 1, "{}", said(&studio.json()));
    let written = studio.text("transcript.txt");
    assert!(written.contains("[CARD]") && !written.contains("6362"), "{written}");
    // Heard once more, the silent copy, which is as long, has no number.
    let copy = Studio::new();
    let again = copy.hear(&studio.artifact("redacted.flac"), json!({"language": "en"})).unwrap();
    let heard = said(&copy.json());
    assert!(
        heard.to_lowercase().contains("my") && heard.chars().filter(char::is_ascii_digit).count() <= 2,
        "{heard}"
    );
    let (whole, copied) = (output["duration"].as_f64().unwrap(), again["duration"].as_f64().unwrap());
    assert!((whole - copied).abs() < 0.05, "{whole} {copied}");
}

#[test]
fn a_missing_model_names_the_command_that_brings_it() {
    let studio = Studio::new();
    let file = studio.speak("voice.wav", "en", "Hello.");
    let error = studio.hear_with(&file, json!({}), &json!({"models": "/nowhere"})).unwrap_err();
    assert_eq!((error.code.as_str(), error.retryable), ("model_missing", false));
    assert!(error.message.contains("esteira models"), "{error}");
}

#[test]
fn progress_tells_seconds_and_a_stop_is_obeyed() {
    let studio = Studio::new();
    let file = studio.reading("reading.flac");
    studio.hear_with(&file, json!({"language": "en"}), &json!({"chunk_seconds": 6.0})).unwrap();
    let told: Vec<String> = studio
        .events()
        .iter()
        .filter(|event| event["event"] == "progress" && event["stage"] == "transcribing")
        .map(|event| event["message"].as_str().unwrap().to_owned())
        .collect();
    assert!(told.iter().any(|message| message.starts_with("0:") && message.contains(" of 0:")), "{told:?}");
    studio.stop_at("transcribing", 1);
    assert_eq!(studio.hear(&file, json!({"language": "en"})).unwrap_err().code, "cancelled");
}
