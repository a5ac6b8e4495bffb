//! Is the markup of a formula more than is read as one?

use super::{DEEPEST, LONGEST, Markup};

/// Whether elements and bytes of text together are more than a formula may have in LaTeX, which has something for most of them.
/// A tree of parts takes a hundred times that: this is asked before one is made.
pub fn is_too_large(formula: impl Markup) -> bool {
    left(formula, LONGEST, DEEPEST).is_none()
}

/// What is left of `most` beside an element with all that is in it. What lies too deep becomes text, and counts as text.
fn left<M: Markup>(it: M, most: usize, depth: u32) -> Option<usize> {
    let most = most.checked_sub(1)?;
    match depth.checked_sub(1) {
        Some(depth) if !it.name().is_empty() => {
            it.parts().into_iter().try_fold(most, |most, part| left(part, most, depth))
        }
        _ => most.checked_sub(it.characters().trim().len()),
    }
}
