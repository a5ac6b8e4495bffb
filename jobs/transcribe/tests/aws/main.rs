//! What becomes of a job that Amazon Transcribe has, whatever Amazon answers? Faults by a server that answers as it is told,
//! vocabularies by moto.

#![expect(clippy::unwrap_used, reason = "what fails in a helper of a test fails the test")]

mod faulty;
mod moto;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use esteira_engine::artifact::{S3Object, Store, StoreOptions};
use esteira_engine::job::{Handover, Kind, KindError, Prepared};
use esteira_transcribe::MediaTranscribe;
use serde_json::{Value, json};

use faulty::{Answer, Faulty};
use moto::Moto;

const SOURCE: &str = "upload://00000000-0000-7000-8000-000000000001";
const MEDIA: &str = "s3://esteira/tenants/1/uploads/a";

/// A job of one input at a service at one address.
struct Desk {
    store: Store,
    input: Value,
    settings: Value,
}

impl Desk {
    async fn at(endpoint: &str, fields: Value) -> Self {
        let options = StoreOptions {
            bucket: "esteira".into(),
            region: "us-east-1".into(),
            endpoint: Some(endpoint.to_owned()),
            public_endpoint: None,
            path_style: true,
            credentials: Some(("test".into(), "test".into())),
            prefix: String::new(),
        };
        let mut input = json!({"source": SOURCE, "engine": "aws", "language": "pt-BR"});
        input.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let aws = json!({"enabled": true, "endpoint": endpoint, "call_seconds": 4.0, "vocabularies": ["names"],
            "filters": ["swearing"], "most_hours": 24.0});
        Self { store: Store::open(&options).await, input, settings: json!({"aws": aws}) }
    }

    /// One turn of the worker.
    async fn turn(&self, turn: u32) -> Result<Prepared, KindError> {
        let object = |key: &str| S3Object { bucket: "esteira".to_owned(), key: key.to_owned() };
        let handover = Handover {
            name: "esteira-1-0192f0c1".to_owned(),
            turn,
            account: self.store.account(),
            files: BTreeMap::from([(SOURCE.to_owned(), object("tenants/1/uploads/a"))]),
            result: object("tenants/1/jobs/b/service/result.json"),
        };
        let kind = MediaTranscribe;
        let prepare = kind.prepare().unwrap();
        assert!(prepare.is_needed(&self.input, &self.settings));
        prepare.prepare(&self.input, &self.settings, &handover).await
    }

    async fn forget(&self) -> Result<(), KindError> {
        let kind = MediaTranscribe;
        kind.prepare().unwrap().forget(&self.settings, "esteira-1-0192f0c1", self.store.account()).await
    }
}

/// What Amazon tells of the job.
fn job(status: &str) -> Answer {
    job_of(status, MEDIA)
}

fn job_of(status: &str, media: &str) -> Answer {
    Answer::Json(
        200,
        json!({"TranscriptionJob": {
            "TranscriptionJobName": "esteira-1-0192f0c1", "TranscriptionJobStatus": status,
            "Media": {"MediaFileUri": media}, "FailureReason": "Unsupported media format.",
        }}),
    )
}

fn refusal(status: u16, code: &str) -> Answer {
    Answer::Json(status, json!({"__type": code, "message": "The reason."}))
}

fn is_snoozed(prepared: &Result<Prepared, KindError>) -> bool {
    matches!(prepared, Ok(Prepared::Snooze(wait)) if *wait >= Duration::from_secs(4))
}

#[tokio::test]
async fn a_job_is_started_once_and_looked_at_until_it_is_done() {
    let server = Faulty::start(vec![
        job("IN_PROGRESS"),
        job("QUEUED"),
        job("IN_PROGRESS"),
        job("COMPLETED"),
        Answer::Json(200, json!({})),
    ]);
    let desk = Desk::at(&server.url, json!({"diarize": true, "max_speakers": 3})).await;
    for turn in 1..=3 {
        assert!(is_snoozed(&desk.turn(turn).await), "{turn}");
    }
    assert_eq!(desk.turn(4).await.unwrap(), Prepared::Ready);
    desk.forget().await.unwrap();
    let calls = server.calls();
    let verbs: Vec<&str> = calls.iter().map(|(verb, _)| verb.as_str()).collect();
    let get = "GetTranscriptionJob";
    assert_eq!(verbs, ["StartTranscriptionJob", get, get, get, "DeleteTranscriptionJob"]);
    assert_eq!(
        calls[0].1,
        json!({
            "TranscriptionJobName": "esteira-1-0192f0c1", "LanguageCode": "pt-BR", "Media": {"MediaFileUri": MEDIA},
            "OutputBucketName": "esteira", "OutputKey": "tenants/1/jobs/b/service/result.json",
            "Settings": {"ShowSpeakerLabels": true, "MaxSpeakerLabels": 3},
        })
    );
}

#[tokio::test]
async fn a_filter_of_words_is_asked_for_by_its_name() {
    let server = Faulty::start(vec![job("IN_PROGRESS")]);
    let desk = Desk::at(&server.url, json!({"filter": {"name": "swearing", "method": "remove"}})).await;
    desk.turn(1).await.unwrap();
    let (_, asked) = &server.calls()[0];
    let expected = json!({"VocabularyFilterName": "swearing", "VocabularyFilterMethod": "remove"});
    assert_eq!(asked["Settings"], expected);
}

#[tokio::test]
async fn there_is_exactly_one_rule_for_the_language() {
    for (language, rule) in [("auto", "IdentifyLanguage"), ("en", "LanguageCode")] {
        let server = Faulty::start(vec![job("IN_PROGRESS")]);
        let desk = Desk::at(&server.url, json!({"language": language, "channels": "separate"})).await;
        desk.turn(1).await.unwrap();
        let (_, asked) = &server.calls()[0];
        let rules = ["LanguageCode", "IdentifyLanguage", "IdentifyMultipleLanguages"];
        let given: Vec<&str> = rules.into_iter().filter(|rule| asked.get(rule).is_some()).collect();
        assert_eq!(given, [rule]);
        assert_eq!(asked["Settings"], json!({"ChannelIdentification": true}));
    }
}

#[tokio::test]
async fn a_job_that_a_dead_worker_has_started_is_taken_over() {
    let server = Faulty::start(vec![refusal(400, "ConflictException"), job("COMPLETED")]);
    let desk = Desk::at(&server.url, json!({})).await;
    assert_eq!(desk.turn(1).await.unwrap(), Prepared::Ready);
    // One of the same name for another recording is not ours.
    let server = Faulty::start(vec![job_of("COMPLETED", "s3://other/recording")]);
    let error = Desk::at(&server.url, json!({})).await.turn(2).await.unwrap_err();
    assert_eq!((error.code.as_str(), error.retryable), ("transcribe_conflict", false));
}

#[tokio::test]
async fn too_many_jobs_or_requests_are_waited_out_and_no_attempt() {
    for (turn, code) in
        [(1, "LimitExceededException"), (2, "LimitExceededException"), (2, "ThrottlingException")]
    {
        // The client asks again by itself where it knows the code.
        let server = Faulty::start(vec![refusal(400, code); 2]);
        let desk = Desk::at(&server.url, json!({})).await;
        assert!(is_snoozed(&desk.turn(turn).await), "{code}");
    }
}

#[tokio::test]
async fn what_amazon_breaks_is_tried_again_and_what_it_refuses_is_not() {
    for (answer, code, again) in [
        (refusal(500, "InternalFailureException"), "transcribe_unavailable", true),
        (Answer::Hang, "transcribe_unavailable", true),
        (Answer::Garbage, "transcribe_unavailable", true),
        (refusal(400, "AccessDeniedException"), "transcribe_denied", true),
        (refusal(400, "BadRequestException"), "transcribe_refused", false),
    ] {
        let server = Faulty::start(vec![answer; 2]);
        let error = Desk::at(&server.url, json!({})).await.turn(1).await.unwrap_err();
        assert_eq!((error.code.as_str(), error.retryable), (code, again), "{error}");
    }
}

#[tokio::test]
async fn a_job_that_has_vanished_is_started_again() {
    for code in ["NotFoundException", "BadRequestException"] {
        let server = Faulty::start(vec![refusal(400, code), job("IN_PROGRESS")]);
        assert!(is_snoozed(&Desk::at(&server.url, json!({})).await.turn(7).await));
        let verbs: Vec<String> = server.calls().into_iter().map(|(verb, _)| verb).collect();
        assert_eq!(verbs, ["GetTranscriptionJob", "StartTranscriptionJob"]);
    }
}

#[tokio::test]
async fn a_job_that_has_failed_says_why_and_one_that_never_ends_is_given_up() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    let begun = |hours: f64| {
        let Answer::Json(status, mut told) = job("IN_PROGRESS") else { unreachable!() };
        told["TranscriptionJob"]["CreationTime"] = json!(now - hours * 3600.0);
        Answer::Json(status, told)
    };
    let server = Faulty::start(vec![job("FAILED"), begun(23.0), begun(25.0)]);
    let desk = Desk::at(&server.url, json!({})).await;
    let failed = desk.turn(2).await.unwrap_err();
    assert_eq!((failed.code.as_str(), failed.retryable), ("transcribe_failed", false));
    assert!(failed.message.contains("Unsupported media format"), "{failed}");
    // However often it was looked at: what counts is since when Amazon has it.
    assert!(is_snoozed(&desk.turn(5_000).await));
    assert_eq!(desk.turn(2).await.unwrap_err().code, "transcribe_late");
}

#[tokio::test]
async fn a_job_that_is_still_at_work_is_not_forgotten() {
    let server = Faulty::start(vec![
        refusal(400, "BadRequestException"),
        job("IN_PROGRESS"),
        refusal(400, "BadRequestException"),
        refusal(400, "NotFoundException"),
        refusal(400, "NotFoundException"),
    ]);
    let desk = Desk::at(&server.url, json!({})).await;
    let error = desk.forget().await.unwrap_err();
    assert_eq!((error.code.as_str(), error.retryable), ("transcribe_busy", true));
    desk.forget().await.unwrap();
    desk.forget().await.unwrap();
    let verbs: Vec<String> = server.calls().into_iter().map(|(verb, _)| verb).collect();
    let (delete, get) = ("DeleteTranscriptionJob", "GetTranscriptionJob");
    assert_eq!(verbs, [delete, get, delete, get, delete]);
}

#[tokio::test]
async fn a_job_whose_result_was_written_elsewhere_is_begun_anew() {
    let written = |uri: &str| {
        let Answer::Json(status, mut told) = job("COMPLETED") else { unreachable!() };
        told["TranscriptionJob"]["Transcript"] = json!({"TranscriptFileUri": uri});
        Answer::Json(status, told)
    };
    let ours = "https://s3.us-east-1.amazonaws.com/esteira/tenants/1/jobs/b/service/result.json";
    let server = Faulty::start(vec![written(ours)]);
    assert_eq!(Desk::at(&server.url, json!({})).await.turn(2).await.unwrap(), Prepared::Ready);
    let other = "https://s3.us-east-1.amazonaws.com/copied/tenants/1/jobs/b/service/result.json";
    let server = Faulty::start(vec![
        written(other),
        Answer::Json(200, json!({})),
        refusal(400, "NotFoundException"),
        job("IN_PROGRESS"),
    ]);
    let desk = Desk::at(&server.url, json!({})).await;
    assert!(is_snoozed(&desk.turn(2).await) && is_snoozed(&desk.turn(3).await));
    let verbs: Vec<String> = server.calls().into_iter().map(|(verb, _)| verb).collect();
    let get = "GetTranscriptionJob";
    assert_eq!(verbs, [get, "DeleteTranscriptionJob", get, "StartTranscriptionJob"]);
}

#[tokio::test]
async fn a_vocabulary_must_be_one_that_amazon_has() {
    let moto = Moto::start().await;
    let desk = Desk::at(&moto.url, json!({"vocabulary": "names"})).await;
    let refused = desk.turn(1).await.unwrap_err();
    assert_eq!((refused.code.as_str(), refused.retryable), ("transcribe_refused", false));
    assert!(refused.message.contains("vocabulary couldn't be found"), "{refused}");
    moto.call(
        "CreateVocabulary",
        &json!({"VocabularyName": "names", "LanguageCode": "pt-BR", "Phrases": ["Olinda"]}),
    )
    .await;
    assert!(is_snoozed(&desk.turn(1).await));
    let mut turn = 2;
    while desk.turn(turn).await.unwrap() != Prepared::Ready {
        turn += 1;
    }
    desk.forget().await.unwrap();
    desk.forget().await.unwrap();
    assert!(is_snoozed(&desk.turn(2).await), "it begins anew");
}
