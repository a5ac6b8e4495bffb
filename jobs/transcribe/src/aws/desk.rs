//! How is a job started, looked at and deleted? Whatever was begun before is found by the job's name.

use std::time::Duration;

use aws_sdk_transcribe::Client;
use aws_sdk_transcribe::config::retry::RetryConfig;
use aws_sdk_transcribe::config::timeout::TimeoutConfig;
use aws_sdk_transcribe::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_transcribe::types::{TranscriptionJob, TranscriptionJobStatus};
use esteira_engine::artifact::AwsAccount;
use esteira_engine::job::{Handover, KindError, Prepare, Prepared};
use rand::Rng;
use serde_json::Value;

use super::super::input::{self, Chosen, Input};
use super::super::limits::{AwsLimits, TranscribeLimits};
use super::ask::start;
use super::pace::wait;

/// Tries of one call.
const TRIES: u32 = 2;

/// The half of `media.transcribe` that asks Amazon.
pub struct Desk;

#[async_trait::async_trait]
impl Prepare for Desk {
    fn is_needed(&self, input: &Value, settings: &Value) -> bool {
        let Ok(limits) = input::settings(settings) else { return false };
        input::read(input).is_ok_and(|input| input::chosen(&input, &limits) == Ok(Chosen::Aws))
    }

    async fn prepare(
        &self,
        input: &Value,
        settings: &Value,
        handover: &Handover<'_>,
    ) -> Result<Prepared, KindError> {
        let (input, limits) = super::super::read(input, settings)?;
        let client = client(&limits.aws, handover.account);
        let media = handover.files.get(&input.source).ok_or_else(|| {
            KindError::fail("bad_input", "/input/source: Amazon Transcribe reads what lies in S3 alone")
        })?;
        let media = format!("s3://{}/{}", media.bucket, media.key);
        let visit = Visit { client, limits: &limits, input: &input, handover, media };
        visit.make().await
    }

    async fn forget(&self, settings: &Value, name: &str, account: &AwsAccount) -> Result<(), KindError> {
        let limits =
            input::settings(settings).map_err(|error| KindError::fail("bad_settings", error.to_string()))?;
        if !limits.aws.enabled {
            return Ok(());
        }
        delete(&client(&limits.aws, account), name).await
    }
}

fn client(limits: &AwsLimits, account: &AwsAccount) -> Client {
    let longest = Duration::try_from_secs_f64(limits.call_seconds).unwrap_or(Duration::from_secs(20));
    let timeouts = TimeoutConfig::builder().operation_timeout(longest).operation_attempt_timeout(longest / 2);
    // Whoever is throttled had better come again later than at once.
    let tries = RetryConfig::standard().with_max_attempts(TRIES);
    let config = aws_sdk_transcribe::config::Builder::from(account);
    let mut config = config.timeout_config(timeouts.build()).retry_config(tries);
    if let Some(endpoint) = &limits.endpoint {
        config = config.endpoint_url(endpoint);
    }
    Client::from_conf(config.build())
}

/// One look at one job.
struct Visit<'a> {
    client: Client,
    limits: &'a TranscribeLimits,
    input: &'a Input,
    handover: &'a Handover<'a>,
    media: String,
}

impl Visit<'_> {
    async fn make(&self) -> Result<Prepared, KindError> {
        // The first time there is nothing to be found, most likely.
        if self.handover.turn <= 1 {
            return self.start().await;
        }
        match self.look().await? {
            Look::Job(job) => self.judge(&job).await,
            Look::Nothing => self.start().await,
            Look::Busy => self.snooze(),
        }
    }

    async fn start(&self) -> Result<Prepared, KindError> {
        match start(&self.client, self.input, self.handover, &self.media).send().await {
            Ok(_) => self.snooze(),
            Err(error) => match error.code() {
                // An attempt before this one has started it.
                Some("ConflictException") => match self.look().await? {
                    Look::Job(job) => self.judge(&job).await,
                    Look::Nothing | Look::Busy => self.snooze(),
                },
                code if is_busy(code) => self.snooze(),
                _ => Err(fault(&error)),
            },
        }
    }

    async fn look(&self) -> Result<Look, KindError> {
        let name = &self.handover.name;
        match self.client.get_transcription_job().transcription_job_name(name).send().await {
            Ok(answer) => Ok(answer.transcription_job.map_or(Look::Nothing, |job| Look::Job(Box::new(job)))),
            Err(error) => match error.code() {
                code if is_busy(code) => Ok(Look::Busy),
                // Which of both it says of a name that it does not know is not the same everywhere.
                Some("NotFoundException" | "BadRequestException") => Ok(Look::Nothing),
                _ => Err(fault(&error)),
            },
        }
    }

    async fn judge(&self, job: &TranscriptionJob) -> Result<Prepared, KindError> {
        let media = job.media.as_ref().and_then(|media| media.media_file_uri.as_deref());
        if media != Some(self.media.as_str()) {
            let message = "Amazon Transcribe has a job of the same name for another recording";
            return Err(KindError::fail("transcribe_conflict", message));
        }
        match &job.transcription_job_status {
            Some(TranscriptionJobStatus::Completed) => Ok(Prepared::Ready),
            Some(TranscriptionJobStatus::Failed) => {
                let reason = job.failure_reason.as_deref().unwrap_or("no reason was given");
                Err(KindError::fail("transcribe_failed", format!("Amazon Transcribe: {reason}")))
            }
            _ => self.snooze(),
        }
    }

    fn snooze(&self) -> Result<Prepared, KindError> {
        let limits = &self.limits.aws;
        if self.handover.turn >= limits.looks {
            let message =
                format!("Amazon Transcribe was not done when it was looked at {} times", limits.looks);
            return Err(KindError::fail("transcribe_late", message));
        }
        let draw = rand::rng().random();
        Ok(Prepared::Snooze(wait(self.handover.turn, limits.first_seconds, limits.most_seconds, draw)))
    }
}

/// What Amazon says of a name.
enum Look {
    Job(Box<TranscriptionJob>),
    Nothing,
    Busy,
}

async fn delete(client: &Client, name: &str) -> Result<(), KindError> {
    match client.delete_transcription_job().transcription_job_name(name).send().await {
        Ok(_) => Ok(()),
        Err(error) => match error.code() {
            Some("NotFoundException" | "BadRequestException") => Ok(()),
            _ => Err(fault(&error)),
        },
    }
}

/// Too many requests, or too many jobs at once: it has room later.
fn is_busy(code: Option<&str>) -> bool {
    matches!(
        code,
        Some(
            "LimitExceededException"
                | "ThrottlingException"
                | "Throttling"
                | "TooManyRequestsException"
                | "RequestLimitExceeded"
        )
    )
}

/// What another attempt may mend, and what it may not.
fn fault<E, R>(error: &SdkError<E, R>) -> KindError
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let told = error.message().unwrap_or_default().to_owned();
    match error.code() {
        Some("BadRequestException") => {
            KindError::fail("transcribe_refused", format!("Amazon Transcribe: {told}"))
        }
        Some("AccessDeniedException" | "UnrecognizedClientException" | "ExpiredTokenException") => {
            KindError::retry("transcribe_denied", "Amazon Transcribe does not let this server in")
        }
        _ => {
            tracing::warn!(error = %DisplayErrorContext(error), "Amazon Transcribe did not answer as expected");
            KindError::retry("transcribe_unavailable", "Amazon Transcribe did not answer as expected")
        }
    }
}
