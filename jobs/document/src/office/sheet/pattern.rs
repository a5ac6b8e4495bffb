//! What are the pieces of a number format?

/// A piece of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Literal(String),
    /// `0`, `#` or `?`.
    Digit(char),
    Point,
    Comma,
    Percent,
    /// `E+` or `E-`; whether a plus is shown.
    Exponent(bool),
    /// Between the parts of a fraction.
    Slash,
    /// The text of the cell.
    Text,
    General,
    Year(usize),
    Month(usize),
    Day(usize),
    Hour(usize),
    Minute(usize),
    Second(usize),
    /// Digits after the second.
    Fraction(usize),
    /// `AM/PM` or `A/P`; whether it is the short one.
    Half(bool),
    /// `[h]`, `[m]` or `[s]`.
    Elapsed(char, usize),
}

impl Piece {
    /// Whether it is of a day or a time.
    pub fn is_of_time(&self) -> bool {
        use Piece::{Day, Elapsed, Fraction, Half, Hour, Minute, Month, Second, Year};
        matches!(
            self,
            Year(_)
                | Month(_)
                | Day(_)
                | Hour(_)
                | Minute(_)
                | Second(_)
                | Fraction(_)
                | Half(_)
                | Elapsed(..)
        )
    }
}

/// When a section holds, if it says so itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Condition {
    Less(f64),
    LessOrEqual(f64),
    Greater(f64),
    GreaterOrEqual(f64),
    Equal(f64),
    Different(f64),
}

impl Condition {
    pub fn holds(self, value: f64) -> bool {
        match self {
            Self::Less(bound) => value < bound,
            Self::LessOrEqual(bound) => value <= bound,
            Self::Greater(bound) => value > bound,
            Self::GreaterOrEqual(bound) => value >= bound,
            Self::Equal(bound) => (value - bound).abs() < f64::EPSILON,
            Self::Different(bound) => (value - bound).abs() >= f64::EPSILON,
        }
    }

    fn of(text: &str) -> Option<Self> {
        type Made = fn(f64) -> Condition;
        let all: [(&str, Made); 6] = [
            ("<=", Self::LessOrEqual),
            (">=", Self::GreaterOrEqual),
            ("<>", Self::Different),
            ("<", Self::Less),
            (">", Self::Greater),
            ("=", Self::Equal),
        ];
        all.iter().find_map(|(sign, make)| text.strip_prefix(sign)?.trim().parse().ok().map(make))
    }
}

/// One of the parts of a format that semicolons part.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Section {
    pub pieces: Vec<Piece>,
    pub condition: Option<Condition>,
    /// Whether its numbers and names are those of Portuguese.
    pub is_portuguese: bool,
}

/// The sections of a format.
pub fn sections(code: &str) -> Vec<Section> {
    let mut reader = Reader { characters: code.chars().collect(), at: 0, section: Section::default() };
    let mut sections = Vec::new();
    while sections.len() < 4 {
        let is_last = !reader.section();
        let mut section = std::mem::take(&mut reader.section);
        tell_minutes(&mut section.pieces);
        sections.push(section);
        if is_last {
            break;
        }
    }
    sections
}

struct Reader {
    characters: Vec<char>,
    at: usize,
    section: Section,
}

impl Reader {
    /// Reads to the end of a section; whether another follows.
    fn section(&mut self) -> bool {
        while let Some(character) = self.next() {
            match character {
                ';' => return true,
                '"' => {
                    let text = self.until('"');
                    self.literal(&text);
                }
                '\\' => {
                    let escaped = self.next().map(String::from).unwrap_or_default();
                    self.literal(&escaped);
                }
                // The width of a character is left empty; a character is repeated up to the width of the cell.
                '_' => {
                    self.next();
                    self.literal(" ");
                }
                '*' => {
                    self.next();
                }
                '[' => {
                    let text = self.until(']');
                    self.bracket(&text);
                }
                '0' | '#' | '?' => self.section.pieces.push(Piece::Digit(character)),
                '.' => self.point(),
                ',' => self.section.pieces.push(Piece::Comma),
                '%' => self.section.pieces.push(Piece::Percent),
                '@' => self.section.pieces.push(Piece::Text),
                '/' if self.is_in_fraction() => self.section.pieces.push(Piece::Slash),
                'E' | 'e' if matches!(self.peek(), Some('+' | '-')) => {
                    let plus = self.next() == Some('+');
                    self.section.pieces.push(Piece::Exponent(plus));
                }
                'A' | 'a' if self.takes("M/PM") => self.section.pieces.push(Piece::Half(false)),
                'A' | 'a' if self.takes("/P") => self.section.pieces.push(Piece::Half(true)),
                'G' | 'g' if self.takes("eneral") => self.section.pieces.push(Piece::General),
                'y' | 'Y' | 'e' | 'm' | 'M' | 'd' | 'D' | 'h' | 'H' | 's' | 'S' => self.time(character),
                other => self.literal(&other.to_string()),
            }
        }
        false
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek();
        self.at += usize::from(character.is_some());
        character
    }

    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn until(&mut self, end: char) -> String {
        let mut text = String::new();
        while let Some(character) = self.next().filter(|it| *it != end) {
            text.push(character);
        }
        text
    }

    fn takes(&mut self, text: &str) -> bool {
        let found = text.chars().enumerate().all(|(place, asked)| {
            self.characters.get(self.at + place).is_some_and(|it| it.eq_ignore_ascii_case(&asked))
        });
        if found {
            self.at += text.chars().count();
        }
        found
    }

    fn literal(&mut self, text: &str) {
        if text.contains("R$") {
            self.section.is_portuguese = true;
        }
        if let Some(Piece::Literal(last)) = self.section.pieces.last_mut() {
            last.push_str(text);
        } else {
            self.section.pieces.push(Piece::Literal(text.to_owned()));
        }
    }

    /// A colour, a condition, a currency with its language, or a time that has passed.
    fn bracket(&mut self, text: &str) {
        if let Some(rest) = text.strip_prefix('$') {
            let (currency, language) = rest.split_once('-').unwrap_or((rest, ""));
            // The low half of the number is the language's: 0x16, Portuguese (MS-LCID).
            let language =
                u32::from_str_radix(language.split(',').next().unwrap_or_default(), 16).unwrap_or_default();
            self.section.is_portuguese |= language & 0x3ff == 0x16;
            self.literal(currency);
            return;
        }
        let lower = text.to_ascii_lowercase();
        let first = lower.chars().next().unwrap_or_default();
        if matches!(first, 'h' | 'm' | 's') && lower.chars().all(|it| it == first) {
            self.section.pieces.push(Piece::Elapsed(first, lower.len()));
            return;
        }
        self.section.condition = self.section.condition.or(Condition::of(text));
    }

    fn point(&mut self) {
        let after_time = self.section.pieces.iter().rev().find(|it| !matches!(it, Piece::Literal(_)));
        if !matches!(after_time, Some(Piece::Second(_) | Piece::Elapsed('s', _))) {
            self.section.pieces.push(Piece::Point);
            return;
        }
        let mut digits = 0;
        while self.peek() == Some('0') {
            self.next();
            digits += 1;
        }
        match digits {
            0 => self.literal("."),
            _ => self.section.pieces.push(Piece::Fraction(digits)),
        }
    }

    /// Whether a slash here parts a number, not a day.
    fn is_in_fraction(&self) -> bool {
        let before = self.section.pieces.iter().rev().find(|it| !matches!(it, Piece::Literal(_)));
        matches!(before, Some(Piece::Digit(_))) && matches!(self.peek(), Some('0'..='9' | '#' | '?'))
    }

    fn time(&mut self, character: char) {
        let mut length = 1;
        while self.peek().is_some_and(|it| it.eq_ignore_ascii_case(&character)) {
            self.next();
            length += 1;
        }
        self.section.pieces.push(match character.to_ascii_lowercase() {
            'm' => Piece::Month(length),
            'd' => Piece::Day(length),
            'h' => Piece::Hour(length),
            's' => Piece::Second(length),
            _ => Piece::Year(length),
        });
    }
}

/// `m` behind hours or before seconds is a minute.
fn tell_minutes(pieces: &mut [Piece]) {
    let places: Vec<usize> =
        pieces.iter().enumerate().filter(|(_, it)| it.is_of_time()).map(|(place, _)| place).collect();
    for (order, place) in places.iter().enumerate() {
        let neighbour = |at: Option<&usize>| at.and_then(|at| pieces.get(*at));
        let before = neighbour(order.checked_sub(1).and_then(|it| places.get(it)));
        let after = neighbour(places.get(order + 1));
        let is_minute = matches!(before, Some(Piece::Hour(_) | Piece::Elapsed('h', _)))
            || matches!(after, Some(Piece::Second(_)));
        if let (true, Some(Piece::Month(length @ (1 | 2)))) = (is_minute, pieces.get(*place).cloned())
            && let Some(piece) = pieces.get_mut(*place)
        {
            *piece = Piece::Minute(length);
        }
    }
}
