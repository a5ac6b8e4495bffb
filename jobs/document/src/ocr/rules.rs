//! Where are lines drawn on a page? Long and thin stretches of ink, level or upright.

use super::ink::Ink;

/// Holes of so many pixels do not part a line.
const HOLE: usize = 3;
/// More lines than this in one direction are a pattern, not a table.
const MOST_RULES: usize = 200;

/// A drawn line: level ones are at a `y` from an `x` to an `x`, upright ones at an `x` from a `y` to a `y`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rule {
    pub at: f32,
    pub from: f32,
    pub to: f32,
}

/// The level and the upright lines, at least `length` long and at most `thickness` thick; none, where there are
/// so many that they are a pattern.
pub(super) fn rules(ink: &Ink, length: usize, thickness: usize) -> Option<(Vec<Rule>, Vec<Rule>)> {
    let level = Search { length, thickness, lines: ink.height, along: ink.width };
    let upright = Search { length, thickness, lines: ink.width, along: ink.height };
    let is_dark = |x: usize, y: usize| ink.dark.get(y * ink.width + x).copied().unwrap_or(false);
    let level = level.run(is_dark)?;
    // Going down the columns is slow, and in vain where no table can be.
    let upright = if level.len() < 2 { Vec::new() } else { upright.run(|y, x| is_dark(x, y))? };
    Some((level, upright))
}

struct Search {
    length: usize,
    thickness: usize,
    lines: usize,
    along: usize,
}

/// A stretch of ink that may go on in the next line.
struct Open {
    first: usize,
    last: usize,
    from: usize,
    to: usize,
}

impl Search {
    fn run(&self, is_dark: impl Fn(usize, usize) -> bool) -> Option<Vec<Rule>> {
        let (mut open, mut rules): (Vec<Open>, Vec<Rule>) = (Vec::new(), Vec::new());
        for line in 0..self.lines {
            for (from, to) in self.stretches(|at| is_dark(at, line)) {
                match open.iter_mut().find(|open| open.from <= to && from <= open.to) {
                    Some(open) => {
                        open.last = line;
                        open.from = open.from.min(from);
                        open.to = open.to.max(to);
                    }
                    None => open.push(Open { first: line, last: line, from, to }),
                }
            }
            open.retain(|stretch| {
                let goes_on = stretch.last + HOLE > line;
                if !goes_on {
                    rules.extend(self.rule(stretch));
                }
                goes_on
            });
            if rules.len().max(open.len()) > MOST_RULES {
                return None;
            }
        }
        rules.extend(open.iter().filter_map(|stretch| self.rule(stretch)));
        Some(rules)
    }

    fn rule(&self, open: &Open) -> Option<Rule> {
        let thin = open.last - open.first < self.thickness;
        let at = (open.first + open.last + 1) as f32 / 2.0;
        thin.then_some(Rule { at, from: open.from as f32, to: open.to as f32 })
    }

    /// The long stretches of ink in one line.
    fn stretches(&self, is_dark: impl Fn(usize) -> bool) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let mut stretch: Option<(usize, usize)> = None;
        for at in (0..self.along).filter(|at| is_dark(*at)) {
            stretch = match stretch {
                Some((from, to)) if at <= to + HOLE => Some((from, at + 1)),
                other => {
                    found.extend(other);
                    Some((at, at + 1))
                }
            };
        }
        found.extend(stretch);
        found.retain(|(from, to)| to - from >= self.length);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ink(lines: &[&str]) -> Ink {
        let dark = lines.iter().flat_map(|line| line.bytes().map(|b| b == b'#')).collect();
        Ink { width: lines[0].len(), height: lines.len(), dark }
    }

    #[test]
    fn level_and_upright_lines_are_told_apart() {
        let (blank, bar) = ("....#....", "#########");
        let cross = ink(&[bar, blank, blank, blank, blank, bar]);
        let (level, upright) = rules(&cross, 5, 2).unwrap();
        assert_eq!(
            level.iter().map(|rule| (rule.at, rule.from, rule.to)).collect::<Vec<_>>(),
            [(0.5, 0.0, 9.0), (5.5, 0.0, 9.0)]
        );
        assert_eq!(upright, [Rule { at: 4.5, from: 0.0, to: 6.0 }]);
    }

    #[test]
    fn a_filled_square_is_no_line() {
        let square = ink(&["#####"; 5]);
        assert_eq!(rules(&square, 4, 2).unwrap(), (vec![], vec![]));
    }

    #[test]
    fn a_small_hole_does_not_part_a_line() {
        let (level, _) = rules(&ink(&["####..####"]), 8, 2).unwrap();
        assert_eq!(level.len(), 1);
    }
}
