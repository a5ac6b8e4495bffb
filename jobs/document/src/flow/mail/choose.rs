//! A text comes twice, plain and as a page of the web: which one is taken?
//!
//! The plain one is what its writer meant to be read as text. The other one is taken where the plain one is missing half
//! of it, and where it says the same with headings, lists or tables.

use std::collections::BTreeMap;

use super::super::super::model::{Block, BlockKind};

/// Words that are compared.
const MAX_WORDS: usize = 20_000;

/// Whether the page of the web is taken.
pub fn prefers_page(text: &[Block], page: &[Block]) -> bool {
    let (in_text, in_page) = (words(text), words(page));
    let count = |words: &BTreeMap<String, usize>| words.values().sum::<usize>();
    let shared: usize =
        in_text.iter().map(|(word, &times)| times.min(in_page.get(word).copied().unwrap_or(0))).sum();
    let (of_text, of_page) = (count(&in_text), count(&in_page));
    if of_text == 0 {
        return of_page > 0;
    }
    // A stub such as "Your program cannot show this message" says little, and little of the page.
    let is_stub = of_page > of_text * 2 + 20 && shared * 4 < of_page;
    let is_same = shared * 100 >= of_text.max(of_page) * 95;
    is_stub || (is_same && page.iter().any(has_form))
}

/// Whether a block says more than a line of text would.
fn has_form(block: &Block) -> bool {
    matches!(block.kind, BlockKind::Heading { .. } | BlockKind::ListItem { .. } | BlockKind::Table(_))
}

fn words(blocks: &[Block]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    // Addresses are text in one of them, and in the other one behind it.
    let texts = blocks.iter().flat_map(|block| block.text.split_whitespace()).map(before_address);
    let words = texts.flat_map(|text| text.split(|letter: char| !letter.is_alphanumeric()));
    for word in words.filter(|word| !word.is_empty()).take(MAX_WORDS) {
        *counts.entry(word.to_lowercase()).or_insert(0) += 1;
    }
    counts
}

/// What stands before an address in a piece of text without white space.
fn before_address(text: &str) -> &str {
    let start =
        ["http://", "https://", "mailto:", "www.", "[cid:"].iter().filter_map(|start| text.find(start)).min();
    start.and_then(|start| text.get(..start)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraph(text: &str) -> Block {
        Block { text: text.to_owned(), ..Block::default() }
    }

    fn item(text: &str) -> Block {
        Block { kind: BlockKind::ListItem { level: 0, number: None }, ..paragraph(text) }
    }

    #[test]
    fn the_plain_text_is_taken_where_it_says_as_much() {
        assert!(!prefers_page(&[paragraph("Olá, Ana. Até logo.")], &[paragraph("Olá, Ana. Até logo.")]));
        assert!(!prefers_page(&[paragraph("a plain version")], &[paragraph("another"), item("version")]));
    }

    #[test]
    fn the_page_is_taken_where_it_says_the_same_with_form() {
        assert!(prefers_page(&[paragraph("* um\n* dois")], &[item("um"), item("dois")]));
    }

    #[test]
    fn addresses_in_the_plain_text_are_no_words_that_the_page_lacks() {
        let plain = "Olá, Ana. Veja o pedido <https://loja.example/pedidos/77?origem=mensagem&cliente=8123>\n* um\n* dois\n\
                     Sair: https://loja.example/sair/ana [cid:logo.png]";
        let page = [paragraph("Olá, Ana. Veja o pedido"), item("um"), item("dois"), paragraph("Sair:")];
        assert!(prefers_page(&[paragraph(plain)], &page));
    }

    #[test]
    fn the_page_is_taken_where_the_plain_text_is_a_stub_or_nothing() {
        let page: Vec<Block> = (0..20).map(|n| paragraph(&format!("a whole sentence number {n}"))).collect();
        assert!(prefers_page(&[paragraph("This message is best seen elsewhere.")], &page));
        assert!(prefers_page(&[], &page));
    }
}
