//! What is the same everywhere? The refusals with their codes, and an example of each body.

use utoipa::openapi::example::Example;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder};

use super::example::Examples;
use super::refusals;
use crate::problem::Code;

/// Completes what the handlers say.
pub(crate) fn completed(mut api: OpenApi) -> OpenApi {
    let examples = Examples::new(api.components.as_ref());
    // `{*name}` is how the router writes that a name may contain slashes.
    api.paths.paths = std::mem::take(&mut api.paths.paths)
        .into_iter()
        .map(|(path, item)| (path.replace("{*", "{"), item))
        .collect();
    for item in api.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            add_refusals(operation);
            let_files_be_empty(operation);
            add_examples(operation, &examples);
        }
    }
    api
}

fn add_refusals(operation: &mut Operation) {
    for (status, codes) in refusals::taken_from(operation) {
        let described = || RefOr::T(ResponseBuilder::new().description(titles(&codes)).build());
        let response = operation.responses.responses.entry(status.to_string()).or_insert_with(described);
        if let RefOr::T(response) = response {
            describe(response, status, &codes);
        }
    }
}

/// What the codes mean, as one text.
fn titles(codes: &[Code]) -> String {
    codes.iter().map(|code| format!("{}.", code.title())).collect::<Vec<_>>().join(" ")
}

/// Says that an answer is a problem, and which ones it can be.
fn describe(response: &mut Response, status: u16, codes: &[Code]) {
    let mut problem = Content::new(Some(Ref::from_schema_name("Problem")));
    let example = |code: &Code| {
        let at = format!("#/components/examples/{}", code.as_str());
        (code.as_str().to_owned(), RefOr::<Example>::Ref(Ref::new(at)))
    };
    problem.examples.extend(codes.iter().map(example));
    response.content.insert("application/problem+json".to_owned(), RefOr::T(problem));
    for (name, kind, text) in fields(status) {
        let schema = ObjectBuilder::new().schema_type(kind.clone());
        let header = HeaderBuilder::new().schema(Some(schema)).description(Some(*text));
        response.headers.insert((*name).to_owned(), RefOr::T(header.build()));
    }
}

/// What the head of a refusal says besides.
fn fields(status: u16) -> &'static [(&'static str, Type, &'static str)] {
    const AGAIN: (&str, Type, &str) =
        ("Retry-After", Type::Integer, "In how many seconds another try makes sense");
    const POLICY: (&str, Type, &str) = (
        "RateLimit-Policy",
        Type::String,
        "The limit that was reached: its name, `q` of it, within `w` seconds",
    );
    const LEFT: (&str, Type, &str) =
        ("RateLimit", Type::String, "What is left of it: `r`, and more of it in `t` seconds");
    match status {
        401 => &[("WWW-Authenticate", Type::String, "How to show a token (RFC 6750)")],
        429 => &[AGAIN, POLICY, LEFT],
        503 => &[AGAIN],
        _ => &[],
    }
}

/// A file may be empty, so the body of such a request need not be there.
fn let_files_be_empty(operation: &mut Operation) {
    if let Some(RefOr::T(body)) = &mut operation.request_body
        && !body.content.contains_key("application/json")
    {
        body.required = Some(Required::False);
    }
}

/// Shows what every body and every parameter that must be there looks like.
fn add_examples(operation: &mut Operation, examples: &Examples) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter
            && parameter.required == Required::True
        {
            *parameter = with_example(std::mem::take(parameter), examples);
        }
    }
    let asked = operation.request_body.iter_mut().filter_map(|body| match body {
        RefOr::T(body) => Some(body.content.values_mut()),
        RefOr::Ref(_) => None,
    });
    let answered = operation.responses.responses.values_mut().filter_map(|response| match response {
        RefOr::T(response) => Some(response.content.values_mut()),
        RefOr::Ref(_) => None,
    });
    for content in asked.flatten().chain(answered.flatten()) {
        if let RefOr::T(content) = content
            && content.example.is_none()
            && content.examples.is_empty()
        {
            content.example = content.schema.as_ref().and_then(|schema| examples.of(schema));
        }
    }
}

/// The parameter with an example, its own where it has one.
fn with_example(parameter: Parameter, examples: &Examples) -> Parameter {
    let has_one = serde_json::to_value(&parameter).is_ok_and(|shown| shown.get("example").is_some());
    let example = parameter.schema.as_ref().and_then(|schema| examples.of(schema));
    if has_one { parameter } else { ParameterBuilder::from(parameter).example(example).build() }
}
