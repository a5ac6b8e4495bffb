//! Which warnings are kept? The first ones, and whether any of them was about something that is missing.

use super::super::model::Warning;

/// Warnings that are kept; a document that gives cause for more is told so.
const KEPT: usize = 1_000;
/// Bytes of a message: names out of the document may stand in it.
const LONGEST: usize = 1_000;

/// The warnings of a job.
#[derive(Debug, Default)]
pub struct Warnings {
    kept: Vec<Warning>,
    has_loss: bool,
}

impl Warnings {
    /// Keeps one.
    pub fn add(&mut self, mut warning: Warning) {
        self.has_loss |= warning.loss;
        warning.message.truncate(warning.message.floor_char_boundary(LONGEST));
        match self.kept.len() {
            KEPT.. => {}
            kept if kept + 1 == KEPT => {
                let message = format!("there are more than {KEPT} warnings; the others are left out");
                self.kept.push(Warning::new("more_warnings", message));
            }
            _ => self.kept.push(warning),
        }
    }

    /// Keeps one, unless there is one of the same code.
    pub fn add_once(&mut self, warning: Warning) {
        if self.kept.iter().all(|kept| kept.code != warning.code) {
            self.add(warning);
        }
    }

    /// Whether something of the document is missing.
    pub fn has_loss(&self) -> bool {
        self.has_loss
    }

    /// All of them, in the order in which they came.
    pub fn into_all(self) -> Vec<Warning> {
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_counts_though_its_warning_is_one_too_many() {
        let mut warnings = Warnings::default();
        for _ in 0..KEPT {
            warnings.add(Warning::new("hidden_sheet", "hidden"));
        }
        assert!(!warnings.has_loss());
        warnings.add(Warning::new("broken_page", "broken").with_loss());
        assert!(warnings.has_loss());
        let all = warnings.into_all();
        assert_eq!((all.len(), all.last().unwrap().code.as_str()), (KEPT, "more_warnings"));
    }
}
