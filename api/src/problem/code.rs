//! Which things can be wrong? Every code, its status and its meaning, in one table.

use axum::http::StatusCode;
use serde::{Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

macro_rules! codes {
    ($($variant:ident $text:literal $status:ident $title:literal;)*) => {
        /// What is wrong, for a program.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Code { $(#[doc = $title] $variant,)* }

        impl Code {
            /// Every code.
            pub(crate) const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its text.
            pub(crate) fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The status of its answers.
            pub(crate) fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)* }
            }

            /// What it means.
            pub(crate) fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }
    };
}

codes! {
    MalformedBody "malformed_body" BAD_REQUEST "The body is not JSON";
    UnknownField "unknown_field" BAD_REQUEST "A field is not known";
    InvalidField "invalid_field" BAD_REQUEST "A field is missing or has the wrong type";
    InvalidIdempotencyKey "invalid_idempotency_key" BAD_REQUEST "The idempotency key cannot be one";
    InvalidEventId "invalid_event_id" BAD_REQUEST "The Last-Event-ID is no event's";
    InvalidParameter "invalid_parameter" BAD_REQUEST "A parameter of the query is wrong";
    ConfirmationRequired "confirmation_required" BAD_REQUEST "The name that is given again is another one";
    IncompleteBody "incomplete_body" BAD_REQUEST "The body did not arrive whole";
    Unauthenticated "unauthenticated" UNAUTHORIZED "A good token is needed";
    InsufficientScope "insufficient_scope" FORBIDDEN "The token lacks a scope";
    NoTenant "no_tenant" FORBIDDEN "The token belongs to no tenant";
    TenantSuspended "tenant_suspended" FORBIDDEN "The tenant is suspended";
    KindNotAllowed "kind_not_allowed" FORBIDDEN "The tenant may not use this kind";
    NotFound "not_found" NOT_FOUND "Not found";
    UnknownRoute "unknown_route" NOT_FOUND "There is no such route";
    MethodNotAllowed "method_not_allowed" METHOD_NOT_ALLOWED "The route does not take this method";
    BodyTimeout "body_timeout" REQUEST_TIMEOUT "The body came too slowly";
    JobFinal "job_final" CONFLICT "The job is over";
    JobNotRetryable "job_not_retryable" CONFLICT "The job cannot be retried in its state";
    UniqueKeyInUse "unique_key_in_use" CONFLICT "Another job with the key is not over";
    UploadExpired "upload_expired" CONFLICT "The upload's time is over";
    UploadIncomplete "upload_incomplete" CONFLICT "The file is not there whole";
    TenantExists "tenant_exists" CONFLICT "The slug is taken";
    DependencyFailed "dependency_failed" CONFLICT "A job that it depends on did not succeed";
    TenantDeleting "tenant_deleting" CONFLICT "The tenant is being removed";
    WorkerLost "worker_lost" CONFLICT "The worker was not heard of";
    TooManyKeys "too_many_keys" CONFLICT "The tenant has too many keys";
    TooManyWebhooks "too_many_webhooks" CONFLICT "The tenant has too many webhooks";
    WebhookDisabled "webhook_disabled" CONFLICT "The webhook is disabled";
    TooManySchedules "too_many_schedules" CONFLICT "The tenant has too many schedules";
    ScheduleBusy "schedule_busy" CONFLICT "The schedule's run before is not over";
    LastOperatorKey "last_operator_key" CONFLICT "No other operator's key is valid";
    BodyTooLarge "body_too_large" PAYLOAD_TOO_LARGE "The body is too large";
    StorageFull "storage_full" PAYLOAD_TOO_LARGE "The tenant's storage limit is reached";
    UnsupportedMediaType "unsupported_media_type" UNSUPPORTED_MEDIA_TYPE "The media type is not taken here";
    UnknownKind "unknown_kind" UNPROCESSABLE_ENTITY "There is no such kind";
    InvalidValue "invalid_value" UNPROCESSABLE_ENTITY "A value cannot be";
    IdempotencyKeyReused "idempotency_key_reused" UNPROCESSABLE_ENTITY "The idempotency key came with another request";
    InvalidInput "invalid_input" UNPROCESSABLE_ENTITY "The input does not fit the kind";
    UploadMismatch "upload_mismatch" UNPROCESSABLE_ENTITY "The file is not the one that was announced";
    RateLimited "rate_limited" TOO_MANY_REQUESTS "Too many requests";
    QueueFull "queue_full" TOO_MANY_REQUESTS "Too many jobs wait";
    TooManyAtOnce "too_many_at_once" TOO_MANY_REQUESTS "Too many requests at the same time";
    Internal "internal" INTERNAL_SERVER_ERROR "Something failed on our side";
    WrongBucket "wrong_bucket" INTERNAL_SERVER_ERROR "The bucket is not known to be this Esteira's";
    DatabasePrivilege "database_privilege" INTERNAL_SERVER_ERROR "The server's database role lacks a right";
    Timeout "timeout" SERVICE_UNAVAILABLE "The answer took too long";
    Unavailable "unavailable" SERVICE_UNAVAILABLE "The service is away for a moment";
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl PartialSchema for Code {
    fn schema() -> RefOr<Schema> {
        let lines: Vec<String> = Self::ALL
            .iter()
            .map(|code| format!("- `{}` ({}): {}", code.as_str(), code.status().as_u16(), code.title()))
            .collect();
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .description(Some(lines.join("\n")))
            .enum_values(Some(Self::ALL.iter().map(|code| code.as_str())))
            .into()
    }
}

impl ToSchema for Code {
    fn name() -> std::borrow::Cow<'static, str> {
        "ProblemCode".into()
    }
}
