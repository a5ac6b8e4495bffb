//! Which lines at the top and the foot of pages are worth writing? Each once, whatever page number it carries.

use std::collections::BTreeSet;

/// Different lines that are remembered, and bytes of each: a document has a few short ones.
const MOST_LINES: usize = 1_000;
const LINE_BYTES: usize = 300;

/// The running lines that were seen.
#[derive(Debug, Default)]
pub struct Running(BTreeSet<String>);

impl Running {
    /// Whether the line says something that none before it said.
    pub fn is_new(&mut self, line: &str) -> bool {
        let key = key(line);
        if key.chars().all(|c| !c.is_alphabetic()) {
            return false;
        }
        if self.0.len() >= MOST_LINES || key.len() > LINE_BYTES {
            return !self.0.contains(&key);
        }
        self.0.insert(key)
    }
}

/// The line without its numbers: "Página 3 de 10" and "Página 4 de 10" are the same.
fn key(line: &str) -> String {
    let mut out = String::new();
    for c in line.chars().filter(|c| !c.is_whitespace()) {
        if !c.is_ascii_digit() {
            out.extend(c.to_lowercase());
        } else if !out.ends_with('#') {
            out.push('#');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_line_is_new_once() {
        let mut running = Running::default();
        let seen =
            ["Página 1 de 12", "Página 2  de 12", "Contrato nº 77", "CONTRATO Nº 77", "12", "- 3 -", ""];
        assert_eq!(seen.map(|line| running.is_new(line)), [true, false, true, false, false, false, false]);
    }
}
