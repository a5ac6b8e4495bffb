//! How is a formula written as characters in a row?

use super::Formula;
use super::symbols;

/// `(a + b)/2 = √(x^2)`.
pub fn linear(formula: &Formula) -> String {
    let mut row = Row::default();
    row.part(formula);
    row.out.trim().to_owned()
}

/// What is written of a row so far.
#[derive(Default)]
struct Row {
    out: String,
    /// Whether it ends with a word, which no letter may go on.
    after_word: bool,
    /// Whether it ends with what a sign has on its left side: `a − b`, but `= −b`.
    after_term: bool,
}

impl Row {
    fn part(&mut self, formula: &Formula) {
        match formula {
            Formula::Row(parts) => parts.iter().for_each(|part| self.part(part)),
            Formula::Name(text) => self.name(text),
            Formula::Text(text) => self.word(text.trim(), true),
            Formula::Number(text) => self.word(text, false),
            Formula::Operator(text) => self.operator(text),
            Formula::Styled(_, inner) => self.part(inner),
            Formula::Gap(width) => self.gap(*width),
            Formula::Fraction { over, under, has_bar: true } => {
                self.word(&format!("{}/{}", bracketed(over), bracketed(under)), false);
            }
            Formula::Fraction { over, under, has_bar: false } => {
                self.word(&format!("[{}; {}]", linear(over), linear(under)), false);
            }
            Formula::Root { of, degree } => {
                let degree = degree.as_ref().map(|it| linear(it)).unwrap_or_default();
                self.word(&format!("{degree}√({})", linear(of)), false);
            }
            Formula::Scripts { base, below, above, .. } => {
                self.part(base);
                below.iter().for_each(|it| self.script('_', it));
                above.iter().for_each(|it| self.script('^', it));
                self.after_word = true;
            }
            Formula::Fenced { open, between, close, parts } => {
                let between = if between == "," { ", " } else { between.as_str() };
                let parts = parts.iter().map(linear).collect::<Vec<_>>();
                self.out.push_str(&format!("{open}{}{close}", parts.join(between)));
                self.term(false);
            }
            Formula::Table(rows) => {
                let cells = |row: &Vec<Formula>| row.iter().map(linear).collect::<Vec<_>>().join(" ");
                self.out.push_str(&format!("[{}]", rows.iter().map(cells).collect::<Vec<_>>().join("; ")));
                self.term(false);
            }
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
            self.out.push(' ');
        }
        self.out.push_str(text);
        self.term(is_word);
    }

    fn term(&mut self, is_word: bool) {
        (self.after_word, self.after_term) = (is_word, true);
    }

    fn gap(&mut self, width: f32) {
        if width > 0.0 && !self.out.is_empty() && !self.out.ends_with(' ') {
            self.out.push(' ');
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
                self.out.push(' ');
            }
            self.out.push_str(text);
            self.out.push(' ');
            (self.after_word, self.after_term) = (false, false);
        } else if !text.is_empty() {
            self.out.push_str(text);
            (self.after_word, self.after_term) = (false, symbols::closes(text) || text == "!");
        }
    }

    /// What stands below or above. A brace only says how far its words reach; an accent stands on its letter.
    fn script(&mut self, sign: char, script: &Formula) {
        let text = linear(script);
        let mut letters = text.chars();
        let accent = letters.next().filter(|_| letters.next().is_none());
        match accent {
            Some('⏞' | '⏟' | '⎴' | '⎵') => {}
            Some(c) if sign == '^' && symbols::accent(c).is_some() => {
                self.out.extend(symbols::accent(c).map(|(_, combining)| combining));
            }
            _ => {
                self.out.push(sign);
                self.out.push_str(&in_brackets(&text));
            }
        }
        self.term(false);
    }
}

fn bracketed(formula: &Formula) -> String {
    in_brackets(&linear(formula))
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
