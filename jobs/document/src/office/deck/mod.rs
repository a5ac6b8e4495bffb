//! Presentations of PowerPoint, in its newer and its older format.

pub mod ppt;
pub mod pptx;
pub mod reading_order;
