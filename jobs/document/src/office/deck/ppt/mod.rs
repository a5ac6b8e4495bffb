//! How is a PPT read (MS-PPT)?

mod records;
mod slides;
mod tables;
mod text;

use std::path::Path;

use super::super::super::error::ReadError;
use super::super::super::model::{Metadata, PageKind};
use super::super::compound::{Bytes, Compound};
use super::super::output::Output;
use super::super::properties;
use records::Objects;

/// What the stream of the user begins with when the document is encrypted (MS-PPT, 2.3.2).
const ENCRYPTED: u32 = 0xf3d1_c4df;

/// Reads the presentation at `path`.
pub fn read(path: &Path, output: &mut Output<'_>) -> Result<Metadata, ReadError> {
    let mut compound = Compound::open(path, output.limits)?;
    let user = compound.stream("Current User")?.unwrap_or_default();
    if user.u32_at(12) == Some(ENCRYPTED) || compound.has("EncryptedSummary") {
        return Err(ReadError::locked("the presentation is encrypted"));
    }
    let stream = compound.stream("PowerPoint Document")?;
    let stream = stream.ok_or_else(|| ReadError::malformed("the file has no presentation in it"))?;
    let objects = Objects::of(&stream, user.u32_at(16).unwrap_or_default() as usize);
    let deck = slides::Deck::of(&stream, &objects)
        .ok_or_else(|| ReadError::malformed("the presentation has no list of slides"))?;
    let mut metadata = properties::metadata(&mut compound);
    metadata.pages = u32::try_from(deck.slides.len()).ok();
    output.expect_pages(deck.slides.len());
    for slide in &deck.slides {
        if output.is_done() {
            break;
        }
        let (title, mut blocks) = if output.wants_next() {
            deck.read(slide, &stream, &objects, output)
        } else {
            (None, Vec::new())
        };
        blocks.retain(|it| output.block_fits(it));
        output.page(PageKind::Slide, title, blocks)?;
    }
    Ok(metadata)
}

#[cfg(test)]
mod tests;
