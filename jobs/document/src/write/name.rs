//! Has the name of a sheet, slide or part to be written, or does its content say it anyway?

use super::super::model::{BlockKind, Page};
use super::clean;

/// The name of a page that no heading of it repeats.
pub fn unsaid(page: &Page) -> Option<String> {
    let name = clean::line(page.name.as_deref()?);
    let wanted = name.to_lowercase();
    let said = page.blocks.iter().any(|block| {
        matches!(block.kind, BlockKind::Heading { .. }) && clean::line(&block.text).to_lowercase() == wanted
    });
    (!name.is_empty() && !said).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Block;

    #[test]
    fn a_heading_of_the_same_words_stands_for_the_name() {
        let block = |kind| Block { kind, text: "Capítulo  um".into(), ..Block::default() };
        let page =
            |kind| Page { name: Some("CAPÍTULO UM".into()), blocks: vec![block(kind)], ..Page::default() };
        assert_eq!(unsaid(&page(BlockKind::Heading { level: 2 })), None);
        assert_eq!(unsaid(&page(BlockKind::Paragraph)).as_deref(), Some("CAPÍTULO UM"));
        assert_eq!(unsaid(&Page::default()), None);
    }
}
