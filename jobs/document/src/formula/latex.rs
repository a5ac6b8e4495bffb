//! How is a formula written as LaTeX? With commands of its own and of amsmath, which MathJax and KaTeX know.

use super::symbols;
use super::{Formula, LONGEST};

/// `\frac{a + b}{2} = \sqrt{x^{2}}`; none where that is too long.
pub fn latex(formula: &Formula) -> Option<String> {
    let mut writer = Latex::default();
    writer.part(formula);
    if writer.is_full {
        return None;
    }
    // A bracket and a parenthesis would be a link where nobody reads formulas.
    let latex = writer.out.trim().replace("](", "] (").replace("]:", "] :");
    (latex.len() <= LONGEST).then_some(latex)
}

#[derive(Default)]
struct Latex {
    out: String,
    /// Whether it ends with the name of a command, which a letter would go on.
    after_command: bool,
    /// Whether there was more than it may have; nothing is added then.
    is_full: bool,
}

impl Latex {
    fn part(&mut self, formula: &Formula) {
        if self.is_full {
            return;
        }
        match formula {
            Formula::Row(parts) => parts.iter().for_each(|part| self.part(part)),
            Formula::Name(text) => self.name(text),
            Formula::Number(text) => text.chars().for_each(|c| self.character(c)),
            Formula::Operator(text) => self.operator(text),
            Formula::Text(text) => self.text(text),
            Formula::Styled(style, inner) => {
                self.piece(style);
                self.group(inner);
            }
            Formula::Gap(width) => self.gap(*width),
            Formula::Fraction { over, under, has_bar } => {
                self.piece(if *has_bar { "\\frac" } else { "\\genfrac{}{}{0pt}{}" });
                self.group(over);
                self.group(under);
            }
            Formula::Root { of, degree } => {
                self.piece("\\sqrt");
                if let Some(degree) = degree {
                    // Braces keep a bracket in the degree from ending it.
                    self.piece("[");
                    self.group(degree);
                    self.piece("]");
                }
                self.group(of);
            }
            Formula::Scripts { base, below, above, is_beside } => {
                let (below, above) = (below.as_deref(), above.as_deref());
                if *is_beside || takes_limits(base) {
                    self.base(base, *is_beside);
                    self.beside(below, above);
                } else {
                    self.stacked(base, below, above);
                }
            }
            Formula::Fenced { open, between, close, parts } => self.fenced(open, *between, close, parts),
            Formula::Table(rows) => self.table(rows),
        }
    }

    /// A piece of code: a command, or characters as they are.
    fn piece(&mut self, piece: &str) {
        if self.after_command && piece.starts_with(|c: char| c.is_ascii_alphabetic()) {
            self.write(" ");
        }
        self.write(piece);
        self.after_command = piece.starts_with('\\') && piece.ends_with(|c: char| c.is_ascii_alphabetic());
    }

    /// Adds to what is written, as long as that is not too long.
    fn write(&mut self, text: &str) {
        self.is_full |= text.len() > LONGEST - self.out.len();
        if !self.is_full {
            self.out.push_str(text);
        }
    }

    fn space(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with([' ', '{']) {
            self.piece(" ");
        }
    }

    fn group(&mut self, formula: &Formula) {
        self.piece("{");
        self.part(formula);
        self.close("}");
    }

    /// What ends a group, with no space before it.
    fn close(&mut self, end: &str) {
        if self.out.ends_with(' ') && !self.out.ends_with("\\ ") {
            self.out.pop();
        }
        self.after_command = false;
        self.piece(end);
    }

    fn name(&mut self, text: &str) {
        let text = text.trim();
        if symbols::is_function(text) {
            self.piece(&format!("\\{text}"));
        } else if text.len() > 1 && text.chars().all(|c| c.is_ascii_alphabetic()) {
            self.piece(&format!("\\mathrm{{{text}}}"));
        } else if text.chars().nth(1).is_some() && text.contains(' ') {
            self.text(text);
        } else {
            text.chars().for_each(|c| self.character(c));
        }
    }

    fn character(&mut self, c: char) {
        if let Some((style, plain)) = symbols::styled(c) {
            match style {
                "" => self.character(plain),
                style => {
                    self.piece(style);
                    self.piece("{");
                    self.character(plain);
                    self.close("}");
                }
            }
        } else if let Some(command) = symbols::command(c) {
            self.piece(command);
        } else if c == '<' {
            // Never the beginning of a tag of HTML.
            self.piece("<");
            self.space();
        } else if c.is_whitespace() {
            self.space();
        } else if !c.is_control() {
            self.piece(c.encode_utf8(&mut [0; 4]));
        }
    }

    fn operator(&mut self, text: &str) {
        let text = text.trim().trim_matches(symbols::is_invisible);
        if symbols::is_function(text) {
            self.piece(&format!("\\{text}"));
        } else if text.len() > 1 && text.chars().all(|c| c.is_ascii_alphabetic()) {
            self.piece(&format!("\\operatorname{{{text}}}"));
        } else if symbols::stands_between(text) {
            self.space();
            text.chars().for_each(|c| self.character(c));
            self.space();
        } else {
            text.chars().for_each(|c| self.character(c));
            if text == "," {
                self.space();
            }
        }
    }

    fn text(&mut self, text: &str) {
        self.piece("\\text{");
        for c in text.chars() {
            match c {
                _ if self.is_full => break,
                '{' => self.write("\\{"),
                '}' => self.write("\\}"),
                '#' => self.write("\\#"),
                '%' => self.write("\\%"),
                '&' => self.write("\\&"),
                '_' => self.write("\\_"),
                '$' => self.write("\\$"),
                '\\' => self.write("\\textbackslash{}"),
                '^' => self.write("\\textasciicircum{}"),
                '~' => self.write("\\textasciitilde{}"),
                '`' => self.write("‘"),
                '<' => self.write("< "),
                c if c.is_whitespace() => self.write(" "),
                c if c.is_control() => {}
                c => self.write(c.encode_utf8(&mut [0; 4])),
            }
        }
        self.piece("}");
    }

    fn gap(&mut self, width: f32) {
        self.piece(match width {
            it if it <= 0.0 => return,
            it if it < 0.2 => "\\,",
            it if it < 0.5 => "\\;",
            it if it < 1.5 => "\\quad",
            _ => "\\qquad",
        });
        self.space();
    }

    /// What something is written beside of; in braces if it is more than one thing.
    fn base(&mut self, base: &Formula, is_beside: bool) {
        match base {
            Formula::Row(_) | Formula::Scripts { .. } | Formula::Fraction { .. } | Formula::Gap(_) => {
                self.group(base);
            }
            base if base.is_empty() => self.piece("{}"),
            Formula::Operator(text) if !symbols::is_function(text.trim()) => {
                // No spaces, which would part it from what is beside it.
                text.trim().chars().for_each(|c| self.character(c));
                if !is_beside && text.trim().chars().all(symbols::is_large) {
                    self.piece("\\limits");
                }
            }
            base => self.part(base),
        }
    }

    fn beside(&mut self, below: Option<&Formula>, above: Option<&Formula>) {
        for (sign, script) in [("_", below), ("^", above)] {
            if let Some(script) = script {
                self.piece(sign);
                self.group(script);
            }
        }
    }

    /// Something right over and under a base: an accent, a brace, or a thing of its own.
    fn stacked(&mut self, base: &Formula, below: Option<&Formula>, above: Option<&Formula>) {
        let ends = [(above, true), (below, false)].map(|(script, is_above)| {
            let script = script?;
            let sign = match script {
                Formula::Operator(text) | Formula::Name(text) | Formula::Text(text) => only(text.trim()),
                _ => None,
            };
            let command = sign.and_then(|c| if is_above { symbols::above(c) } else { symbols::below(c) });
            Some((command, script, is_above))
        });
        let mut open = 0;
        for (command, script, is_above) in ends.into_iter().flatten() {
            match command {
                Some(command) => self.piece(command),
                None => {
                    self.piece(if is_above { "\\overset" } else { "\\underset" });
                    self.group(script);
                }
            }
            self.piece("{");
            open += 1;
        }
        self.part(base);
        (0..open).for_each(|_| self.close("}"));
    }

    fn fenced(&mut self, open: &str, between: Option<char>, close: &str, parts: &[Formula]) {
        self.fence("\\left", open);
        self.space();
        for (place, part) in parts.iter().enumerate() {
            if place > 0 {
                self.separator(between);
            }
            self.part(part);
        }
        self.space();
        self.fence("\\right", close);
    }

    fn separator(&mut self, between: Option<char>) {
        if between == Some('|') {
            self.space();
            self.piece("\\middle|");
        } else {
            between.into_iter().for_each(|c| self.character(c));
        }
        self.space();
    }

    /// A bracket that grows; a sign that cannot is written as it is, beside an invisible one.
    fn fence(&mut self, side: &str, sign: &str) {
        let sign = sign.trim();
        let delimiter = if sign.is_empty() { Some(".") } else { only(sign).and_then(symbols::delimiter) };
        if delimiter.is_none() && side == "\\right" {
            sign.chars().for_each(|c| self.character(c));
        }
        self.piece(side);
        self.write(delimiter.unwrap_or("."));
        self.after_command = delimiter.is_some_and(|it| it.starts_with('\\'));
        if delimiter.is_none() && side == "\\left" {
            sign.chars().for_each(|c| self.character(c));
        }
    }

    fn table(&mut self, rows: &[Vec<Formula>]) {
        self.piece("\\begin{matrix}");
        for (place, row) in rows.iter().enumerate() {
            if place > 0 {
                self.space();
                self.piece("\\\\");
            }
            for (place, cell) in row.iter().enumerate() {
                if place > 0 {
                    self.space();
                    self.piece("&");
                }
                self.space();
                self.part(cell);
            }
        }
        self.space();
        self.piece("\\end{matrix}");
    }
}

/// Whether LaTeX puts below and above where they belong when they are written beside it.
fn takes_limits(base: &Formula) -> bool {
    match base {
        Formula::Name(text) => symbols::is_function(text.trim()),
        Formula::Operator(text) => {
            let text = text.trim();
            symbols::is_function(text) || !text.is_empty() && text.chars().all(symbols::is_large)
        }
        _ => false,
    }
}

fn only(text: &str) -> Option<char> {
    let mut letters = text.chars();
    letters.next().filter(|_| letters.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_writer_stops_where_a_formula_is_too_long() {
        let names = Formula::Row(vec![Formula::Name("x".to_owned()); LONGEST + 1]);
        for formula in [names, Formula::Text("x".repeat(10 * LONGEST)), Formula::Text("\\".repeat(LONGEST))] {
            let mut writer = Latex::default();
            writer.part(&formula);
            assert!(writer.out.len() <= LONGEST);
        }
    }
}
