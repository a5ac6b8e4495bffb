//! Which captions does a file hold? SRT or WebVTT, told apart by the first word.

use super::cue::Cue;
use super::limits::CaptionLimits;
use super::{srt, text, time, vtt};

/// Why a file or list cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadCaptions {
    /// The bytes are no text that captions are written in.
    #[error("{0}")]
    NotText(String),
    /// There is more of it than is allowed.
    #[error("{0}")]
    TooMuch(String),
    /// A cue cannot be, by its number in the file or list (from 1).
    #[error("cue {number}: {fault}")]
    Cue {
        /// Its number, from 1.
        number: usize,
        /// What is wrong, with the line or the second.
        fault: String,
    },
}

impl BadCaptions {
    /// The cue of that number, from 1, is at fault.
    pub(super) fn cue(number: usize, fault: impl Into<String>) -> Self {
        Self::Cue { number, fault: fault.into() }
    }
}

/// Reads SRT or WebVTT, whichever it is, in the order of the file: not yet tidied or broken into lines.
///
/// A byte order mark, any line ends, missing hours and numbers, coordinates, cue settings, styles and
/// notes are understood; tags are dropped. A time that cannot be read is an error, for a caption
/// that silently fails to appear is worse.
///
/// # Errors
/// The first cue that cannot be read, by its number.
pub fn parse(bytes: &[u8], limits: &CaptionLimits) -> Result<Vec<Cue>, BadCaptions> {
    if bytes.len() as u64 > limits.max_bytes {
        let (has, most) = (bytes.len(), limits.max_bytes);
        return Err(BadCaptions::TooMuch(format!("the file has {has} bytes; {most} are allowed")));
    }
    let content = decode(bytes)?.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = content.split('\n').collect();
    let webvtt = lines.first().is_some_and(|line| vtt::is_head(line));
    let raw = if webvtt { vtt::split(&lines) } else { srt::split(&lines)? };
    if raw.len() > limits.max_cues {
        let (has, most) = (raw.len(), limits.max_cues);
        return Err(BadCaptions::TooMuch(format!("there are {has} cues; {most} are allowed")));
    }
    raw.into_iter().enumerate().map(|(index, raw)| raw.read(index + 1, !webvtt, limits)).collect()
}

/// A cue as it stands in the file.
pub(super) struct RawCue {
    /// The number of its timing line, from 1.
    pub line: usize,
    pub timing: String,
    pub payload: String,
}

impl RawCue {
    fn read(self, number: usize, blocks: bool, limits: &CaptionLimits) -> Result<Cue, BadCaptions> {
        let (start, end) = time::parse_line(&self.timing).ok_or_else(|| {
            let seen: String = self.timing.chars().take(60).collect();
            BadCaptions::cue(number, format!("line {}: {seen:?} is not a pair of times", self.line))
        })?;
        let text = text::plain(&self.payload, blocks);
        let chars = text.chars().count();
        if chars > limits.max_cue_chars {
            let (at, most) = (time::spoken(start), limits.max_cue_chars);
            return Err(BadCaptions::cue(number, format!("at {at}: {chars} characters; {most} are allowed")));
        }
        Ok(Cue { start, end, text })
    }
}

/// Text in UTF-8, or in UTF-16 behind its mark. Older code pages cannot be told apart, so that
/// guessing would put wrong letters into the picture.
fn decode(bytes: &[u8]) -> Result<String, BadCaptions> {
    let wide = |order: fn([u8; 2]) -> u16| {
        let units = bytes[2..].as_chunks::<2>().0.iter().map(|pair| order(*pair));
        char::decode_utf16(units).collect::<Result<String, _>>()
    };
    let text = match bytes {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes).map_err(|_| "the file is not valid UTF-16".to_owned()),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes).map_err(|_| "the file is not valid UTF-16".to_owned()),
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest),
        _ => utf8(bytes),
    };
    text.map_err(BadCaptions::NotText)
}

fn utf8(bytes: &[u8]) -> Result<String, String> {
    String::from_utf8(bytes.to_vec()).map_err(|error| {
        let line = bytes[..error.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count() + 1;
        format!("line {line} is not UTF-8; save the file in that encoding")
    })
}

#[cfg(test)]
mod tests {
    use super::super::{tidy, wrap, write_srt, write_vtt};
    use super::*;
    use proptest::prelude::*;

    fn read(file: &str) -> Vec<Cue> {
        parse(file.as_bytes(), &CaptionLimits::default()).unwrap()
    }

    #[test]
    fn real_srt_with_mark_carriage_returns_tags_and_coordinates_is_read() {
        let file = "\u{feff}1\r\n00:00:01,000 --> 00:00:02,500 X1:10 X2:20\r\n<i>Olá</i>,\r\nmundo\r\n\r\n\r\n2\r\n0:03,5 --> 0:04\r\n- A\r\n- B\r\n";
        assert_eq!(read(file), [Cue::new(1000, 2500, "Olá,\nmundo"), Cue::new(3500, 4000, "- A\n- B")]);
    }

    #[test]
    fn real_webvtt_with_notes_styles_settings_and_missing_hours_is_read() {
        let file = "WEBVTT - a title\nKind: captions\n\nSTYLE\n::cue { color: red }\n\nNOTE not shown\nnor this\n\n\
            intro\n00:01.000 --> 00:02.000 align:start\n<v Ann>Hello &amp; <b>welcome</b>\n\n\
            00:00:03.000 --> 00:00:04.000\nsecond\nline\n";
        assert_eq!(
            read(file),
            [Cue::new(1000, 2000, "Hello & welcome"), Cue::new(3000, 4000, "second\nline")]
        );
    }

    #[test]
    fn utf16_behind_its_mark_is_read_and_a_code_page_refused_with_its_line() {
        let text = "1\n00:00:01,000 --> 00:00:02,000\né 😀\n";
        let wide: Vec<u8> =
            [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(parse(&wide, &CaptionLimits::default()).unwrap(), [Cue::new(1000, 2000, "é 😀")]);
        let latin = b"1\n00:00:01,000 --> 00:00:02,000\nol\xe1\n";
        let error = parse(latin, &CaptionLimits::default()).unwrap_err().to_string();
        assert!(error.contains("line 3"), "{error}");
    }

    #[test]
    fn a_broken_time_is_an_error_that_names_cue_and_line() {
        for file in [
            "1\n00:00:01,000 --> 00:00:02,000\na\n\n2\n00:00:61,000 --> 00:00:02,000\nb\n",
            "WEBVTT\n\n00:01.000 --> 00:02.000\na\n\n\n00:0x.000 --> 00:02.000\nb\n",
        ] {
            let error = parse(file.as_bytes(), &CaptionLimits::default()).unwrap_err().to_string();
            assert!(error.starts_with("cue 2: line "), "{error}");
        }
    }

    #[test]
    fn something_else_is_refused_and_nothing_is_nothing() {
        for file in ["hello there\n", "<html></html>", "{\"a\":1}"] {
            assert!(parse(file.as_bytes(), &CaptionLimits::default()).is_err(), "{file}");
        }
        assert!(read("WEBVTT").is_empty());
        assert!(read("\n\n").is_empty());
    }

    #[test]
    fn limits_are_kept() {
        let limits = CaptionLimits { max_bytes: 200, max_cues: 2, max_cue_chars: 5 };
        let cue = |text: &str| format!("1\n00:00:01,000 --> 00:00:02,000\n{text}\n\n");
        assert!(parse(cue("12345").as_bytes(), &limits).is_ok());
        assert!(parse(cue("123456").as_bytes(), &limits).is_err());
        assert!(parse(cue("a").repeat(3).as_bytes(), &limits).is_err());
        assert!(parse(" ".repeat(201).as_bytes(), &limits).is_err());
    }

    /// Cues in order and apart, with any text that cues can keep.
    fn cues(text: &'static str) -> impl Strategy<Value = Vec<Cue>> {
        prop::collection::vec((1_u64..5000, 1_u64..100_000, text), 0..20).prop_map(|parts| {
            let mut at = 0;
            let whole = parts.into_iter().map(|(gap, length, text)| {
                let start = at + gap;
                at = start + length;
                Cue::new(start, at, text::clean(&text))
            });
            whole.filter(|cue| !cue.text.is_empty()).collect()
        })
    }

    proptest! {
        #[test]
        fn webvtt_reads_back_what_it_wrote(cues in cues("(?s).{0,60}")) {
            let file = write_vtt(&cues);
            prop_assert_eq!(read(&file), cues, "{}", file);
        }

        #[test]
        fn srt_reads_back_what_it_wrote(cues in cues("[^<{&>]{0,60}")) {
            let file = write_srt(&cues);
            prop_assert_eq!(read(&file), cues, "{}", file);
        }

        #[test]
        fn no_bytes_make_anything_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = parse(&bytes, &CaptionLimits::default());
        }

        #[test]
        fn no_nearly_right_file_makes_anything_panic(
            file in "(WEBVTT\n\n)?(([0-9]{1,2}\n)?[0-9]{2}:[0-9]{2}[.,:][0-9]{1,3} --> [0-9]{2}:[0-9]{2}[.,][0-9]{3}\n[a<&{>/;\\\\}#漢 😀\n]{0,20}\n){0,6}"
        ) {
            let Ok(cues) = parse(file.as_bytes(), &CaptionLimits::default()) else { return Ok(()) };
            let Ok(cues) = tidy(cues, super::super::Overlap::Settle) else { return Ok(()) };
            for pair in cues.windows(2) {
                prop_assert!(pair[0].end <= pair[1].start);
            }
            for cue in &cues {
                let _ = wrap(cue, &super::super::LineRules::default());
            }
            let _ = (write_srt(&cues), super::super::mov_text_packets(&cues, 10_000));
        }
    }
}
