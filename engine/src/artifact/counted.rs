//! How are calls of the object store counted? By whoever makes them: the client tells each call's beginning and end.

use std::time::Instant;

use aws_sdk_s3::config::interceptors::{
    BeforeSerializationInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_types::config_bag::{Storable, StoreReplace};

use crate::metrics::{CallEnd, StoreMeter};

/// Counts calls, as often as they are asked for: tries that the client repeats by itself are one call.
#[derive(Debug)]
pub(super) struct CountCalls(StoreMeter);

impl CountCalls {
    /// Counts into a meter.
    pub fn new(meter: &StoreMeter) -> Self {
        Self(meter.clone())
    }
}

/// When a call began, kept with the call.
#[derive(Debug)]
struct Begun(Instant);

impl Storable for Begun {
    type Storer = StoreReplace<Self>;
}

impl Intercept for CountCalls {
    fn name(&self) -> &'static str {
        "CountCalls"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        call: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        call.interceptor_state().store_put(Begun(Instant::now()));
        Ok(())
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        call: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let took = call.load::<Begun>().map(|begun| begun.0.elapsed()).unwrap_or_default();
        let operation = call.load::<Metadata>().map_or("unknown", Metadata::name);
        let succeeded = context.output_or_error().is_some_and(|answer| answer.is_ok());
        let status = context.response().map(|response| response.status().as_u16());
        self.0.called(operation, end(succeeded, status), took);
        Ok(())
    }
}

fn end(succeeded: bool, status: Option<u16>) -> CallEnd {
    match (succeeded, status) {
        (true, _) => CallEnd::Ok,
        (false, Some(404)) => CallEnd::Missing,
        // A success that broke off in the middle was no answer.
        (false, Some(status)) if status >= 300 => CallEnd::Refused,
        (false, _) => CallEnd::Unanswered,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_that_is_not_there_is_no_fault_of_the_store() {
        assert_eq!(end(true, Some(200)), CallEnd::Ok);
        assert_eq!(end(false, Some(404)), CallEnd::Missing);
        assert_eq!(end(false, Some(503)), CallEnd::Refused);
        assert_eq!((end(false, None), end(false, Some(200))), (CallEnd::Unanswered, CallEnd::Unanswered));
    }
}
