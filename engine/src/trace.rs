//! In which trace does something happen? The context of a span, as W3C writes it: kept with a job, and taken up again by
//! whoever goes on with it.
//!
//! Without a layer that records traces all of this comes to nothing: no span has a context, and no job keeps one.

use std::fmt;
use std::str::FromStr;

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::db::{DatabaseError, Db, answered};
use crate::id::JobId;

/// The version of the form that is read and written: <https://www.w3.org/TR/trace-context/#version>.
const VERSION: &str = "00";
/// Contexts that are forgotten at once.
const BATCH: u64 = 10_000;

/// A span of a trace that is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    trace: TraceId,
    span: SpanId,
}

/// The text is no context, or one of a trace that is not recorded where that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no traceparent, or none of a recorded trace")]
pub struct NoContext;

impl TraceContext {
    /// That of the present span, if it is recorded.
    #[must_use]
    pub fn current() -> Option<Self> {
        Self::of(&Span::current())
    }

    /// That of a span, if it is recorded.
    #[must_use]
    pub fn of(span: &Span) -> Option<Self> {
        let context = span.context();
        let of_span = context.span().span_context().clone();
        let is_recorded = of_span.is_valid() && of_span.is_sampled();
        is_recorded.then(|| Self { trace: of_span.trace_id(), span: of_span.span_id() })
    }

    /// Makes a span that has not begun to be recorded a part of this one.
    pub fn adopt(self, span: &Span) {
        let context = SpanContext::new(self.trace, self.span, TraceFlags::SAMPLED, true, TraceState::NONE);
        // A span that nobody records has no parent either.
        drop(span.set_parent(Context::new().with_remote_span_context(context)));
    }

    /// The number of the trace.
    #[must_use]
    pub fn trace_id(self) -> u128 {
        u128::from_be_bytes(self.trace.to_bytes())
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{VERSION}-{:032x}-{}-01", self.trace_id(), self.span)
    }
}

impl FromStr for TraceContext {
    type Err = NoContext;

    fn from_str(text: &str) -> Result<Self, NoContext> {
        let Caller(of_span) = text.parse()?;
        let is_recorded = of_span.is_sampled();
        if is_recorded {
            Ok(Self { trace: of_span.trace_id(), span: of_span.span_id() })
        } else {
            Err(NoContext)
        }
    }
}

/// The span from which a request comes, as its caller names it, recorded or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller(SpanContext);

impl Caller {
    /// Makes a span that has not begun to be recorded a part of this one, and recorded where this one is.
    pub fn adopt(self, span: &Span) {
        // A span that nobody records has no parent either.
        drop(span.set_parent(Context::new().with_remote_span_context(self.0)));
    }

    /// Lets a span name this one, of which it is no part.
    pub fn link(self, span: &Span) {
        span.add_link(self.0);
    }
}

impl FromStr for Caller {
    type Err = NoContext;

    fn from_str(text: &str) -> Result<Self, NoContext> {
        let parts: Vec<&str> = text.split('-').collect();
        let [VERSION, trace, span, flags] = parts[..] else { return Err(NoContext) };
        let is_hex = |part: &str, length: usize| {
            part.len() == length
                && part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        };
        if !(is_hex(trace, 32) && is_hex(span, 16) && is_hex(flags, 2)) {
            return Err(NoContext);
        }
        let flags = u8::from_str_radix(flags, 16).map_err(|_| NoContext)?;
        let trace = TraceId::from_hex(trace).map_err(|_| NoContext)?;
        let span = SpanId::from_hex(span).map_err(|_| NoContext)?;
        let of_span = SpanContext::new(trace, span, TraceFlags::new(flags & 1), true, TraceState::NONE);
        if of_span.is_valid() { Ok(Self(of_span)) } else { Err(NoContext) }
    }
}

/// The context in which a job was submitted.
///
/// # Errors
/// When the database is away.
pub(crate) async fn of_job(db: &Db, job: JobId) -> Result<Option<TraceContext>, DatabaseError> {
    let text = sqlx::query_scalar!("select traceparent from esteira.job_traces where job_id = $1", job.0)
        .fetch_optional(db.pool())
        .await?;
    Ok(text.and_then(|text| text.parse().ok()))
}

/// Forgets contexts that nobody goes on with any more; gives how many.
///
/// # Errors
/// When the database is away; what was forgotten until then stays so.
pub(crate) async fn forget_old(db: &Db) -> Result<u64, DatabaseError> {
    let mut forgotten = 0;
    loop {
        let batch = answered(forget_some(db)).await?;
        forgotten += batch;
        if batch < BATCH {
            return Ok(forgotten);
        }
    }
}

async fn forget_some(db: &Db) -> Result<u64, DatabaseError> {
    let done = sqlx::query!(
        "delete from esteira.job_traces where job_id in (
             select job_id from esteira.job_traces where kept_at < esteira.now() - interval '3 days'
             order by kept_at limit $1)",
        i64::try_from(BATCH).unwrap_or(i64::MAX)
    )
    .execute(db.pool())
    .await?;
    Ok(done.rows_affected())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_is_read_and_written_as_w3c_has_it() {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let context: TraceContext = text.parse().unwrap();
        assert_eq!(context.to_string(), text);
        assert_eq!(context.trace_id(), 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736);
        for other in [
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
            "",
        ] {
            assert_eq!(other.parse::<TraceContext>(), Err(NoContext), "{other}");
        }
    }

    #[test]
    fn a_caller_may_say_that_it_does_not_record() {
        let sampled = |flags: &str| {
            let text = format!("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-{flags}");
            text.parse::<Caller>().map(|Caller(of_span)| of_span.is_sampled())
        };
        assert_eq!(["00", "01", "03"].map(sampled), [Ok(false), Ok(true), Ok(true)]);
        assert_eq!(sampled("0"), Err(NoContext));
    }

    #[test]
    fn where_nobody_records_no_span_has_a_context() {
        assert_eq!(TraceContext::current(), None);
    }
}
