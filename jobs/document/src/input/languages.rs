//! Which language does a code name, and which model of tesseract reads it?

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// Bytes of a tag; BCP 47 asks software for no more.
const TAG_BYTES: usize = 35;

/// A language that may stand in pictures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub enum Language {
    /// To be found out.
    Auto,
    /// This one.
    Known {
        /// As it was given.
        tag: String,
        /// The model that reads it.
        model: &'static str,
    },
}

impl Language {
    /// The model that reads it; none when that is to be found out.
    #[must_use]
    pub fn ocr_model(&self) -> Option<&'static str> {
        match self {
            Self::Auto => None,
            Self::Known { model, .. } => Some(model),
        }
    }
}

// By hand: a derived one takes the name of the model for something borrowed from the input.
impl<'de> Deserialize<'de> for Language {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl TryFrom<String> for Language {
    type Error = String;

    fn try_from(tag: String) -> Result<Self, String> {
        if tag == "auto" {
            return Ok(Self::Auto);
        }
        match model(&tag) {
            Some(model) => Ok(Self::Known { tag, model }),
            None => Err("there is no such language to read: give a code such as \"por\", \"pt-BR\" or \"eng\", or \"auto\""
                .to_owned()),
        }
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        match language {
            Language::Auto => "auto".to_owned(),
            Language::Known { tag, .. } => tag,
        }
    }
}

impl JsonSchema for Language {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Language".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^(auto|[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*)$",
            "maxLength": TAG_BYTES,
        })
    }
}

/// The model for a tag of BCP 47 or a code of ISO 639.
fn model(tag: &str) -> Option<&'static str> {
    let lower = tag.to_ascii_lowercase();
    let mut parts = lower.split('-');
    let first = parts.next()?;
    let well_formed =
        parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    if tag.len() > TAG_BYTES || !well_formed {
        return None;
    }
    let model =
        LANGUAGES.iter().find(|names| names.split(' ').any(|name| name == first))?.split(' ').next()?;
    let traditional = lower.split('-').any(|part| matches!(part, "hant" | "tw" | "hk" | "mo"));
    match model {
        "zho" if traditional => Some("chi_tra"),
        "zho" => Some("chi_sim"),
        model => Some(model),
    }
}

/// Languages that tesseract has a model for: its name, which is that of ISO 639-2/T, then the other codes of ISO 639-1 and
/// 639-2/B. Chinese has a model for each script.
#[rustfmt::skip]
const LANGUAGES: [&str; 103] = [
    "afr af", "amh am", "ara ar", "asm as", "aze az", "bel be", "ben bn", "bod bo tib", "bos bs", "bre br",
    "bul bg", "cat ca", "ceb", "ces cs cze", "cos co", "cym cy wel", "dan da", "deu de ger", "div dv", "ell el gre",
    "eng en", "epo eo", "est et", "eus eu baq", "fao fo", "fas fa per", "fil tl tgl", "fin fi", "fra fr fre", "fry fy",
    "gla gd", "gle ga", "glg gl", "guj gu", "hat ht", "heb he iw", "hin hi", "hrv hr", "hun hu", "hye hy arm",
    "iku iu", "ind id", "isl is ice", "ita it", "jav jv", "jpn ja", "kan kn", "kat ka geo", "kaz kk", "khm km",
    "kir ky", "kor ko", "lao lo", "lat la", "lav lv", "lit lt", "ltz lb", "mal ml", "mar mr", "mkd mk mac",
    "mlt mt", "mon mn", "mri mi mao", "msa ms may", "mya my bur", "nep ne", "nld nl dut", "nor no nb nob nn nno", "oci oc", "ori or",
    "pan pa", "pol pl", "por pt", "pus ps", "que qu", "ron ro rum", "rus ru", "san sa", "sin si", "slk sk slo",
    "slv sl", "snd sd", "spa es", "sqi sq alb", "srp sr", "sun su", "swa sw", "swe sv", "syr", "tam ta",
    "tat tt", "tel te", "tgk tg", "tha th", "tir ti", "ton to", "tur tr", "uig ug", "ukr uk", "urd ur",
    "uzb uz", "vie vi", "zho zh chi",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_code_names_its_model() {
        for (tag, wanted) in [
            ("por", "por"),
            ("pt", "por"),
            ("pt-BR", "por"),
            ("ENG", "eng"),
            ("ger", "deu"),
            ("de-CH-1996", "deu"),
            ("zh", "chi_sim"),
            ("zh-Hant-TW", "chi_tra"),
            ("nb", "nor"),
        ] {
            assert_eq!(model(tag), Some(wanted), "{tag}");
        }
    }

    #[test]
    fn what_names_no_language_is_refused() {
        for tag in [
            "",
            "xx",
            "portuguese",
            "pt_BR",
            "pt-",
            "pt-ç",
            "por+eng",
            "../por",
            &format!("pt{}", "-abc".repeat(20)),
        ] {
            assert!(Language::try_from(tag.to_owned()).is_err(), "{tag}");
        }
        assert_eq!(Language::try_from("auto".to_owned()), Ok(Language::Auto));
    }

    #[test]
    fn no_code_names_two_languages() {
        let mut codes: Vec<&str> = LANGUAGES.iter().flat_map(|names| names.split(' ')).collect();
        let all = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all);
    }
}
