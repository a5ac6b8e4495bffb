//! Is the work shared as promised? The same load through the queue, through a plain line, and as it would be best.
//!
//! ```text
//! load ─▶ simulate ─▶ story ─▶ judge      a clock that jumps from event to event, the queue's real SQL
//!   └───▶ real ─────────▲                 workers that sleep, the clock on the wall
//! ```

mod clock;
mod fifo;
mod in_queue;
mod judge;
mod known;
mod line;
mod load;
pub mod real;
mod simulate;
pub mod simulated;
mod sleeper;
mod story;
mod sweep;
