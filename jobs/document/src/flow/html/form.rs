//! What does a reader see in the fields of a form?

use super::dom::Id;
use super::tree::Tree;

/// What stands in an `input`; nothing where that is empty or not to be seen.
pub fn input(tree: Tree<'_>, id: Id) -> Option<String> {
    let kind = tree.attribute(id, "type").unwrap_or("text").trim().to_ascii_lowercase();
    let is_checked = tree.attribute(id, "checked").is_some();
    match kind.as_str() {
        "checkbox" | "radio" => Some(if is_checked { "☒" } else { "☐" }.to_owned()),
        "hidden" | "password" | "file" | "color" | "range" => None,
        "image" => tree.attribute(id, "alt").map(str::to_owned),
        _ => tree.attribute(id, "value").map(str::to_owned),
    }
    .filter(|value| !value.trim().is_empty())
}

/// What is chosen in a `select`: what is marked so, or else the first.
pub fn select(tree: Tree<'_>, id: Id) -> Option<String> {
    let options = || tree.within(id, |_| false).filter(|&id| tree.name(id) == "option");
    let chosen: Vec<String> = options()
        .filter(|&id| tree.attribute(id, "selected").is_some())
        .map(|id| tree.all_text(id).trim().to_owned())
        .filter(|text| !text.is_empty())
        .collect();
    if chosen.is_empty() {
        let first = options().next().map(|id| tree.all_text(id).trim().to_owned());
        return first.filter(|text| !text.is_empty());
    }
    Some(chosen.join(", "))
}
