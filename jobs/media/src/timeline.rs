//! Where does a decoded frame belong? Timestamps against the count of samples so far.

/// A difference between timestamp and count that is heard; below it, clocks only tick coarsely.
const TOLERANCE: f64 = 0.1;

/// Seconds by which a file's first frame may lie before its beginning: a decoder's run-up.
const RUN_UP: f64 = 2.0;

/// A jump beyond this is a clock that was set anew, and not a pause.
const LONGEST_PAUSE: f64 = 60.0;

/// What to do before a frame is taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Place {
    /// It follows what came before.
    Feed,
    /// So many seconds are missing before it.
    Pad(f64),
    /// So many seconds at its beginning lie before what is wanted.
    Skip(f64),
}

/// Follows the clock of a file from the second `start`.
///
/// A clock that runs backwards, or jumps too far, is not believed any more: from there on frames
/// follow one another, as every player does it. Some muxers write such files.
pub struct Timeline {
    next: f64,
    begun: bool,
    believed: bool,
}

impl Timeline {
    /// Playing from that second of the file.
    #[must_use]
    pub fn from(start: f64) -> Self {
        Self { next: start, begun: false, believed: true }
    }

    /// Places a frame of `length` seconds that claims to begin at `at`.
    pub fn place(&mut self, at: Option<f64>, length: f64) -> Place {
        let at = at.filter(|at| self.believed && (self.begun || *at > -RUN_UP));
        let gap = at.map_or(0.0, |at| at - self.next);
        let first = !std::mem::replace(&mut self.begun, true);
        if first && gap < 0.0 {
            self.next += gap + length;
            return Place::Skip(-gap);
        }
        if (first && gap > 0.0) || (TOLERANCE..=LONGEST_PAUSE).contains(&gap) {
            self.next += gap + length;
            return Place::Pad(gap);
        }
        self.believed &= (-TOLERANCE..TOLERANCE).contains(&gap);
        self.next += length;
        Place::Feed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_in_a_row_are_fed() {
        let mut line = Timeline::from(0.0);
        for i in 0..100 {
            assert_eq!(line.place(Some(f64::from(i) * 0.02), 0.02), Place::Feed, "{i}");
        }
    }

    #[test]
    fn a_late_first_frame_is_preceded_by_silence_and_an_early_one_is_cut() {
        assert_eq!(Timeline::from(1.0).place(Some(1.5), 0.02), Place::Pad(0.5));
        assert_eq!(Timeline::from(1.0).place(Some(0.5), 0.02), Place::Skip(0.5));
        assert_eq!(Timeline::from(1.0).place(None, 0.02), Place::Feed);
    }

    #[test]
    fn a_pause_is_kept_and_a_jitter_ignored() {
        let mut line = Timeline::from(0.0);
        line.place(Some(0.0), 1.0);
        assert_eq!(line.place(Some(1.04), 1.0), Place::Feed);
        assert_eq!(line.place(Some(4.0), 1.0), Place::Pad(2.0));
        assert_eq!(line.place(Some(5.0), 1.0), Place::Feed);
    }

    #[test]
    fn a_clock_that_jumps_or_runs_backwards_is_not_believed_any_more() {
        for wrong in [0.0, 1e12] {
            let mut line = Timeline::from(0.0);
            line.place(Some(0.0), 100.0);
            for at in [wrong, wrong + 30.0, 50.0, 250.0] {
                assert_eq!(line.place(Some(at), 1.0), Place::Feed, "{wrong}, then {at}");
            }
        }
    }

    #[test]
    fn a_file_that_claims_to_begin_long_before_itself_is_heard_from_its_first_frame() {
        assert_eq!(Timeline::from(0.0).place(Some(-4.3), 0.02), Place::Feed);
        assert_eq!(Timeline::from(0.0).place(Some(-0.05), 0.1), Place::Skip(0.05));
    }
}
