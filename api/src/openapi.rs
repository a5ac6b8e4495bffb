//! What does the API look like to a program? OpenAPI 3.1, gathered from the handlers.

use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, Content, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Response, ResponseBuilder,
};
use utoipa::{PartialSchema, ToSchema};

use crate::problem::{Code, FieldError, ProblemBody};

/// What every route with a token can answer besides its own.
const SHARED: [(&str, &str); 5] = [
    ("401", "The token is missing or not good."),
    ("403", "The token lacks the scope, or the tenant is not allowed this."),
    ("429", "Too many requests, or too many jobs wait. `Retry-After` says when to try again."),
    ("500", "Something failed on our side."),
    ("503", "The database or the store is away. `Retry-After` says when to try again."),
];

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
        ("webhooks", "To be told when jobs end, instead of asking."),
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
    OpenApiBuilder::new().info(info).tags(Some(tags)).components(Some(components)).build()
}

/// Adds what is the same everywhere: the shared answers, and the body of every refusal.
pub(crate) fn finished(mut api: OpenApi) -> OpenApi {
    // `{*name}` is how the router writes that a name may contain slashes.
    api.paths.paths = std::mem::take(&mut api.paths.paths)
        .into_iter()
        .map(|(path, item)| (path.replace("{*", "{"), item))
        .collect();
    for item in api.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        operations.into_iter().flatten().for_each(finish);
    }
    api
}

fn finish(operation: &mut Operation) {
    let responses = &mut operation.responses.responses;
    if operation.security.is_some() {
        for (status, text) in SHARED {
            let response = ResponseBuilder::new().description(text).build();
            responses.entry(status.to_owned()).or_insert(RefOr::T(response));
        }
    }
    for (status, response) in responses {
        if let RefOr::T(response) = response {
            describe_problem(status, response);
        }
    }
}

fn describe_problem(status: &str, response: &mut Response) {
    let is_refusal = status.starts_with(['4', '5']);
    if is_refusal && response.content.is_empty() {
        let problem = Content::new(Some(Ref::from_schema_name("Problem")));
        response.content.insert("application/problem+json".to_owned(), RefOr::T(problem));
    }
}
