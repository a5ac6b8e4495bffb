//! What does a formula say, without its form?

use super::Formula;

/// Its names, numbers, signs and words, apart from each other.
pub fn words(formula: &Formula) -> String {
    let mut said = String::new();
    add(formula, &mut said);
    said
}

fn add(formula: &Formula, said: &mut String) {
    match formula {
        Formula::Row(parts) | Formula::Fenced { parts, .. } => parts.iter().for_each(|part| add(part, said)),
        Formula::Name(text) | Formula::Number(text) | Formula::Operator(text) | Formula::Text(text) => {
            let text = text.trim();
            if !said.is_empty() && !text.is_empty() {
                said.push(' ');
            }
            said.push_str(text);
        }
        Formula::Styled(_, inner) => add(inner, said),
        Formula::Gap(_) => {}
        Formula::Fraction { over, under, .. } => [over, under].into_iter().for_each(|part| add(part, said)),
        Formula::Root { of, degree } => {
            degree.iter().chain([of]).for_each(|part| add(part, said));
        }
        Formula::Scripts { base, below, above, .. } => {
            [base].into_iter().chain(below).chain(above).for_each(|part| add(part, said));
        }
        Formula::Table(rows) => rows.iter().flatten().for_each(|cell| add(cell, said)),
    }
}
