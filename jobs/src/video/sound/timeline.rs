//! Where does a decoded frame belong? Timestamps against the count of samples so far.

/// A difference between timestamp and count that is heard; below it, clocks only tick coarsely.
const TOLERANCE: f64 = 0.1;

/// A jump beyond this is a clock that was set anew, and not a pause.
const LONGEST_PAUSE: f64 = 60.0;

/// What to do before a frame is taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Place {
    /// It follows what came before.
    Feed,
    /// So many seconds are missing before it.
    Pad(f64),
    /// So many seconds at its beginning lie before what is wanted.
    Skip(f64),
    /// It lies where sound already is.
    Drop,
}

/// Follows the clock of a file from the second `start`.
pub(super) struct Timeline {
    next: f64,
    begun: bool,
    /// What is to be added to the file's timestamps since its clock was set anew.
    shift: f64,
}

impl Timeline {
    /// Playing from that second of the file.
    pub fn from(start: f64) -> Self {
        Self { next: start, begun: false, shift: 0.0 }
    }

    /// Places a frame of `length` seconds that claims to begin at `at`.
    pub fn place(&mut self, at: Option<f64>, length: f64) -> Place {
        let gap = at.map_or(0.0, |at| at + self.shift - self.next);
        if !self.begun {
            self.begun = true;
            self.next += gap + length;
            return match gap {
                gap if gap > 0.0 => Place::Pad(gap),
                gap if gap < 0.0 => Place::Skip(-gap),
                _ => Place::Feed,
            };
        }
        if gap > LONGEST_PAUSE || gap < -LONGEST_PAUSE {
            self.shift -= gap;
        } else if gap > TOLERANCE {
            self.next += gap + length;
            return Place::Pad(gap);
        } else if gap < -TOLERANCE {
            return Place::Drop;
        }
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
    fn a_pause_is_kept_a_jitter_ignored_and_a_repetition_dropped() {
        let mut line = Timeline::from(0.0);
        line.place(Some(0.0), 1.0);
        assert_eq!(line.place(Some(1.04), 1.0), Place::Feed);
        assert_eq!(line.place(Some(4.0), 1.0), Place::Pad(2.0));
        assert_eq!(line.place(Some(4.0), 1.0), Place::Drop);
        assert_eq!(line.place(Some(5.0), 1.0), Place::Feed);
    }

    #[test]
    fn a_clock_set_anew_is_followed() {
        let mut line = Timeline::from(0.0);
        line.place(Some(0.0), 100.0);
        assert_eq!(line.place(Some(0.0), 1.0), Place::Feed);
        assert_eq!(line.place(Some(1.0), 1.0), Place::Feed);
        assert_eq!(line.place(Some(1e12), 1.0), Place::Feed);
        assert_eq!(line.place(Some(1e12 + 1.0), 1.0), Place::Feed);
    }
}
