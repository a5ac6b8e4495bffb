//! What `video.generate` promises, seen in real renders.

#![expect(clippy::unwrap_used, reason = "what fails in a helper of a test fails the test")]

mod film;
mod studio;

use esteira_engine::job::{Kind, KindError};
use esteira_jobs::video::VideoGenerate;
use ffmpeg_next::util::color;
use ffmpeg_next::{codec, format, media};
use film::Frame;
use serde_json::{Value, json};
use studio::{Studio, one_track, upload};

const RED: [u8; 3] = [255, 0, 0];
const GREEN: [u8; 3] = [0, 255, 0];
const BLUE: [u8; 3] = [0, 0, 255];
const WHITE: [u8; 3] = [255, 255, 255];
const BLACK: [u8; 3] = [0, 0, 0];

fn render(studio: &mut Studio, input: &Value) -> Result<Value, KindError> {
    studio.run("video.generate", input, &Value::Null)
}

/// Whether two colours are as close as lossy coding leaves them.
fn close(seen: [u8; 3], wanted: [u8; 3]) -> bool {
    seen.iter().zip(wanted).all(|(&seen, wanted)| seen.abs_diff(wanted) <= 24)
}

/// The frames of a rendered job.
fn shots(studio: &mut Studio, input: &Value) -> Vec<Frame> {
    render(studio, input).unwrap();
    film::frames(&studio.artifact_path("video.mp4")).into_iter().map(|(_, frame)| frame).collect()
}

#[track_caller]
fn sees(frame: &Frame, x: usize, y: usize, wanted: [u8; 3]) {
    let seen = frame.at(x, y);
    assert!(close(seen, wanted), "at {x},{y}: {seen:?} instead of {wanted:?}");
}

fn faults(input: &Value) -> Vec<(String, String)> {
    let faults = VideoGenerate.check(input, &Value::Null).map(|_| ()).unwrap_err();
    faults.into_iter().map(|fault| (fault.pointer, fault.message)).collect()
}

#[test]
fn the_smallest_input_of_the_contract_works() {
    let mut studio = Studio::new();
    let photo = studio.quarters(1, 400, 300);
    let input = json!({"output": {"width": 1280, "height": 720, "fps": 30},
        "tracks": [{"clips": [{"type": "image", "source": photo, "length": 3}]}]});
    let output = render(&mut studio, &input).unwrap();
    assert_eq!((output["frames"].as_u64(), output["seconds"].as_f64()), (Some(90), Some(3.0)));
    assert_eq!(studio.artifacts(), ["video.mp4", "poster.jpg", "manifest.json"]);
    let poster = image::load_from_memory(&studio.artifact("poster.jpg")).unwrap();
    assert_eq!((poster.width(), poster.height()), (1280, 720));
}

#[test]
fn an_estimate_is_that_of_the_measured_composition_times_pixels_and_frames() {
    let clip = |length: f64| json!({"type": "title", "text": "x", "length": length});
    let estimate = |output: Value, preview: Value| {
        let mut input = json!({"output": output, "tracks": [{"clips": [clip(4.0), clip(6.0)]}]});
        if preview.is_object() {
            input["preview"] = preview;
        }
        VideoGenerate.estimate(&input, &Value::Null)
    };
    let whole = estimate(json!({"width": 1280, "height": 720, "fps": 30}), Value::Null);
    assert_eq!((whole.output_seconds, whole.warnings.len()), (Some(10.0), 0));
    assert!((whole.cpu_seconds.unwrap() - 5.51).abs() < 1e-9);
    let small = estimate(json!({"width": 640, "height": 360, "fps": 30, "preset": "slow"}), Value::Null);
    assert!((small.cpu_seconds.unwrap() - 5.51 / 4.0).abs() < 1e-9);
    assert_eq!(small.warnings.len(), 1, "{:?}", small.warnings);
    let part = json!({"start": 2, "end": 4, "scale": 0.5});
    let part = estimate(json!({"width": 1280, "height": 720, "fps": 30}), part);
    assert_eq!(part.output_seconds, Some(2.0));
    assert!((part.cpu_seconds.unwrap() - 5.51 / 20.0).abs() < 1e-9);
}

#[test]
fn the_file_is_tagged_and_has_exactly_the_frames_asked_for() {
    let mut studio = Studio::new();
    let input = json!({"output": {"width": 320, "height": 180, "fps": 29.97, "preset": "ultrafast"},
        "tracks": [{"clips": [{"type": "color", "color": "#336699", "length": 2}]}],
        "captions": {"language": "pt-br", "cues": [{"start": 0.2, "end": 1.2, "text": "Olá"}]}});
    render(&mut studio, &input).unwrap();
    let path = studio.artifact_path("video.mp4");
    let file = format::input(&path).unwrap();
    let kinds: Vec<_> = file.streams().map(|stream| stream.parameters().id()).collect();
    assert_eq!(kinds, [codec::Id::H264, codec::Id::AAC, codec::Id::MOV_TEXT]);
    let video = file.streams().best(media::Type::Video).unwrap();
    assert_eq!((video.frames(), f64::from(video.rate())), (60, 30_000.0 / 1001.0));
    let decoder = codec::Context::from_parameters(video.parameters()).unwrap().decoder().video().unwrap();
    assert_eq!(decoder.color_space(), color::Space::BT709);
    assert_eq!(decoder.color_range(), color::Range::MPEG);
    assert_eq!(decoder.color_primaries(), color::Primaries::BT709);
    assert_eq!(decoder.color_transfer_characteristic(), color::TransferCharacteristic::BT709);
    let text = file.stream(2).unwrap();
    assert_eq!(text.metadata().get("language"), Some("por"));
    let bytes = studio.artifact("video.mp4");
    let place = |name: &[u8]| bytes.windows(4).position(|four| four == name).unwrap();
    assert!(place(b"moov") < place(b"mdat"), "the index stands in front");
    assert!(
        String::from_utf8(studio.artifact("captions.vtt")).unwrap().contains("00:00:00.200 --> 00:00:01.200")
    );
}

#[test]
fn cover_fills_contain_shows_all_and_stretch_bends() {
    let mut studio = Studio::new();
    let photo = studio.quarters(1, 200, 200);
    let clip = |fit: &str| json!({"type": "image", "source": photo, "length": 0.2, "fit": fit});
    let clips = json!([clip("cover"), clip("contain"), clip("stretch"), clip("blur_pad")]);
    let shots = shots(&mut studio, &one_track(&clips));
    let corner = |frame: usize, wanted| sees(&shots[frame], 4, 4, wanted);
    corner(0, RED);
    corner(2, BLACK);
    corner(4, RED);
    sees(&shots[2], 60, 20, RED);
    sees(&shots[2], 100, 70, WHITE);
    sees(&shots[4], 150, 20, GREEN);
    assert!(!close(shots[6].at(4, 40), BLACK), "blur-pad leaves no black bars");
    sees(&shots[6], 60, 20, RED);
}

#[test]
fn crop_shows_its_region_alone() {
    let mut studio = Studio::new();
    let photo = studio.quarters(1, 320, 180);
    let region = json!({"x": 0.5, "y": 0, "width": 0.5, "height": 0.5});
    let clips = json!([{"type": "image", "source": photo, "length": 0.1, "fit": "crop", "region": region}]);
    let shots = shots(&mut studio, &one_track(&clips));
    for (x, y) in [(3, 3), (156, 3), (3, 86), (156, 86)] {
        sees(&shots[0], x, y, GREEN);
    }
}

#[test]
fn the_nine_positions_are_where_they_say() {
    let mut studio = Studio::new();
    let places = [
        ("top_left", (20, 11)),
        ("top", (80, 11)),
        ("top_right", (140, 11)),
        ("left", (20, 45)),
        ("center", (80, 45)),
        ("right", (140, 45)),
        ("bottom_left", (20, 79)),
        ("bottom", (80, 79)),
        ("bottom_right", (140, 79)),
    ];
    let clip = |position: &str| json!({"type": "color", "color": "#ffffff", "length": 0.1, "width": 0.2, "height": 0.2, "position": position});
    let clips: Vec<Value> = places.iter().map(|(position, _)| clip(position)).collect();
    let shots = shots(&mut studio, &one_track(&json!(clips)));
    for (index, (_, (x, y))) in places.iter().enumerate() {
        sees(&shots[index], *x, *y, WHITE);
        let lit = places.iter().filter(|(_, (x, y))| close(shots[index].at(*x, *y), WHITE)).count();
        assert_eq!(lit, 1, "{}", places[index].0);
    }
}

#[test]
fn offset_scale_and_opacity_do_what_they_say() {
    let mut studio = Studio::new();
    let clips = json!([{"type": "color", "color": "#ffffff", "length": 0.1, "scale": 0.5, "position": "top_left",
        "offset": {"x": 0.25, "y": 0.25}, "opacity": 0.5}]);
    let shots = shots(&mut studio, &one_track(&clips));
    sees(&shots[0], 80, 45, [128, 128, 128]);
    sees(&shots[0], 30, 45, BLACK);
    sees(&shots[0], 80, 10, BLACK);
}

#[test]
fn upper_tracks_lie_over_lower_ones() {
    let mut studio = Studio::new();
    let mut input = one_track(&json!([{"type": "color", "color": "#ff0000", "length": 1}]));
    let logo = json!({"type": "color", "color": "#0000ff", "start": 0.5, "length": "end", "scale": 0.3, "position": "bottom_right"});
    input["tracks"].as_array_mut().unwrap().push(json!({"clips": [logo]}));
    let shots = shots(&mut studio, &input);
    assert_eq!(shots.len(), 10);
    sees(&shots[4], 150, 80, RED);
    sees(&shots[5], 150, 80, BLUE);
    sees(&shots[9], 150, 80, BLUE);
    sees(&shots[9], 10, 10, RED);
}

#[test]
fn every_transition_begins_with_the_old_and_ends_with_the_new_picture() {
    let kinds = [
        "fade",
        "fade_black",
        "fade_white",
        "dissolve",
        "wipe_left",
        "wipe_right",
        "wipe_up",
        "wipe_down",
        "slide_left",
        "slide_right",
        "slide_up",
        "slide_down",
        "circle",
        "circle_close",
        "zoom",
    ];
    for kind in kinds {
        let mut studio = Studio::new();
        let clips = json!([
            {"type": "color", "color": "#ff0000", "length": 1.2},
            {"type": "color", "color": "#0000ff", "length": 1.2, "transition": {"type": kind, "duration": 1}},
        ]);
        let shots = shots(&mut studio, &one_track(&clips));
        assert_eq!(shots.len(), 14, "{kind}");
        for (x, y) in [(2, 2), (80, 45), (157, 87)] {
            assert!(close(shots[1].at(x, y), RED) && close(shots[12].at(x, y), BLUE), "{kind}");
        }
        let middle = &shots[6];
        let changed = [(2, 2), (157, 2), (80, 45), (2, 87), (157, 87), (80, 2)];
        assert!(
            changed.iter().any(|&(x, y)| !close(middle.at(x, y), RED)),
            "{kind} has done nothing half-way"
        );
    }
}

#[test]
fn wipes_and_slides_go_the_way_they_are_named() {
    let shown = |kind: &str| {
        let mut studio = Studio::new();
        let clips = json!([
            {"type": "color", "color": "#ff0000", "length": 1.2},
            {"type": "color", "color": "#0000ff", "length": 1.2, "transition": {"type": kind, "duration": 1}},
        ]);
        let shots = shots(&mut studio, &one_track(&clips));
        let at = |x, y| close(shots[5].at(x, y), BLUE);
        [at(4, 45), at(155, 45), at(80, 4), at(80, 85)]
    };
    // At a little less than half: left, right, top, bottom.
    assert_eq!(shown("wipe_left"), [false, true, false, false]);
    assert_eq!(shown("slide_right"), [true, false, false, false]);
    assert_eq!(shown("wipe_up"), [false, false, false, true]);
    assert_eq!(shown("slide_down"), [false, false, true, false]);
}

#[test]
fn a_fade_through_black_is_black_half_way() {
    let mut studio = Studio::new();
    let clips = json!([
        {"type": "color", "color": "#ffffff", "length": 1.2},
        {"type": "color", "color": "#ffffff", "length": 1.2, "transition": {"type": "fade_black", "duration": 1}},
    ]);
    let shots = shots(&mut studio, &one_track(&clips));
    let middle = shots[6].at(80, 45)[0].min(shots[7].at(80, 45)[0]);
    assert!(middle < 50, "{middle}");
}

#[test]
fn a_camera_move_is_even_to_a_fraction_of_a_pixel() {
    let mut studio = Studio::new();
    // A soft bright bar: its centre of mass tells to a hundredth of a pixel where the camera is.
    let bar = image::GrayImage::from_fn(1280, 720, |x, _| {
        let distance = (f64::from(x) - 640.0) / 30.0;
        image::Luma([(230.0 * (-distance * distance).exp()) as u8])
    });
    bar.save(studio.path("bar.png")).unwrap();
    let source = studio.name_file(1, "bar.png");
    let motion = json!({"type": "pan_right", "amount": 0.3, "easing": "linear"});
    // Lossless: the encoder would leave out steps as small as these.
    let input = json!({"output": {"width": 640, "height": 360, "fps": 25, "crf": 0, "preset": "ultrafast"},
        "tracks": [{"clips": [{"type": "image", "source": source, "length": 4, "motion": motion}]}]});
    let shots = shots(&mut studio, &input);
    let centre = |frame: &Frame| {
        let weights = (0..640).map(|x| (x as f64, f64::from(frame.at(x, 180)[0].saturating_sub(8))));
        let (moment, weight) =
            weights.fold((0.0, 0.0), |sum, (x, weight)| (sum.0 + x * weight, sum.1 + weight));
        moment / weight
    };
    let centres: Vec<f64> = shots.iter().map(centre).collect();
    let steps: Vec<f64> = centres.windows(2).map(|two| two[0] - two[1]).collect();
    let wanted = 640.0 * 0.3 / 99.0;
    for (index, step) in steps.iter().enumerate() {
        assert!((step - wanted).abs() < 0.1, "frame {index} moves by {step} pixels instead of {wanted}");
    }
}

#[test]
fn exif_orientation_is_honoured() {
    let mut studio = Studio::new();
    studio.quarters(9, 180, 320);
    // An upright JPEG that says it must be turned clockwise: its lower left corner comes to the top left.
    let mut jpeg = Vec::new();
    let picture = image::open(studio.path("9.png")).unwrap().to_rgb8();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 95).encode_image(&picture).unwrap();
    let mut exif =
        b"\xFF\xE1\x00\x22Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
            .to_vec();
    exif.splice(0..0, [0xFF, 0xD8]);
    exif.extend(&jpeg[2..]);
    std::fs::write(studio.path("turned.jpg"), exif).unwrap();
    let source = studio.name_file(1, "turned.jpg");
    let shots = shots(&mut studio, &one_track(&json!([{"type": "image", "source": source, "length": 0.1}])));
    sees(&shots[0], 10, 10, BLUE);
    sees(&shots[0], 150, 10, RED);
    sees(&shots[0], 10, 80, WHITE);
    sees(&shots[0], 150, 80, GREEN);
}

#[test]
fn a_phone_clip_is_turned_and_its_uneven_frames_come_at_their_time() {
    let mut studio = Studio::new();
    // Frames at uneven times; each is brighter than the one before, and dark in its left half.
    let times = [0, 90, 210, 500, 580, 900];
    film::write(
        &studio.path("clip.mp4"),
        (160, 90),
        &times,
        |n, x, _| if x < 80 { 16 } else { 60 + 30 * n as u8 },
    );
    film::turn_clockwise(&studio.path("clip.mp4"));
    let source = studio.name_file(1, "clip.mp4");
    let mut input = one_track(&json!([{"type": "video", "source": source, "length": 1, "fit": "contain"}]));
    input["output"]["width"] = json!(90);
    input["output"]["height"] = json!(160);
    let shots = shots(&mut studio, &input);
    assert_eq!(shots.len(), 10);
    // Turned clockwise, what was left is on top.
    assert!(shots.iter().all(|frame| frame.at(45, 20)[0] < 10));
    let levels: Vec<u8> = shots.iter().map(|frame| frame.at(45, 140)[0]).collect();
    let shown = |n: u8| (f64::from(60 + 30 * n - 16) * 255.0 / 219.0).round() as u8;
    for (frame, n) in [(0, 0), (1, 1), (2, 2), (3, 2), (4, 2), (5, 3), (6, 4), (8, 4), (9, 5)] {
        assert!(levels[frame].abs_diff(shown(n)) <= 4, "frame {frame}: {levels:?}");
    }
}

#[test]
fn trim_and_speed_choose_the_frames_and_the_length() {
    let mut studio = Studio::new();
    let times: Vec<i64> = (0..40).map(|n| n * 100).collect();
    film::write(&studio.path("clip.mp4"), (160, 90), &times, |n, _, _| 20 + 5 * n as u8);
    let source = studio.name_file(1, "clip.mp4");
    let clip = json!({"type": "video", "source": source, "trim_start": 1, "trim_end": 3, "speed": 2});
    let shots = shots(&mut studio, &one_track(&json!([clip])));
    assert_eq!(shots.len(), 10);
    let level = |n: usize| ((20 + 5 * n - 16) as f64 * 255.0 / 219.0).round() as u8;
    for (index, frame) in shots.iter().enumerate() {
        let seen = frame.at(80, 45)[0];
        assert!(seen.abs_diff(level(10 + 2 * index)) <= 7, "frame {index}: {seen}");
    }
}

#[test]
fn words_are_drawn_in_their_colour_and_place() {
    let mut studio = Studio::new();
    let text = |fields: &Value| {
        let mut clip = json!({"type": "text", "text": "█", "length": 0.1, "size": 20, "font": "DejaVu Sans", "color": "#00ff00"});
        clip.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        clip
    };
    let clips = json!([
        text(&json!({"position": "left"})),
        text(&json!({"position": "right"})),
        text(&json!({"box": {"color": "#ff0000", "padding": 2}}))
    ]);
    let shots = shots(&mut studio, &one_track(&clips));
    let count = |frame: &Frame, wanted: [u8; 3], from: usize, to: usize| {
        (from..to)
            .flat_map(|x| (0..90).map(move |y| (x, y)))
            .filter(|&(x, y)| close(frame.at(x, y), wanted))
            .count()
    };
    assert!(count(&shots[0], GREEN, 0, 40) > 50 && count(&shots[0], GREEN, 80, 160) == 0);
    assert!(count(&shots[1], GREEN, 120, 160) > 50 && count(&shots[1], GREEN, 0, 80) == 0);
    assert!(count(&shots[2], RED, 0, 160) > 1000 && count(&shots[2], GREEN, 60, 100) > 50);
}

#[test]
fn captions_are_burned_while_their_cue_lasts() {
    let mut studio = Studio::new();
    let mut input = one_track(&json!([{"type": "color", "color": "#336699", "length": 1}]));
    input["captions"] =
        json!({"cues": [{"start": 0.3, "end": 0.6, "text": "Legenda"}], "style": {"size": 0.2}});
    let shots = shots(&mut studio, &input);
    let bright = |frame: &Frame| {
        (0..160).any(|x| (50..90).any(|y| frame.at(x, y).iter().all(|&channel| channel > 220)))
    };
    let seen: Vec<bool> = shots.iter().map(bright).collect();
    assert_eq!(seen, [false, false, false, true, true, true, false, false, false, false]);
}

#[test]
fn a_preview_is_the_same_part_of_the_video_and_smaller() {
    let mut studio = Studio::new();
    let mut input = one_track(&json!([
        {"type": "color", "color": "#ff0000", "length": 1},
        {"type": "color", "color": "#0000ff", "length": 1},
    ]));
    input["preview"] = json!({"start": 0.8, "end": 1.3, "scale": 0.5});
    let output = render(&mut studio, &input).unwrap();
    assert_eq!(
        (output["frames"].as_u64(), output["width"].as_u64(), output["height"].as_u64()),
        (Some(5), Some(80), Some(46))
    );
    let frames = film::frames(&studio.artifact_path("video.mp4"));
    sees(&frames[1].1, 40, 20, RED);
    sees(&frames[2].1, 40, 20, BLUE);
}

#[test]
fn the_manifest_names_every_input_by_its_hash() {
    let mut studio = Studio::new();
    let photo = studio.quarters(1, 64, 64);
    render(&mut studio, &one_track(&json!([{"type": "image", "source": photo, "length": 0.2}]))).unwrap();
    let manifest: Value = serde_json::from_slice(&studio.artifact("manifest.json")).unwrap();
    assert_eq!(manifest["inputs"][0]["name"], upload(1));
    assert_eq!(manifest["inputs"][0]["sha256"].as_str().map(str::len), Some(64));
    assert_eq!(manifest["video"]["frames"], 2);
    assert_eq!(manifest["settings"]["output"]["crf"], 5);
    assert!(manifest["versions"]["libavcodec"].as_str().is_some_and(|version| version.contains('.')));
    assert_eq!(manifest["audio"]["silent"], true);
    assert!(
        !String::from_utf8(studio.artifact("manifest.json"))
            .unwrap()
            .contains(studio.path("").to_str().unwrap())
    );
}

#[test]
fn a_broken_file_is_a_permanent_error_that_names_its_clip_and_no_path() {
    let mut studio = Studio::new();
    std::fs::write(studio.path("broken"), b"neither a picture nor a film").unwrap();
    let source = studio.name_file(1, "broken");
    for kind in ["image", "video"] {
        let clips = json!([{"type": "color", "color": "red", "length": 1}, {"type": kind, "source": source, "length": 1}]);
        let error = render(&mut studio, &one_track(&clips)).unwrap_err();
        assert!(!error.retryable);
        assert_eq!(error.code, format!("{kind}_unreadable"));
        assert!(error.message.starts_with("/input/tracks/0/clips/1:"), "{error}");
        assert!(!error.message.contains(studio.path("").to_str().unwrap()), "{error}");
    }
}

#[test]
fn a_picture_of_many_pixels_is_refused_by_its_header() {
    let mut studio = Studio::new();
    let photo = studio.quarters(1, 200, 200);
    let input = one_track(&json!([{"type": "image", "source": photo, "length": 1}]));
    let error = studio.run("video.generate", &input, &json!({"max_image_pixels": 39_999})).unwrap_err();
    assert_eq!((error.code.as_str(), error.retryable), ("image_too_large", false));
    assert!(error.message.contains("200 × 200"), "{error}");
}

#[test]
fn limits_are_told_at_submit_with_their_place() {
    let clip = json!({"type": "color", "color": "red", "length": 10});
    let with = |pointer: &str, value: Value| {
        let mut input = one_track(&json!([clip]));
        *input.pointer_mut(pointer).unwrap() = value;
        faults(&input).into_iter().map(|(pointer, _)| pointer).collect::<Vec<_>>()
    };
    assert_eq!(with("/output/width", json!(161)), ["/output/width"]);
    assert_eq!(with("/output/width", json!(100_000)), ["/output/width", "/output"]);
    assert_eq!(with("/output/fps", json!(0)), ["/output/fps"]);
    assert_eq!(with("/tracks/0/clips/0/length", json!(100_000)), ["/tracks/0/clips/0/length"]);
    assert_eq!(with("/tracks/0/clips/0/length", json!(-1)), ["/tracks/0/clips/0/length"]);
    assert_eq!(with("/tracks/0/clips/0/color", json!("reddish")), ["/tracks/0/clips/0/color"]);
    assert_eq!(with("/tracks/0/clips", json!([])), ["/tracks"]);
}

#[test]
fn a_fault_of_form_hides_no_fault_of_value() {
    let input = json!({
        "output": {"width": 161, "height": "high", "fps": 900},
        "tracks": [{"clips": [
            {"type": "color", "color": "red", "length": -1, "colour": "blue"},
            {"type": "movie", "speed": 99},
            {"type": "image", "source": 7, "length": 1, "opacity": 5},
            {"type": "image", "source": "ftp://example.com/a.png", "length": 1},
        ]}],
        "captions": {"language": "pt-br", "cues": "none"},
    });
    let mut found: Vec<String> = faults(&input).into_iter().map(|(pointer, _)| pointer).collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            "/captions/cues",
            "/output/fps",
            "/output/height",
            "/output/width",
            "/tracks/0/clips/0/colour",
            "/tracks/0/clips/0/length",
            "/tracks/0/clips/1/type",
            "/tracks/0/clips/2/source",
            "/tracks/0/clips/3/source",
        ]
    );
}

#[test]
fn a_file_that_is_named_by_no_known_scheme_is_refused_at_its_place() {
    for source in ["ftp://example.com/a.png", "/etc/passwd", "file:///etc/passwd", "upload://nonsense"] {
        let found = faults(&one_track(&json!([{"type": "image", "source": source, "length": 1}])));
        assert_eq!(found[0].0, "/tracks/0/clips/0/source");
    }
}

#[test]
fn a_missing_merge_field_is_named() {
    let found = faults(&one_track(&json!([{"type": "title", "text": "Olá, {{NAME}}", "length": 1}])));
    assert_eq!(found[0].0, "/tracks/0/clips/0/text");
    assert!(found[0].1.contains("{{NAME}}"));
}

#[test]
fn a_job_stopped_between_two_frames_leaves_no_artifact() {
    let mut studio = Studio::new();
    studio.stop_at("frame 1 of");
    let error = render(&mut studio, &one_track(&json!([{"type": "color", "color": "red", "length": 60}])))
        .unwrap_err();
    assert_eq!(error.code, "cancelled");
    assert!(studio.artifacts().is_empty());
    assert!(!studio.artifact_path("video.mp4").exists());
}
