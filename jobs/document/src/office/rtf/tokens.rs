//! What are the pieces of an RTF?

/// A piece of RTF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    Open,
    Close,
    /// A control word with its number.
    Word(&'a str, Option<i32>),
    /// A control symbol.
    Symbol(u8),
    /// A byte of the text, told by its number.
    Byte(u8),
    /// Bytes of the text.
    Text(&'a [u8]),
}

/// Cuts an RTF into pieces.
#[derive(Debug)]
pub struct Tokens<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Tokens<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take_while(&mut self, is: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|byte| !is(*byte)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    /// What follows a backslash.
    fn control(&mut self) -> Option<Token<'a>> {
        let word = self.take_while(|it| it.is_ascii_alphabetic());
        if word.is_empty() {
            return self.symbol();
        }
        let is_negative = self.peek() == Some(b'-');
        self.at += usize::from(is_negative);
        let digits = self.take_while(|it| it.is_ascii_digit());
        let number = std::str::from_utf8(digits).ok().filter(|it| !it.is_empty());
        let number = number.map(|it| it.parse::<i32>().unwrap_or(i32::MAX));
        let number = number.map(|it| if is_negative { -it } else { it });
        self.at += usize::from(self.peek() == Some(b' '));
        let word = std::str::from_utf8(word).unwrap_or_default();
        if word == "bin" {
            // So many bytes of something else.
            let length = usize::try_from(number.unwrap_or_default()).unwrap_or_default();
            self.at = self.at.saturating_add(length).min(self.bytes.len());
        }
        Some(Token::Word(word, number))
    }

    fn symbol(&mut self) -> Option<Token<'a>> {
        let symbol = self.peek()?;
        self.at += 1;
        if symbol != b'\'' {
            return Some(Token::Symbol(symbol));
        }
        let digits = self.bytes.get(self.at..self.at + 2).and_then(|it| std::str::from_utf8(it).ok());
        let Some(value) = digits.and_then(|it| u8::from_str_radix(it, 16).ok()) else {
            return Some(Token::Text(&[]));
        };
        self.at += 2;
        Some(Token::Byte(value))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.take_while(|it| matches!(it, b'\r' | b'\n' | 0));
        let first = self.peek()?;
        if !matches!(first, b'{' | b'}' | b'\\') {
            return Some(Token::Text(
                self.take_while(|it| !matches!(it, b'{' | b'}' | b'\\' | b'\r' | b'\n' | 0)),
            ));
        }
        self.at += 1;
        match first {
            b'{' => Some(Token::Open),
            b'}' => Some(Token::Close),
            _ => self.control(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_numbers_and_bytes_have_values() {
        let tokens = Tokens::new(b"{\\b-12 a\\'e9\\~\r\nb\\bin3 }}}c}").collect::<Vec<_>>();
        let expected = [
            Token::Open,
            Token::Word("b", Some(-12)),
            Token::Text(b"a"),
            Token::Byte(0xe9),
            Token::Symbol(b'~'),
            Token::Text(b"b"),
            Token::Word("bin", Some(3)),
            Token::Text(b"c"),
            Token::Close,
        ];
        assert_eq!(tokens, expected);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_do_harm(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let _ = Tokens::new(&bytes).count();
        }
    }
}
