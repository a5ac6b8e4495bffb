//! What is to be done about a failure? A plain sentence for each code that the engine and the kinds know.

use super::Locale;

/// A code, and what to do in Portuguese and in English.
type Advice = (&'static [&'static str], &'static str, &'static str);

#[rustfmt::skip]
const ADVICE: &[Advice] = &[
    (&["image_unreadable", "video_unreadable", "sound_unreadable", "captions_unreadable", "file_unreadable"],
        "O arquivo está danificado ou não é do tipo esperado. Abra-o no seu computador; se abrir, exporte-o de novo e envie outra vez.",
        "The file is damaged or not of the expected type. Open it on your computer; if it opens, export it again and resubmit."),
    (&["image_too_large", "video_too_large", "sound_too_long", "sound_too_large", "file_too_large", "document_too_large", "file_size_limit"],
        "O arquivo passa do limite. Reduza o tamanho ou divida-o em partes, ou peça ao operador um limite maior.",
        "The file is over a limit. Make it smaller or split it, or ask the operator for a higher limit."),
    (&["clip_misplaced", "bad_clip"],
        "Com as durações reais, um clipe ou uma transição não cabe. Ajuste o início, a duração ou a transição indicada na mensagem.",
        "With the real lengths, a clip or its transition does not fit. Change the start, length or transition that the message names."),
    (&["limit_exceeded"],
        "O vídeo ficaria longo demais. Encurte os clipes ou divida-o em dois.",
        "The video would be too long. Shorten its clips, or make two of it."),
    (&["text_too_high"],
        "O texto não cabe na tela. Use menos linhas ou uma letra menor.",
        "The text does not fit the frame. Use fewer lines or a smaller size."),
    (&["sound_missing", "sound_failed"],
        "Falta som em um arquivo que deveria ter. Confira se o arquivo tem uma faixa de áudio.",
        "A file that should have sound has none. Check that it has an audio track."),
    (&["sound_unsupported"],
        "O som tem um formato ou um número de canais que não é lido aqui. Exporte-o como WAV, MP3 ou M4A, em estéreo no máximo.",
        "The sound has a format or a number of channels that is not read here. Export it as WAV, MP3 or M4A, in stereo at most."),
    (&["transcribe_failed", "transcribe_refused"],
        "O serviço de transcrição recusou a gravação; a mensagem diz por quê. Corrija o pedido e envie outra vez.",
        "The transcription service refused the recording; the message says why. Mend the request and submit again."),
    (&["speech_failed", "fonts_missing", "encoder_failed", "ocr_unavailable", "reader_missing", "model_missing",
       "model_unreadable", "processor_unfit"],
        "Falta um componente no servidor. Avise o operador e repita o trabalho depois.",
        "The server lacks a component. Tell the operator, and retry the job afterwards."),
    (&["unsupported_document"],
        "Este tipo de arquivo não é lido. Converta-o para PDF, DOCX ou imagem.",
        "This type of file is not read. Convert it to PDF, DOCX or a picture."),
    (&["empty_document"],
        "O arquivo está vazio. Confira o envio e mande-o de novo.",
        "The file is empty. Check the upload and send it again."),
    (&["malformed_document", "bad_document"],
        "O documento está danificado. Abra-o no programa em que foi feito, salve uma cópia e envie a cópia.",
        "The document is damaged. Open it in the program that made it, save a copy and send the copy."),
    (&["document_locked"],
        "O documento tem senha, e ela falta ou está errada. Informe a senha certa no campo password.",
        "The document has a password, which is missing or wrong. Give the right one in the field password."),
    (&["unsupported_encryption"],
        "O PDF usa uma proteção que não é conhecida aqui. Salve-o sem proteção e envie outra vez.",
        "The PDF is protected in a way that is not known here. Save it without protection and send it again."),
    (&["bad_input", "bad_image"],
        "O pedido tem um erro no campo indicado na mensagem. Corrija-o e envie outra vez.",
        "The request has a mistake in the field that the message names. Mend it and submit again."),
    (&["file_missing", "file_not_found", "source_refused"],
        "Um arquivo do pedido não existe mais ou não pode ser usado. Envie-o de novo e use o novo nome.",
        "A file of the request is gone or may not be used. Upload it again and use the new name."),
    (&["source_unavailable"],
        "O endereço do arquivo não respondeu. Confira se ele está no ar e repita o trabalho.",
        "The address of the file did not answer. Check that it is up, and retry the job."),
    (&["out_of_memory"],
        "O trabalho precisou de mais memória do que pode usar. Divida-o em partes menores.",
        "The job needed more memory than it may use. Split it into smaller ones."),
    (&["timeout", "cpu_limit", "stalled"],
        "O trabalho passou do tempo permitido. Divida-o, ou aumente timeout_seconds ao enviar.",
        "The job took longer than allowed. Split it, or submit it with a larger timeout_seconds."),
    (&["dependency_failed"],
        "Um trabalho do qual este dependia não deu certo. Resolva aquele primeiro e repita os dois.",
        "A job that this one depended on did not succeed. Mend that one first and retry both."),
    (&["cancelled"],
        "Foi cancelado a pedido. Se não era a intenção, repita o trabalho.",
        "It was cancelled on request. If that was not meant, retry the job."),
    (&["template_failed"],
        "O modelo do relatório tem um erro na linha indicada. Corrija-o e envie o modelo de novo.",
        "The template of the report has a mistake in the line that is named. Mend it and upload it again."),
    (&["dataset_too_large"],
        "O relatório tem dados demais. Peça um período mais curto.",
        "The report has too many data. Ask for a shorter period."),
    (&["logo_unreadable"],
        "O logotipo não é uma imagem PNG, JPEG ou WebP. Exporte-o em um desses formatos.",
        "The logo is no PNG, JPEG or WebP picture. Export it as one of these."),
    (&["worker_gone", "crashed", "panicked", "bad_child", "sandbox_violation", "lease_lost", "internal", "never_run", "not_started", "no_sandbox", "bad_settings",
       "bad_report", "bad_artifact", "bad_artifact_name", "bad_checkpoint", "document_not_kept", "dataset_unreadable",
       "report_not_written", "unknown_kind", "whisper_failed", "transcribe_conflict", "transcript_unreadable", "not_migrated",
       "transcribe_denied"],
        "A falha foi nossa, não do seu arquivo. Repita o trabalho; se voltar a falhar, avise o operador com o número do trabalho.",
        "The fault is ours, not your file's. Retry the job; if it fails again, tell the operator the job's id."),
    (&["storage_failed", "store_unavailable", "database_unavailable", "busy", "output_unwritable", "work_dir_unreadable",
       "transcribe_unavailable", "transcribe_late", "service_result_missing",
       "work_dir_unwritable"],
        "O servidor ficou sem espaço ou sem acesso aos dados por um momento. Repita o trabalho mais tarde.",
        "The server was out of room, or away from its data, for a moment. Retry the job later."),
];

/// What to do about a failure; of a code that is not known here, what always helps.
pub fn advice(code: &str, locale: Locale) -> &'static str {
    let known = ADVICE.iter().find(|(codes, ..)| codes.contains(&code));
    match known {
        Some((_, portuguese, english)) => locale.say(portuguese, english),
        None => locale.say(
            "Leia a mensagem: ela diz o que houve. Corrija o pedido, ou avise o operador com o número do trabalho.",
            "Read the message, which says what happened. Mend the request, or tell the operator the job's id.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_is_advised_twice() {
        let mut codes: Vec<&str> = ADVICE.iter().flat_map(|(codes, ..)| codes.iter().copied()).collect();
        let all = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all);
    }

    #[test]
    fn a_code_of_tomorrow_has_advice_too() {
        assert!(advice("made_up", Locale::PtBr).contains("operador"));
        assert_ne!(advice("document_locked", Locale::EnUs), advice("made_up", Locale::EnUs));
    }
}
