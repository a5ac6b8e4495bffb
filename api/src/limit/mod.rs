//! How often may a tenant call? As its limits say, counted in this process.

mod bucket;
mod rates;

pub(crate) use rates::{RequestRates, Standing};
