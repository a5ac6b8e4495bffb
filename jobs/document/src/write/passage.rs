//! What of a page can be searched? All that it says, without the lines that every page repeats.

use super::super::model::{Block, BlockKind, Page};
use super::clean;
use super::grid::Grid;
use super::name;

/// The text of a page as one passage of the search: a line a block, cells apart by tabs.
///
/// The lines at the top and the foot of pages count on page 1 only: a letterhead is found, and found once.
#[must_use]
pub fn passage_text(page: &Page) -> String {
    let mut out = String::new();
    if let Some(name) = name::unsaid(page) {
        add(&mut out, &name);
    }
    for block in &page.blocks {
        match &block.kind {
            BlockKind::Header | BlockKind::Footer if page.number > 1 => {}
            BlockKind::Table(table) => {
                if let Some(caption) = &table.caption {
                    add(&mut out, &clean::line(caption));
                }
                table_text(&mut out, block);
            }
            _ => clean::lines(&block.text).for_each(|line| add(&mut out, &line)),
        }
    }
    out
}

/// From the cells, since a reader of a format may leave out the text of a table.
fn table_text(out: &mut String, block: &Block) {
    let BlockKind::Table(table) = &block.kind else { return };
    for row in Grid::of(table).rows() {
        let cells: Vec<String> = row.into_iter().map(clean::line).filter(|text| !text.is_empty()).collect();
        add(out, &cells.join("\t"));
    }
}

fn add(out: &mut String, line: &str) {
    if line.is_empty() {
        return;
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(line);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Cell, Table};

    fn block(kind: BlockKind, text: &str) -> Block {
        Block { kind, text: text.into(), ..Block::default() }
    }

    fn page(number: u32) -> Page {
        let cells = vec![
            Cell { text: "Produto".into(), ..Cell::default() },
            Cell { column: 2, text: "Preço\nfinal".into(), ..Cell::default() },
        ];
        let table = Table { rows: 1, columns: 3, cells, caption: Some("Tabela 1".into()) };
        Page {
            number,
            name: Some("Anexo".into()),
            blocks: vec![
                block(BlockKind::Header, "Prefeitura de Olinda"),
                block(BlockKind::Paragraph, "A ação\nfoi  julgada."),
                block(BlockKind::Table(table), ""),
                block(BlockKind::Comment, "rever"),
                block(BlockKind::Footer, "1 de 2"),
            ],
            ..Page::default()
        }
    }

    #[test]
    fn running_lines_are_found_on_the_first_page_alone() {
        let body = "A ação\nfoi julgada.\nTabela 1\nProduto\tPreço final\nrever";
        assert_eq!(passage_text(&page(1)), format!("Anexo\nPrefeitura de Olinda\n{body}\n1 de 2"));
        assert_eq!(passage_text(&page(2)), format!("Anexo\n{body}"));
    }
}
