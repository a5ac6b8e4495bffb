//! What do drawings say that all the formats of Office Open XML share?

pub mod chart;
pub mod diagram;
pub mod frame;
pub mod words;
