//! Are cues in order and apart? Sorts them, and settles or refuses overlaps.

use super::cue::Cue;
use super::input::Overlap;
use super::parse::BadCaptions;
use super::time::spoken;

/// Cues that overlap and begin within so many milliseconds belong together: the first would only flash.
const TOGETHER: u64 = 200;

/// Cues in order of time, none over another, none without words or time.
///
/// # Errors
/// A cue that ends before it begins, or an overlap where `overlap` refuses it.
pub fn tidy(cues: Vec<Cue>, overlap: Overlap) -> Result<Vec<Cue>, BadCaptions> {
    let mut numbered = Vec::with_capacity(cues.len());
    for (index, cue) in cues.into_iter().enumerate() {
        if cue.end < cue.start {
            let (start, end) = (spoken(cue.start), spoken(cue.end));
            return Err(BadCaptions::cue(
                index + 1,
                format!("it begins at {start} and ends before, at {end}"),
            ));
        }
        if cue.end > cue.start && !cue.text.is_empty() {
            numbered.push((index + 1, cue));
        }
    }
    numbered.sort_by_key(|(_, cue)| cue.start);
    let mut tidied: Vec<Cue> = Vec::with_capacity(numbered.len());
    for (number, cue) in numbered {
        match tidied.last_mut() {
            Some(before) if before.end > cue.start => {
                if overlap == Overlap::Refuse {
                    let (start, end) = (spoken(cue.start), spoken(before.end));
                    let fault = format!("it begins at {start} while the one before is shown until {end}");
                    return Err(BadCaptions::cue(number, fault));
                }
                if settle(before, &cue) {
                    tidied.push(cue);
                }
            }
            _ => tidied.push(cue),
        }
    }
    Ok(tidied)
}

/// Ends the earlier one in time, or takes the later one into it; whether the later one stays.
fn settle(before: &mut Cue, cue: &Cue) -> bool {
    if cue.start - before.start >= TOGETHER {
        before.end = cue.start;
        return true;
    }
    before.end = before.end.max(cue.end);
    before.text.push('\n');
    before.text.push_str(&cue.text);
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(cues: &[(u64, u64, &str)]) -> Vec<Cue> {
        tidy(cues.iter().map(|(s, e, t)| Cue::new(*s, *e, *t)).collect(), Overlap::Settle).unwrap()
    }

    #[test]
    fn cues_are_sorted_and_empty_ones_dropped() {
        assert_eq!(
            settled(&[(5000, 6000, "b"), (1000, 2000, "a"), (3000, 3000, "no time"), (3000, 4000, "")]),
            [Cue::new(1000, 2000, "a"), Cue::new(5000, 6000, "b")]
        );
    }

    #[test]
    fn an_overlap_ends_the_earlier_cue() {
        assert_eq!(
            settled(&[(1000, 4000, "a"), (3000, 5000, "b")]),
            [Cue::new(1000, 3000, "a"), Cue::new(3000, 5000, "b")]
        );
    }

    #[test]
    fn two_speakers_at_once_share_a_cue() {
        assert_eq!(settled(&[(1000, 3000, "- a"), (1000, 2000, "- b")]), [Cue::new(1000, 3000, "- a\n- b")]);
    }

    #[test]
    fn faults_name_the_cue_by_its_place_in_the_list() {
        let cues = vec![Cue::new(4000, 5000, "c"), Cue::new(1000, 3000, "a"), Cue::new(2000, 3500, "b")];
        let error = tidy(cues, Overlap::Refuse).unwrap_err().to_string();
        assert_eq!(error, "cue 3: it begins at 2.000 s while the one before is shown until 3.000 s");
        let error = tidy(vec![Cue::new(2000, 1000, "a")], Overlap::Settle).unwrap_err().to_string();
        assert_eq!(error, "cue 1: it begins at 2.000 s and ends before, at 1.000 s");
    }
}
