//! Where does an item of a list stand? Under the text of its parent, with its own number.

/// Levels that are told apart; deeper items stand at the last one.
const MOST_LEVELS: u8 = 30;

/// The greatest number that Markdown takes for one of a list.
const MOST_NUMBER: u32 = 999_999_999;

/// The lists that are open, the outermost first.
#[derive(Debug, Default)]
pub struct Lists(Vec<Open>);

#[derive(Debug)]
struct Open {
    level: u8,
    /// The width of the last item's marker: what is inside of it stands so much further in.
    width: usize,
    /// The number that would come next, in an ordered list.
    next: Option<u32>,
    /// The sign after the number.
    sign: char,
}

/// How an item is written.
#[derive(Debug, PartialEq, Eq)]
pub struct Marker {
    /// Spaces before it.
    pub indent: usize,
    /// Its marker with the space after it.
    pub text: String,
    /// Whether a blank line parts it from the item before, so that a new list begins.
    pub apart: bool,
}

impl Lists {
    /// Whether an item came before.
    pub fn is_open(&self) -> bool {
        !self.0.is_empty()
    }

    /// Ends all lists.
    pub fn end(&mut self) {
        self.0.clear();
    }

    /// Places the next item.
    ///
    /// Renderers count by themselves from the first number of a list on. Where a number does not follow the one before it, the
    /// sign after it changes between `.` and `)`, which begins a new list: each item is shown with its own number.
    pub fn item(&mut self, level: u8, number: Option<u32>) -> Marker {
        let level = level.min(MOST_LEVELS);
        let number = number.filter(|number| *number <= MOST_NUMBER);
        let was_open = self.is_open();
        // An item between two levels goes to the inner one.
        let mut inner = None;
        while self.0.len() > 1
            && let Some(open) = self.0.pop_if(|open| open.level > level)
        {
            inner = Some(open);
        }
        let sibling = self.0.pop_if(|open| open.level >= level).or(inner);
        let continues = match (&sibling, number) {
            (Some(open), number) => open.next == number,
            // A list inside an item may follow its text at once only if it begins with a bullet or 1.
            (None, number) => was_open && number.is_none_or(|number| number == 1),
        };
        let sign = match &sibling {
            Some(open) if continues => open.sign,
            Some(open) if open.next.is_some() && open.sign == '.' => ')',
            _ => '.',
        };
        let text = number.map_or_else(|| "- ".to_owned(), |number| format!("{number}{sign} "));
        let indent = self.0.iter().map(|open| open.width).sum();
        let next = number.map(|number| number.saturating_add(1));
        self.0.push(Open { level, width: text.len(), next, sign });
        Marker { indent, text, apart: was_open && !continues }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(items: &[(u8, Option<u32>)]) -> String {
        let mut lists = Lists::default();
        let lines = items.iter().map(|(level, number)| {
            let marker = lists.item(*level, *number);
            format!("{}{}{}x", if marker.apart { "\n" } else { "" }, " ".repeat(marker.indent), marker.text)
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn items_stand_under_the_text_of_their_parents() {
        let items = [(0, Some(9)), (0, Some(10)), (1, None), (1, None), (2, Some(1)), (0, Some(11))];
        assert_eq!(drawn(&items), "9. x\n10. x\n    - x\n    - x\n      1. x\n11. x");
    }

    #[test]
    fn a_number_out_of_order_begins_a_list() {
        assert_eq!(
            drawn(&[(0, Some(1)), (0, Some(3)), (0, Some(4)), (0, None)]),
            "1. x\n\n3) x\n4) x\n\n- x"
        );
        assert_eq!(drawn(&[(0, None), (1, Some(5))]), "- x\n\n  5. x");
    }

    #[test]
    fn levels_may_begin_anywhere_and_jump() {
        assert_eq!(drawn(&[(3, None), (9, None), (4, None), (0, None)]), "- x\n  - x\n  - x\n- x");
    }
}
