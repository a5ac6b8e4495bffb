//! Which item of which list is this?

use super::super::super::model::BlockKind;

/// The deepest level of an item.
const MAX_LEVEL: usize = 63;

/// A list that is open.
#[derive(Debug)]
pub struct List {
    /// The number of the next item of an ordered one.
    next: Option<u32>,
}

impl List {
    /// A list with bullets.
    pub fn unordered() -> Self {
        Self { next: None }
    }

    /// A list with numbers, from `start` on.
    pub fn ordered(start: Option<&str>) -> Self {
        Self { next: Some(start.and_then(|start| start.trim().parse().ok()).unwrap_or(1)) }
    }
}

/// The lists that are open.
#[derive(Debug, Default)]
pub struct Lists {
    open: Vec<List>,
    /// An item that has begun and of which no block was given out.
    item: Option<BlockKind>,
}

impl Lists {
    /// A list begins.
    pub fn begin(&mut self, list: List) {
        self.open.push(list);
        self.item = None;
    }

    /// The list that began last ends.
    pub fn end(&mut self) {
        self.open.pop();
    }

    /// An item of it begins, with the number `value` where it says one.
    pub fn begin_item(&mut self, value: Option<&str>) {
        let level = u8::try_from(self.open.len().saturating_sub(1).min(MAX_LEVEL)).unwrap_or(u8::MAX);
        let value = value.and_then(|value| value.trim().parse().ok());
        let number = self.open.last_mut().and_then(|list| {
            let number = list.next.map(|next| value.unwrap_or(next));
            list.next = number.map(|number| number.saturating_add(1));
            number
        });
        self.item = Some(BlockKind::ListItem { level, number });
    }

    /// The item ends.
    pub fn end_item(&mut self) {
        self.item = None;
    }

    /// What the first block of an item is; nothing for those after it.
    pub fn take_item(&mut self) -> Option<BlockKind> {
        self.item.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_on_from_where_the_list_or_an_item_says() {
        let mut lists = Lists::default();
        lists.begin(List::ordered(Some("3")));
        let mut item = |value| {
            lists.begin_item(value);
            lists.take_item()
        };
        assert_eq!(item(None), Some(BlockKind::ListItem { level: 0, number: Some(3) }));
        assert_eq!(item(Some("9")), Some(BlockKind::ListItem { level: 0, number: Some(9) }));
        assert_eq!(item(Some("x")), Some(BlockKind::ListItem { level: 0, number: Some(10) }));
    }

    #[test]
    fn only_the_first_block_of_an_item_is_the_item() {
        let mut lists = Lists::default();
        lists.begin(List::unordered());
        lists.begin(List::unordered());
        lists.begin_item(None);
        assert_eq!(lists.take_item(), Some(BlockKind::ListItem { level: 1, number: None }));
        assert_eq!(lists.take_item(), None);
    }
}
