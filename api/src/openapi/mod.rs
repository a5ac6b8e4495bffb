//! What does the API look like to a program? OpenAPI 3.1, gathered from the handlers.
//!
//! A handler says what is its own: parameters, bodies, good answers, and the codes of its own refusals, as
//! `extensions(("x-codes" = json!([Code::JobFinal])))`. What all operations of its sort share is added here, and so are
//! the examples.

mod complete;
mod example;
mod refusals;
mod skeleton;

pub(crate) use complete::completed;
pub(crate) use skeleton::skeleton;
