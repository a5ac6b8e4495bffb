//! Which parts of a row belong together?

use super::Formula;
use super::symbols;

/// Parts side by side. A bracket before a table is as high as the table is, and so is the one after it.
pub fn row(parts: Vec<Formula>) -> Formula {
    let mut folded: Vec<Formula> = Vec::with_capacity(parts.len());
    let mut parts =
        parts.into_iter().filter(|it| !matches!(it, Formula::Row(inner) if inner.is_empty())).peekable();
    while let Some(part) = parts.next() {
        let is_table = matches!(part, Formula::Table(_));
        let open = match folded.last() {
            Some(Formula::Operator(sign)) if is_table && symbols::opens(sign) => Some(sign.clone()),
            _ => None,
        };
        let Some(open) = open else {
            folded.push(part);
            continue;
        };
        folded.pop();
        let close = match parts.peek() {
            Some(Formula::Operator(sign)) if symbols::closes(sign) => sign.clone(),
            _ => String::new(),
        };
        if !close.is_empty() {
            parts.next();
        }
        folded.push(Formula::Fenced { open, between: None, close, parts: vec![part] });
    }
    match folded.pop() {
        Some(only) if folded.is_empty() => only,
        Some(last) => {
            folded.push(last);
            Formula::Row(folded)
        }
        None => Formula::Row(Vec::new()),
    }
}
