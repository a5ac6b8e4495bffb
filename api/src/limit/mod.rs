//! How often may a tenant call, and how much at once? As its limits say, those of requests over all processes.

mod peer;
mod places;
mod rates;
mod room;
mod share;
mod turns;
mod until_sent;

pub(crate) use peer::Peer;
pub(crate) use places::{Place, Places};
pub(crate) use rates::{RequestRates, Standing};
pub(crate) use room::{Full, Held, Room, RoomLimits};
pub(crate) use turns::Turns;
pub(crate) use until_sent::UntilSent;
