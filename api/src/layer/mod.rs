//! What happens around every request, whatever its route?

mod context;
mod cors;
mod edge;
mod hsts;
mod panic;
mod request_id;
mod time_limit;

pub(crate) use context::RequestContext;
pub(crate) use cors::cors;
pub(crate) use edge::edge;
pub(crate) use hsts::hsts;
pub(crate) use panic::catch_panics;
pub(crate) use time_limit::within;
