//! How long may the list of faults become? So long that an answer stays below 256 KiB, whatever a kind says.

use super::FieldError;

/// Faults that are named one by one; one more entry says how many others there are.
const MOST: usize = 100;
/// The longest pointer, and the longest message, in bytes of JSON: together with [`MOST`] below 256 KiB.
const LONGEST_POINTER: usize = 512;
const LONGEST_MESSAGE: usize = 1536;

/// Adds faults as far as they fit, and counts the others.
pub(super) fn add(errors: &mut Vec<FieldError>, more: impl IntoIterator<Item = FieldError>) {
    let mut more = more.into_iter();
    let room = MOST.saturating_sub(errors.len());
    errors.extend(more.by_ref().take(room).map(fitting));
    let others = more.count();
    if others > 0 {
        errors.push(FieldError::new("", format!("has {others} more faults, which are not listed")));
    }
}

fn fitting(error: FieldError) -> FieldError {
    FieldError::new(cut(error.pointer, LONGEST_POINTER), cut(error.message, LONGEST_MESSAGE))
}

/// Cuts a text to what takes `longest` bytes in JSON, where one control character takes six.
fn cut(mut text: String, longest: usize) -> String {
    let mut bytes = 0;
    let end = text.char_indices().find(|(_, c)| {
        bytes += width(*c);
        bytes > longest
    });
    if let Some((end, _)) = end {
        text.truncate(end);
        text.push('…');
    }
    text
}

fn width(c: char) -> usize {
    match c {
        '"' | '\\' => 2,
        c if c.is_ascii_control() => 6,
        c => c.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use crate::problem::{Code, FieldError, Problem};

    #[test]
    fn an_answer_stays_below_256_kib_whatever_a_kind_says() {
        for piece in ["\u{1}", "\"", "é", "x"] {
            let long = piece.repeat(10_000);
            let errors = (0..1_000).map(|_| FieldError::new(long.clone(), long.clone()));
            let body =
                Problem::new(Code::InvalidInput, "The input is refused.").with_errors(errors).body("id");
            assert_eq!(body.errors.len(), 101);
            assert_eq!(body.errors[100].message, "has 900 more faults, which are not listed");
            let bytes = serde_json::to_vec(&body).unwrap().len();
            assert!(bytes < 256 * 1024, "{bytes} bytes of {piece:?}");
        }
    }

    #[test]
    fn faults_that_fit_are_all_told_in_full() {
        let errors: Vec<FieldError> =
            (0..100).map(|n| FieldError::new(format!("/{n}"), "is wrong")).collect();
        let body = Problem::new(Code::InvalidInput, "The input is refused.").with_errors(errors.clone());
        assert_eq!(body.body("id").errors, errors);
    }
}
