//! What of a page of the web does nobody see?

use super::dom::Id;
use super::tree::Tree;

/// Elements of which the content is for programs, or for browsers that lack something.
const UNSEEN: [&str; 22] = [
    "script", "style", "template", "noscript", "noembed", "noframes", "head", "title", "meta", "link",
    "base", "datalist", "object", "embed", "applet", "iframe", "audio", "video", "canvas", "map", "param",
    "track",
];
/// The same of SVG and MathML.
const UNSEEN_DRAWN: [&str; 8] =
    ["script", "style", "defs", "metadata", "desc", "annotation", "annotation-xml", "clippath"];

/// Whether an element and everything in it is not seen.
pub fn is_hidden(tree: Tree<'_>, id: Id) -> bool {
    let name = tree.name(id);
    if name.is_empty() {
        return false;
    }
    if !tree.is_html(id) {
        return UNSEEN_DRAWN.iter().any(|unseen| name.eq_ignore_ascii_case(unseen));
    }
    UNSEEN.contains(&name)
        || tree.attribute(id, "hidden").is_some()
        || (name == "dialog" && tree.attribute(id, "open").is_none())
        || (name == "input"
            && tree.attribute(id, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("hidden")))
        || tree.attribute(id, "style").is_some_and(style_hides)
}

/// Whether a style sheet beside the element hides it.
fn style_hides(style: &str) -> bool {
    style.split(';').filter_map(|rule| rule.split_once(':')).any(|(property, value)| {
        let value = value.trim().to_ascii_lowercase();
        let value = value.trim_end_matches("!important").trim_end();
        match property.trim().to_ascii_lowercase().as_str() {
            "display" => value == "none",
            "visibility" => value == "hidden" || value == "collapse",
            // How Outlook is told that it is not to show something.
            "mso-hide" => value == "all",
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::style_hides;

    #[test]
    fn styles_that_hide_are_known_by_their_value() {
        for style in ["display:none", "color:red; DISPLAY : none !important", "mso-hide:all"] {
            assert!(style_hides(style), "{style}");
        }
        for style in ["display:block", "font-size:0", "visibility:visible", "", "display"] {
            assert!(!style_hides(style), "{style}");
        }
    }
}
