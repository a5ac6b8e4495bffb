//! Where does a decoded frame belong? Timestamps against the count of samples so far.

/// A difference between timestamp and count that is heard; below it, clocks only tick coarsely.
const TOLERANCE: f64 = 0.1;

/// Seconds by which a file's first frame may lie before its beginning: a decoder's run-up.
const RUN_UP: f64 = 2.0;

/// A gap up to this is a pause whatever the container says it lasts: many do not know.
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
/// A gap is a pause as long as it lies within what the container says it lasts. A clock that goes slower than its samples is
/// followed: its frames are fed, and the next pause is the shorter. A clock that was set anew goes on from the frame before:
/// some muxers write such files.
pub struct Timeline {
    next: f64,
    /// The second at which the file ends.
    total: f64,
    begun: bool,
    /// What is added to the file's clock since it was set anew.
    offset: f64,
    /// The gap before the last frame.
    lag: f64,
    jumps: u32,
}

impl Timeline {
    /// Playing from that second of a file that lasts so many; 0 where nobody knows.
    #[must_use]
    pub fn from(start: f64, total: f64) -> Self {
        Self { next: start, total, begun: false, offset: 0.0, lag: 0.0, jumps: 0 }
    }

    /// How often the clock was set anew.
    #[must_use]
    pub fn jumps(&self) -> u32 {
        self.jumps
    }

    /// Places a frame of `length` seconds that claims to begin at `at`.
    pub fn place(&mut self, at: Option<f64>, length: f64) -> Place {
        let first = !std::mem::replace(&mut self.begun, true);
        let Some(at) = at else {
            self.next += length;
            return Place::Feed;
        };
        if first && at <= -RUN_UP {
            self.offset = self.next - at;
        }
        let at = at + self.offset;
        let gap = at - self.next;
        if first && gap < 0.0 {
            self.next += gap + length;
            return Place::Skip(-gap);
        }
        if gap >= TOLERANCE || (first && gap > 0.0) {
            if gap <= LONGEST_PAUSE || at <= self.total + TOLERANCE {
                self.next = at + length;
                self.lag = 0.0;
                return Place::Pad(gap);
            }
            self.set_anew(gap);
        } else if gap - self.lag <= -RUN_UP {
            self.set_anew(gap);
        } else {
            self.lag = gap;
        }
        self.next += length;
        Place::Feed
    }

    /// From here on the clock says what it would have said without its jump.
    fn set_anew(&mut self, gap: f64) {
        self.offset += self.lag - gap;
        self.jumps = self.jumps.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_in_a_row_are_fed() {
        let mut line = Timeline::from(0.0, 0.0);
        for i in 0..100 {
            assert_eq!(line.place(Some(f64::from(i) * 0.02), 0.02), Place::Feed, "{i}");
        }
    }

    #[test]
    fn a_late_first_frame_is_preceded_by_silence_and_an_early_one_is_cut() {
        assert_eq!(Timeline::from(1.0, 0.0).place(Some(1.5), 0.02), Place::Pad(0.5));
        assert_eq!(Timeline::from(1.0, 0.0).place(Some(0.5), 0.02), Place::Skip(0.5));
        assert_eq!(Timeline::from(1.0, 0.0).place(None, 0.02), Place::Feed);
    }

    #[test]
    fn a_pause_is_kept_and_a_jitter_ignored() {
        let mut line = Timeline::from(0.0, 0.0);
        line.place(Some(0.0), 1.0);
        assert_eq!(line.place(Some(1.04), 1.0), Place::Feed);
        assert_eq!(line.place(Some(4.0), 1.0), Place::Pad(2.0));
        assert_eq!(line.place(Some(5.0), 1.0), Place::Feed);
    }

    #[test]
    fn a_pause_is_kept_up_to_the_end_that_the_container_tells() {
        let mut line = Timeline::from(0.0, 250.0);
        line.place(Some(0.0), 10.0);
        assert_eq!(line.place(Some(200.0), 1.0), Place::Pad(190.0));
        assert_eq!(line.place(Some(201.0), 1.0), Place::Feed);
        assert_eq!(line.place(Some(300.0), 1.0), Place::Feed, "beyond the end");
        assert_eq!((line.place(Some(304.0), 1.0), line.jumps()), (Place::Pad(3.0), 1));
    }

    #[test]
    fn a_clock_that_was_set_anew_is_followed_from_there_on() {
        for wrong in [0.0, 1e12] {
            let mut line = Timeline::from(0.0, 150.0);
            line.place(Some(0.0), 100.0);
            for (at, place) in
                [(0.0, Place::Feed), (1.0, Place::Feed), (4.0, Place::Pad(2.0)), (5.0, Place::Feed)]
            {
                assert_eq!(line.place(Some(wrong + at), 1.0), place, "{wrong}, then {at}");
            }
            assert_eq!(line.jumps(), 1);
        }
    }

    #[test]
    fn a_clock_slower_than_its_samples_is_followed() {
        let mut line = Timeline::from(0.0, 2_000.0);
        // A second of samples for each 0.99 s of the clock.
        for frame in 0..1_000 {
            assert_eq!(line.place(Some(f64::from(frame) * 0.99), 1.0), Place::Feed, "{frame}");
        }
        assert_eq!(line.jumps(), 0);
        // 1,000 s were heard; what comes at the second 1,005 comes five later.
        let Place::Pad(pause) = line.place(Some(1_005.0), 1.0) else { panic!("no pause") };
        assert!((pause - 5.0).abs() < 1e-6);
    }

    #[test]
    fn a_file_that_claims_to_begin_long_before_itself_is_heard_from_its_first_frame() {
        assert_eq!(Timeline::from(0.0, 0.0).place(Some(-4.3), 0.02), Place::Feed);
        assert_eq!(Timeline::from(0.0, 0.0).place(Some(-0.05), 0.1), Place::Skip(0.05));
    }
}
