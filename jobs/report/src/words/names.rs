//! What are kinds called?

use super::{Locale, clean};

/// The name of a kind for readers; one that is not known here by its own name, uploads by theirs.
pub fn kind_name(kind: &str, locale: Locale) -> String {
    match kind {
        "" => locale.say("Arquivos enviados", "Uploads").to_owned(),
        "video.generate" => locale.say("Vídeos", "Videos").to_owned(),
        "document.extract" => locale.say("Documentos", "Documents").to_owned(),
        "media.transcribe" => locale.say("Transcrições", "Transcripts").to_owned(),
        "report.generate" => locale.say("Relatórios", "Reports").to_owned(),
        other => clean(other),
    }
}
