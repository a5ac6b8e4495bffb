//! How is a job started, looked at and deleted? Whatever was begun before is found by the job's name.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_transcribe::Client;
use aws_sdk_transcribe::config::retry::RetryConfig;
use aws_sdk_transcribe::config::timeout::TimeoutConfig;
use aws_sdk_transcribe::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_transcribe::types::{TranscriptionJob, TranscriptionJobStatus};
use esteira_engine::artifact::{AwsAccount, S3Object};
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
        match look(&self.client, &self.handover.name).await? {
            Look::Job(job) => self.judge(&job).await,
            Look::Nothing => self.start().await,
            Look::Busy => Ok(self.snooze()),
        }
    }

    async fn start(&self) -> Result<Prepared, KindError> {
        match start(&self.client, self.input, self.handover, &self.media).send().await {
            Ok(_) => Ok(self.snooze()),
            Err(error) => match error.code() {
                // An attempt before this one has started it.
                Some("ConflictException") => match look(&self.client, &self.handover.name).await? {
                    Look::Job(job) => self.judge(&job).await,
                    Look::Nothing | Look::Busy => Ok(self.snooze()),
                },
                code if is_busy(code) => Ok(self.snooze()),
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
            Some(TranscriptionJobStatus::Completed) if self.is_elsewhere(job) => {
                delete(&self.client, &self.handover.name).await?;
                // The next look finds nothing, and begins anew.
                Ok(self.snooze())
            }
            Some(TranscriptionJobStatus::Completed) => Ok(Prepared::Ready),
            Some(TranscriptionJobStatus::Failed) => {
                let reason = job.failure_reason.as_deref().unwrap_or("no reason was given");
                Err(KindError::fail("transcribe_failed", format!("Amazon Transcribe: {reason}")))
            }
            _ => self.patience(job),
        }
    }

    /// Whether its result was written to another place than this server looks at: a bucket that was copied, say.
    fn is_elsewhere(&self, job: &TranscriptionJob) -> bool {
        let S3Object { bucket, key } = &self.handover.result;
        let written =
            job.transcript.as_ref().and_then(|transcript| transcript.transcript_file_uri.as_deref());
        written.is_some_and(|uri| {
            let by_path = uri.ends_with(&format!("/{bucket}/{key}"));
            let by_host = uri.contains(&format!("://{bucket}.")) && uri.ends_with(&format!("/{key}"));
            !by_path && !by_host
        })
    }

    /// A job that Amazon has had for too long is given up; until then it is looked at again.
    fn patience(&self, job: &TranscriptionJob) -> Result<Prepared, KindError> {
        let most = self.limits.aws.most_hours;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |now| now.as_secs_f64());
        let hours = job.creation_time.as_ref().map_or(0.0, |begun| (now - begun.as_secs_f64()) / 3600.0);
        if hours > most {
            let message = format!("Amazon Transcribe was not done after the {most} hours that it has");
            return Err(KindError::fail("transcribe_late", message));
        }
        Ok(self.snooze())
    }

    fn snooze(&self) -> Prepared {
        let limits = &self.limits.aws;
        let draw = rand::rng().random();
        Prepared::Snooze(wait(self.handover.turn, limits.first_seconds, limits.most_seconds, draw))
    }
}

/// What Amazon says of a name.
enum Look {
    Job(Box<TranscriptionJob>),
    Nothing,
    Busy,
}

async fn look(client: &Client, name: &str) -> Result<Look, KindError> {
    match client.get_transcription_job().transcription_job_name(name).send().await {
        Ok(answer) => Ok(answer.transcription_job.map_or(Look::Nothing, |job| Look::Job(Box::new(job)))),
        Err(error) => match error.code() {
            code if is_busy(code) => Ok(Look::Busy),
            // Which of both it says of a name that it does not know is not the same everywhere.
            Some("NotFoundException" | "BadRequestException") => Ok(Look::Nothing),
            _ => Err(fault(&error)),
        },
    }
}

async fn delete(client: &Client, name: &str) -> Result<(), KindError> {
    match client.delete_transcription_job().transcription_job_name(name).send().await {
        Ok(_) => Ok(()),
        Err(error) => match error.code() {
            Some("NotFoundException") => Ok(()),
            // It says so of a name that it does not know, and of a job that is still at work, which it does not delete.
            Some("BadRequestException") => match look(client, name).await? {
                Look::Nothing => Ok(()),
                Look::Job(_) | Look::Busy => {
                    Err(KindError::retry("transcribe_busy", "Amazon Transcribe still works on the job"))
                }
            },
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
