//! Which number has a page in the whole? The same, whichever pages are asked for: that of its document, and all pages of the
//! documents before it.

use std::cell::Cell;

/// The pages of a document, and of the documents before it.
#[derive(Debug, Default)]
pub struct Numbers {
    before: u32,
    /// Pages of the present one: what its reader says, what was asked about, what came.
    expected: Option<u32>,
    asked: Cell<u32>,
    last: u32,
    /// Pages of the document that holds the others.
    own: Option<u32>,
}

impl Numbers {
    /// Pages of the documents before the present one.
    pub fn before(&self) -> u32 {
        self.before
    }

    /// The number in the whole of a page of the present document.
    pub fn in_whole(&self, number: u32) -> u32 {
        self.before.saturating_add(number)
    }

    /// The reader of the present document says how many pages it has.
    pub fn expect(&mut self, count: u32) {
        self.expected = Some(count);
    }

    /// How many pages the reader said that there are, or there are at least.
    pub fn of(&self, number: u32) -> u32 {
        self.expected.unwrap_or(number).max(number)
    }

    /// Whether the present document has no page of its own: then it is a bundle.
    pub fn is_bundle(&self) -> bool {
        self.expected == Some(0)
    }

    /// Somebody asked about a page.
    pub fn ask(&self, number: u32) {
        self.asked.set(self.asked.get().max(number));
    }

    /// A page came.
    pub fn take(&mut self, number: u32) {
        self.last = self.last.max(number);
    }

    /// Whether a page came.
    pub fn has_any(&self) -> bool {
        self.before > 0 || self.last > 0
    }

    /// How many pages the present document has, the ones that were not asked for too.
    fn count(&self) -> u32 {
        self.expected.unwrap_or_default().max(self.last).max(self.asked.get())
    }

    /// How many pages the document has that holds the others.
    pub fn own(&self) -> u32 {
        self.own.unwrap_or_else(|| self.count())
    }

    /// How many pages all documents have so far.
    pub fn all(&self) -> u32 {
        self.in_whole(self.count())
    }

    /// What comes now is of the next document.
    pub fn begin_next(&mut self) {
        let count = self.count();
        *self = Self { before: self.all(), own: Some(self.own.unwrap_or(count)), ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_its_number_whichever_were_asked_for() {
        let mut numbers = Numbers::default();
        numbers.expect(0);
        assert!(numbers.is_bundle() && !numbers.has_any());
        // Of the first document, nothing is wanted; its reader does not say how long it is.
        numbers.begin_next();
        (1..=3).for_each(|number| numbers.ask(number));
        numbers.begin_next();
        numbers.take(2);
        assert_eq!((numbers.before(), numbers.in_whole(2), numbers.all(), numbers.own()), (3, 5, 5, 0));
        assert!(numbers.has_any());
    }
}
