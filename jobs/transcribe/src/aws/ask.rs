//! What is Amazon Transcribe asked? A start with exactly one rule for the language, and what else the input wants.

use aws_sdk_transcribe::Client;
use aws_sdk_transcribe::operation::start_transcription_job::builders::StartTranscriptionJobFluentBuilder;
use aws_sdk_transcribe::types::{Media, Settings, VocabularyFilterMethod};
use esteira_engine::job::Handover;

use super::super::input::{Channels, FilterMethod, Input, Language, Vocabulary};
use super::language::code_of;

/// Speakers that are told apart where the input does not say how many.
const SPEAKERS: u8 = 10;

/// The request that hands a job over; the recording is read where it lies.
pub fn start(
    client: &Client,
    input: &Input,
    handover: &Handover<'_>,
    media: &str,
) -> StartTranscriptionJobFluentBuilder {
    let request = client
        .start_transcription_job()
        .transcription_job_name(&handover.name)
        .media(Media::builder().media_file_uri(media).build())
        .output_bucket_name(&handover.result.bucket)
        .output_key(&handover.result.key)
        .set_settings(settings(input));
    match (&input.language, code_of(&input.language)) {
        (Language::Tag(_), Some(code)) => request.language_code(code),
        _ => request.identify_language(true),
    }
}

/// `None` where nothing is wanted beyond the words.
fn settings(input: &Input) -> Option<Settings> {
    let mut settings = Settings::builder();
    let mut any = false;
    if input.diarize {
        let most = input.max_speakers.unwrap_or(SPEAKERS);
        settings = settings.show_speaker_labels(true).max_speaker_labels(most.into());
        any = true;
    }
    if input.channels == Channels::Separate {
        settings = settings.channel_identification(true);
        any = true;
    }
    if let Some(Vocabulary::Name(name)) = &input.vocabulary {
        settings = settings.vocabulary_name(name);
        any = true;
    }
    if let Some(filter) = &input.filter {
        let method = match filter.method {
            FilterMethod::Mask => VocabularyFilterMethod::Mask,
            FilterMethod::Remove => VocabularyFilterMethod::Remove,
        };
        settings = settings.vocabulary_filter_name(&filter.name).vocabulary_filter_method(method);
        any = true;
    }
    any.then(|| settings.build())
}
