//! What is in the description that no handler says? Its head, its tags, and how a refusal looks.

use utoipa::openapi::example::{Example, ExampleBuilder};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{Components, InfoBuilder, OpenApi, OpenApiBuilder, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::problem::{Code, FieldError, Problem, ProblemBody};

/// The request id of examples.
const REQUEST: &str = "0192f0c1-2345-7abc-8def-0123456789ab";

/// The part that no handler describes.
pub(crate) fn skeleton() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Esteira")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(include_str!("openapi.md")));
    let tags = [
        ("jobs", "Work to be done, and what came of it."),
        ("files", "What jobs read."),
        ("kinds", "What jobs can do."),
        ("tenants", "For operators: who works here, within which limits."),
        ("usage", "What a tenant used, by day and kind, and what it keeps."),
        ("keys", "For operators, and for administrators of a tenant: who may call."),
        ("queues", "For operators: what waits and runs, and what is held back."),
        ("workers", "For operators: who works, and who is taken out of service."),
        ("schedules", "Jobs at the times of a cron text, and what became of each."),
        ("webhooks", "To be told when jobs end, instead of asking."),
        ("documents", "What jobs read: listed, and searched by what it says."),
        ("around", "For machines that watch the process; no token needed."),
    ];
    let tags = tags.map(|(name, text)| TagBuilder::new().name(name).description(Some(text)).build());
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("API key or JWT").build();
    let mut components = Components::new();
    components.add_security_scheme("token", SecurityScheme::Http(token));
    for (name, schema) in [
        (ProblemBody::name(), ProblemBody::schema()),
        (FieldError::name(), FieldError::schema()),
        (Code::name(), Code::schema()),
    ] {
        components.schemas.insert(name.into_owned(), schema);
    }
    let refusals = Code::ALL.iter().map(|code| (code.as_str().to_owned(), RefOr::T(refusal(*code))));
    components.examples.extend(refusals);
    OpenApiBuilder::new().info(info).tags(Some(tags)).components(Some(components)).build()
}

/// A refusal of this code.
fn refusal(code: Code) -> Example {
    let problem = Problem::new(code, format!("{}.", code.title())).body(REQUEST);
    // Strings and numbers alone cannot fail to be written.
    let value = serde_json::to_value(problem).unwrap_or_default();
    ExampleBuilder::new().summary(code.title()).value(Some(value)).build()
}
