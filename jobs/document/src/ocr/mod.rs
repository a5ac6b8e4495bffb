//! How is text read from pictures? By tesseract, through its library, after they were made upright and straight.
//!
//! | question | file |
//! |---|---|
//! | What is a picture, and how is its file opened? | `picture.rs`, `images/` |
//! | What is done to it before it is read? | `prepare.rs`, with `ink.rs`, `leptonica.rs`, `resample.rs`, `rotate.rs` |
//! | How is it read? | `engine.rs`, with `tesseract.rs` and `library.rs` |
//! | What becomes of the words? | `noise.rs`, `layout.rs`, `tables.rs` with `rules.rs` |
//! | How are many pages read beside each other? | `pages.rs` |
//! | How does a scan become a PDF that can be searched? | `searchable/` |
//! | How is the picture of a page written? | `encode.rs` |

mod encode;
mod engine;
mod images;
mod ink;
mod layout;
mod leptonica;
mod library;
mod noise;
mod pages;
mod picture;
mod prepare;
mod resample;
mod rotate;
mod rules;
mod searchable;
mod tables;
mod tesseract;
mod webp;

pub use encode::{PictureFormat, encode};
pub use engine::{Engine, Options, Recognised};
pub use images::ImageFile;
pub use pages::in_order;
pub use picture::{Picture, Samples};
pub use searchable::{AddError, SearchablePdf};
