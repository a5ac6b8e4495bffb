//! What does the name of an element say of its text?

use super::super::super::model::Mark;
use super::dom::Id;
use super::page::Page;
use super::tree::Tree;

/// Whether an element stands on lines of its own. Tables that get here only place things.
pub fn stands_alone(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "hr"
            | "html"
            | "legend"
            | "li"
            | "listing"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "optgroup"
            | "p"
            | "plaintext"
            | "pre"
            | "search"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
            | "xmp"
    )
}

/// The mark that an element puts on its text.
pub fn mark(page: &Page<'_>, id: Id, name: &str) -> Option<Mark> {
    match name {
        "b" | "strong" => Some(Mark::Strong),
        "i" | "em" | "cite" | "dfn" | "var" => Some(Mark::Emphasis),
        "s" | "strike" | "del" => Some(Mark::Strike),
        "code" | "kbd" | "samp" | "tt" => Some(Mark::Code),
        "sup" => Some(Mark::Raised),
        "sub" => Some(Mark::Lowered),
        "a" => page.link(id).map(|url| Mark::Link { url }),
        _ => None,
    }
}

/// `class="language-rust"`, as HTML advises, and what sites for code write.
pub fn code_language(tree: Tree<'_>, id: Id) -> Option<String> {
    let classes = tree.attribute(id, "class")?;
    classes.split_ascii_whitespace().find_map(|class| {
        let prefixes = ["language-", "lang-", "highlight-source-"];
        let name = prefixes.iter().find_map(|prefix| class.strip_prefix(prefix))?;
        (!name.is_empty() && name.len() <= 32).then(|| name.to_owned())
    })
}
