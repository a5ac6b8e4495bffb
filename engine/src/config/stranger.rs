//! Which variables look like settings and are none? A misspelt one would otherwise pass silently.

use std::fmt;

use super::table::SETTINGS;

/// What begins so is meant for us.
const PREFIX: &str = "ESTEIRA_";
/// Variables that are read and are no settings of this table: those of the client, the one that names the file, and the one
/// that names a model, a setting of its kind.
const OTHERS: [&str; 5] =
    ["ESTEIRA_URL", "ESTEIRA_API_KEY", "ESTEIRA_DATA_DIR", "ESTEIRA_CONFIG", "ESTEIRA_WHISPER_MODEL"];
/// Letters that a slip may change.
const SLIP: usize = 4;

/// A variable that nothing reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stranger {
    /// Its name.
    pub name: String,
    /// The variable that may be meant.
    pub nearest: Option<&'static str>,
}

impl fmt::Display for Stranger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the variable {} is no setting and has no effect", self.name)?;
        match self.nearest {
            Some(nearest) => write!(f, "; is {nearest} meant?"),
            None => f.write_str("; `esteira config --explain` lists them"),
        }
    }
}

/// Those among the names of an environment.
pub(super) fn strangers(names: impl Iterator<Item = String>) -> Vec<Stranger> {
    let known: Vec<&'static str> = SETTINGS.iter().map(|setting| setting.env).chain(OTHERS).collect();
    let mut found: Vec<Stranger> = names
        .filter(|name| name.starts_with(PREFIX) && !known.contains(&name.as_str()))
        .map(|name| {
            let nearest = known.iter().map(|known| (distance(&name, known), *known)).min();
            Stranger { nearest: nearest.filter(|(far, _)| *far <= SLIP).map(|(_, known)| known), name }
        })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// How many letters have to be added, taken away or changed to make one text of the other (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (done, letter) in from.chars().enumerate() {
        let mut next = vec![done + 1];
        for (at, (other, pair)) in to.iter().zip(row.windows(2)).enumerate() {
            let [diagonal, above] = pair else { continue };
            let left = next.get(at).copied().unwrap_or_default();
            next.push((diagonal + usize::from(*other != letter)).min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted() {
        assert_eq!((distance("kitten", "sitting"), distance("", "abc"), distance("a", "a")), (3, 3, 0));
    }

    #[test]
    fn a_misspelt_variable_is_told_with_the_one_that_is_meant() {
        let names =
            ["ESTEIRA_S3_BUKET", "ESTEIRA_URL", "ESTEIRA_LISTEN", "HOME", "ESTEIRA_FROBNICATION_LEVEL"];
        let found = strangers(names.into_iter().map(str::to_owned));
        let told: Vec<String> = found.iter().map(Stranger::to_string).collect();
        assert_eq!(told.len(), 2);
        assert!(told[0].starts_with("the variable ESTEIRA_FROBNICATION_LEVEL is no setting"), "{told:?}");
        assert!(told[1].ends_with("is ESTEIRA_S3_BUCKET meant?"), "{told:?}");
    }
}
