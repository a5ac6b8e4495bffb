//! How is a formula written as characters in a row?

use super::symbols;
use super::{Formula, LONGEST};

/// `(a + b)/2 = √(x^2)`; none where that is too long.
pub fn linear(formula: &Formula) -> Option<String> {
    let mut row = Row::default();
    row.part(formula);
    (!row.is_full).then(|| row.out.trim().to_owned())
}

/// What is written of a row so far.
#[derive(Default)]
struct Row {
    out: String,
    /// Whether it ends with a word, which no letter may go on.
    after_word: bool,
    /// Whether it ends with what a sign has on its left side: `a − b`, but `= −b`.
    after_term: bool,
    /// Whether there was more than it may have; nothing is added then.
    is_full: bool,
}

impl Row {
    fn part(&mut self, formula: &Formula) {
        if self.is_full {
            return;
        }
        match formula {
            Formula::Row(parts) => parts.iter().for_each(|part| self.part(part)),
            Formula::Name(text) => self.name(text),
            Formula::Text(text) => self.word(text.trim(), true),
            Formula::Number(text) => self.word(text, false),
            Formula::Operator(text) => self.operator(text),
            Formula::Styled(_, inner) => self.part(inner),
            Formula::Gap(width) => self.gap(*width),
            Formula::Fraction { over, under, has_bar: true } => {
                let (over, under) = (in_brackets(&self.apart(over)), in_brackets(&self.apart(under)));
                self.word(&format!("{over}/{under}"), false);
            }
            Formula::Fraction { over, under, has_bar: false } => {
                let (over, under) = (self.apart(over), self.apart(under));
                self.word(&format!("[{over}; {under}]"), false);
            }
            Formula::Root { of, degree } => {
                let degree = degree.as_ref().map(|it| self.apart(it)).unwrap_or_default();
                let of = self.apart(of);
                self.word(&format!("{degree}√({of})"), false);
            }
            Formula::Scripts { base, below, above, .. } => {
                self.part(base);
                below.iter().for_each(|it| self.script('_', it));
                above.iter().for_each(|it| self.script('^', it));
                self.after_word = true;
            }
            Formula::Fenced { open, between, close, parts } => {
                let between = between.map(|it| if it == ',' { ", ".to_owned() } else { it.to_string() });
                self.write(open);
                self.joined(parts, &between.unwrap_or_default());
                self.write(close);
                self.term(false);
            }
            Formula::Table(rows) => {
                self.write("[");
                for (place, row) in rows.iter().enumerate() {
                    self.write(if place > 0 { "; " } else { "" });
                    self.joined(row, " ");
                }
                self.write("]");
                self.term(false);
            }
        }
    }

    /// Adds to what is written, as long as that is not too long.
    fn write(&mut self, text: &str) {
        self.is_full |= text.len() > LONGEST - self.out.len();
        if !self.is_full {
            self.out.push_str(text);
        }
    }

    /// A part as it is written alone.
    fn apart(&mut self, formula: &Formula) -> String {
        let alone = if self.is_full { None } else { linear(formula) };
        self.is_full |= alone.is_none();
        alone.unwrap_or_default()
    }

    fn joined(&mut self, parts: &[Formula], between: &str) {
        for (place, part) in parts.iter().enumerate() {
            self.write(if place > 0 { between } else { "" });
            let part = self.apart(part);
            self.write(&part);
        }
    }

    /// A name; that of a function is a word.
    fn name(&mut self, text: &str) {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.word(&text, text.chars().nth(1).is_some());
    }

    fn word(&mut self, text: &str, is_word: bool) {
        let after_letter = self.out.ends_with(char::is_alphanumeric);
        let is_apart =
            after_letter && (self.after_word || is_word) || self.after_word && self.out.ends_with(')');
        if is_apart && text.starts_with(char::is_alphanumeric) {
            self.write(" ");
        }
        self.write(text);
        self.term(is_word);
    }

    fn term(&mut self, is_word: bool) {
        (self.after_word, self.after_term) = (is_word, true);
    }

    fn gap(&mut self, width: f32) {
        if width > 0.0 && !self.out.is_empty() && !self.out.ends_with(' ') {
            self.write(" ");
        }
    }

    /// An operator, apart from what is beside it if it stands between two things. Those that cannot be seen are left out.
    fn operator(&mut self, text: &str) {
        let text = text.trim().trim_matches(symbols::is_invisible);
        let is_sign = matches!(text, "+" | "-" | "−" | "±" | "∓");
        if text.chars().nth(1).is_some() && text.chars().all(char::is_alphanumeric) {
            self.word(text, true);
        } else if symbols::stands_between(text) && (self.after_term || !is_sign) {
            if !self.out.is_empty() && !self.out.ends_with(' ') {
                self.write(" ");
            }
            self.write(text);
            self.write(" ");
            (self.after_word, self.after_term) = (false, false);
        } else if !text.is_empty() {
            self.write(text);
            (self.after_word, self.after_term) = (false, symbols::closes(text) || text == "!");
        }
    }

    /// What stands below or above. A brace only says how far its words reach; an accent stands on its letter.
    fn script(&mut self, sign: char, script: &Formula) {
        let text = self.apart(script);
        let mut letters = text.chars();
        let accent = letters.next().filter(|_| letters.next().is_none());
        match accent {
            Some('⏞' | '⏟' | '⎴' | '⎵') => {}
            Some(c) if sign == '^' && symbols::accent(c).is_some() => {
                let combining = symbols::accent(c).map(|(_, combining)| combining);
                combining.into_iter().for_each(|it| self.write(it.encode_utf8(&mut [0; 4])));
            }
            _ => {
                self.write(sign.encode_utf8(&mut [0; 4]));
                self.write(&in_brackets(&text));
            }
        }
        self.term(false);
    }
}

/// In brackets, unless it is one thing.
fn in_brackets(text: &str) -> String {
    let text = text.trim();
    if text.chars().count() <= 1 || text.chars().all(char::is_alphanumeric) {
        text.to_owned()
    } else {
        format!("({text})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_writer_stops_where_a_formula_is_too_long() {
        let names = vec![Formula::Name("x".to_owned()); LONGEST];
        let (open, close) = ("(".to_owned(), ")".to_owned());
        let fenced = Formula::Fenced { open, between: Some(','), close, parts: names.clone() };
        for formula in [fenced, Formula::Table(vec![names]), Formula::Text("x".repeat(10 * LONGEST))] {
            let mut row = Row::default();
            row.part(&formula);
            assert!(row.out.len() <= LONGEST);
        }
    }
}
