//! Which number does a paragraph of a DOCX get from its list?

use std::collections::{HashMap, HashSet};

use super::super::super::labels::{Counting, Label};
use super::super::super::xml::Element;

/// Levels of a list.
const LEVELS: usize = 9;
/// The longest id that is known: no program writes longer ones, and each paragraph would look for it.
const LONGEST_ID: usize = 255;
/// The longest text of a label that is shown.
const LONGEST_LABEL: usize = 200;

#[derive(Debug, Clone, Default)]
struct Level {
    start: u32,
    counting: Counting,
    /// The text of its label, with `%1` for the number of the first level.
    text: String,
    /// All numbers in the label are shown as decimals.
    is_legal: bool,
    /// The style of paragraphs that stand on this level.
    style: Option<String>,
}

#[derive(Debug, Clone, Default)]
struct Abstract {
    levels: Vec<Level>,
    /// The style whose list this one is.
    style_link: Option<String>,
    /// The style that this one is the list of.
    linked_style: Option<String>,
}

#[derive(Debug, Clone, Default)]
struct List {
    abstract_id: String,
    starts: HashMap<usize, u32>,
    levels: HashMap<usize, Level>,
}

/// The lists of a document, and how far each has counted.
#[derive(Debug, Default)]
pub struct Numbering {
    abstracts: HashMap<String, Abstract>,
    lists: HashMap<String, List>,
    /// What the levels of each abstract list have counted to.
    counted: HashMap<String, [Option<u32>; LEVELS]>,
    /// Levels of lists whose own start has been heeded.
    started: HashSet<(String, usize)>,
}

impl Numbering {
    /// Of `word/numbering.xml`.
    pub fn of(root: &Element) -> Self {
        let mut numbering = Self::default();
        for element in root.elements() {
            match &*element.name {
                "abstractNum" => {
                    if let Some(id) = id_of(element, "abstractNumId") {
                        numbering.abstracts.insert(id, abstract_list(element));
                    }
                }
                "num" => {
                    if let Some(id) = id_of(element, "numId") {
                        numbering.lists.insert(id, list(element));
                    }
                }
                _ => {}
            }
        }
        numbering.link();
        numbering
    }

    /// Adds a list of levels: where each starts, how it counts, the text of its label.
    pub fn add(&mut self, id: &str, levels: Vec<(u32, Counting, String)>) {
        let level = |(start, counting, text)| Level { start, counting, text, ..Level::default() };
        let levels = levels.into_iter().take(LEVELS).map(level).collect();
        self.abstracts.insert(id.to_owned(), Abstract { levels, ..Abstract::default() });
        self.lists.insert(id.to_owned(), List { abstract_id: id.to_owned(), ..List::default() });
    }

    /// The label of the next paragraph on `level` of `list`. Without a level, the one that its style stands on.
    pub fn next(&mut self, list: &str, level: Option<u8>, style: Option<&str>) -> Option<Label> {
        let found = self.lists.get(list)?;
        let levels = &self.abstracts.get(&found.abstract_id)?.levels;
        let by_style = || levels.iter().position(|it| it.style.is_some() && it.style.as_deref() == style);
        let place = level.map(usize::from).or_else(by_style).unwrap_or_default().min(LEVELS - 1);
        let level_of = |place: usize| found.levels.get(&place).or_else(|| levels.get(place));
        let at = level_of(place)?;

        let counted = self.counted.entry(found.abstract_id.clone()).or_default();
        if let Some(start) = found.starts.get(&place)
            && self.started.insert((list.to_owned(), place))
        {
            counted[place] = start.checked_sub(1);
        }
        for (above, count) in counted.iter_mut().enumerate().take(place) {
            count.get_or_insert_with(|| level_of(above).map_or(1, |it| it.start));
        }
        let number = counted[place].map_or(at.start, |last| last.saturating_add(1));
        counted[place] = Some(number);
        for count in counted.iter_mut().skip(place + 1) {
            *count = None;
        }
        let counts = *counted;
        let shown = shown(&at.text, |above| {
            let count = counts.get(above).copied().flatten().unwrap_or(1);
            let counting = level_of(above).map(|it| it.counting).unwrap_or_default();
            if at.is_legal { Counting::Decimal.shown(count) } else { counting.shown(count) }
        });
        let counting = if at.is_legal { Counting::Decimal } else { at.counting };
        Some(Label { level: u8::try_from(place).unwrap_or_default(), counting, number, shown })
    }

    /// Leads each list to the abstract one that has its levels: one may only name the style whose list it is.
    fn link(&mut self) {
        let mut named: HashMap<&str, &str> = HashMap::new();
        for (id, list) in &self.abstracts {
            if let Some(style) = &list.linked_style {
                let first = named.entry(style.as_str()).or_insert(id.as_str());
                *first = (*first).min(id.as_str());
            }
        }
        for list in self.lists.values_mut() {
            let found = self.abstracts.get(&list.abstract_id).filter(|it| it.levels.is_empty());
            if let Some(id) = found.and_then(|it| named.get(it.style_link.as_deref()?)) {
                list.abstract_id = (*id).to_owned();
            }
        }
    }
}

/// The label's text with the numbers of its levels.
fn shown(text: &str, number: impl Fn(usize) -> String) -> String {
    let mut shown = String::new();
    let mut characters = text.chars().take(LONGEST_LABEL).peekable();
    while let Some(character) = characters.next() {
        match (character, characters.peek().and_then(|it| it.to_digit(10))) {
            ('%', Some(level @ 1..)) => {
                characters.next();
                shown.push_str(&number(level as usize - 1));
            }
            _ => shown.push(character),
        }
    }
    shown
}

/// The id that an attribute of an element tells; none if it is too long to be one.
fn id_of(element: &Element, attribute: &str) -> Option<String> {
    element.attr(attribute).filter(|id| id.len() <= LONGEST_ID).map(str::to_owned)
}

fn abstract_list(element: &Element) -> Abstract {
    let value = |name: &str| element.child(name).and_then(|it| id_of(it, "val"));
    let mut levels = vec![Level::default(); LEVELS];
    let mut is_empty = true;
    for level in element.elements().filter(|it| &*it.name == "lvl") {
        if let Some(place) = level.number::<usize>("ilvl").and_then(|place| levels.get_mut(place)) {
            *place = one_level(level);
            is_empty = false;
        }
    }
    if is_empty {
        levels.clear();
    }
    Abstract { levels, style_link: value("numStyleLink"), linked_style: value("styleLink") }
}

fn one_level(element: &Element) -> Level {
    let value = |name: &str| element.child(name).and_then(|it| it.attr("val"));
    let counting = Counting::of_word(value("numFmt").unwrap_or("decimal"));
    Level {
        start: value("start").and_then(|it| it.parse().ok()).unwrap_or(0),
        counting,
        text: value("lvlText").unwrap_or_default().chars().take(LONGEST_LABEL).collect(),
        is_legal: element.child("isLgl").is_some_and(super::super::super::ooxml::is_on),
        style: element.child("pStyle").and_then(|it| id_of(it, "val")),
    }
}

fn list(element: &Element) -> List {
    let abstract_id = element.child("abstractNumId").and_then(|it| id_of(it, "val")).unwrap_or_default();
    let mut list = List { abstract_id, ..List::default() };
    for change in element.elements().filter(|it| &*it.name == "lvlOverride") {
        let Some(place) = change.number::<usize>("ilvl").filter(|it| *it < LEVELS) else { continue };
        if let Some(start) = change.child("startOverride").and_then(|it| it.number("val")) {
            list.starts.insert(place, start);
        }
        if let Some(level) = change.child("lvl") {
            list.levels.insert(place, one_level(level));
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::super::super::super::super::limits::DocumentLimits;
    use super::super::super::super::xml::{Rules, Xml};
    use super::*;

    const LISTS: &str = "<numbering><abstractNum abstractNumId='0'>\
        <lvl ilvl='0'><start val='1'/><numFmt val='upperRoman'/><lvlText val='%1.'/></lvl>\
        <lvl ilvl='1'><start val='1'/><numFmt val='decimal'/><lvlText val='%1.%2'/><isLgl/></lvl></abstractNum>\
        <num numId='1'><abstractNumId val='0'/></num>\
        <num numId='2'><abstractNumId val='0'/><lvlOverride ilvl='0'><startOverride val='1'/></lvlOverride></num>\
        </numbering>";

    fn labels(asked: &[(&str, u8)]) -> Vec<String> {
        let mut numbering =
            Numbering::of(&Xml::new(LISTS, Rules::Strict, &DocumentLimits::default()).tree().0);
        asked.iter().map(|(list, level)| numbering.next(list, Some(*level), None).unwrap().shown).collect()
    }

    #[test]
    fn levels_count_within_those_above() {
        let asked = [("1", 0), ("1", 1), ("1", 1), ("1", 0), ("1", 1)];
        assert_eq!(labels(&asked), ["I.", "1.1", "1.2", "II.", "2.1"]);
    }

    #[test]
    fn a_list_with_its_own_start_begins_anew_once() {
        let asked = [("1", 0), ("1", 0), ("2", 0), ("2", 0)];
        assert_eq!(labels(&asked), ["I.", "II.", "I.", "II."]);
    }

    #[test]
    fn a_list_that_names_a_style_has_the_levels_of_that_style() {
        let text = "<numbering><abstractNum abstractNumId='0'><numStyleLink val='s'/></abstractNum>\
            <abstractNum abstractNumId='1'><styleLink val='s'/><lvl ilvl='0'><start val='3'/><lvlText val='%1)'/></lvl>\
            </abstractNum><num numId='1'><abstractNumId val='0'/></num></numbering>";
        let mut numbering =
            Numbering::of(&Xml::new(text, Rules::Strict, &DocumentLimits::default()).tree().0);
        assert_eq!(numbering.next("1", Some(0), None).unwrap().shown, "3)");
    }

    #[test]
    fn ids_that_are_too_long_are_none() {
        let id = "z".repeat(LONGEST_ID + 1);
        let text = format!(
            "<numbering><abstractNum abstractNumId='{id}'><lvl ilvl='0'/></abstractNum>\
             <num numId='1'><abstractNumId val='{id}'/></num></numbering>"
        );
        let mut numbering =
            Numbering::of(&Xml::new(&text, Rules::Strict, &DocumentLimits::default()).tree().0);
        assert_eq!(numbering.next("1", Some(0), None), None);
    }

    #[test]
    fn lists_that_are_not_there_have_no_labels() {
        assert_eq!(Numbering::default().next("7", Some(200), None), None);
    }
}
