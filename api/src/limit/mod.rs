//! How often may a tenant call, and how much at once? As its limits say, counted in this process.

mod bucket;
mod peer;
mod places;
mod rates;

pub(crate) use peer::Peer;
pub(crate) use places::{Place, Places};
pub(crate) use rates::{RequestRates, Standing};
