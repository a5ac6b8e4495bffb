//! Which rules does a page have? Pieces that lie on one line are one rule, as a dotted line or the border of each cell is.

use crate::model::Rect;

/// How far apart pieces of one rule may lie across it.
const ACROSS: f32 = 1.3;
/// How far apart pieces of one rule may lie along it.
const ALONG: f32 = 3.0;
/// A rule is no shorter.
const SHORTEST: f32 = 5.0;

/// A level or upright rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// Where it lies: y of a level one, x of an upright one.
    pub at: f32,
    /// Where it starts.
    pub from: f32,
    /// Where it ends.
    pub to: f32,
}

impl Rule {
    /// How long it is.
    pub fn length(&self) -> f32 {
        self.to - self.from
    }
}

/// The level rules that these flat boxes draw, from top to bottom.
pub fn level(boxes: impl IntoIterator<Item = Rect>) -> Vec<Rule> {
    merged(boxes.into_iter().map(|b| Rule { at: f32::midpoint(b.y0, b.y1), from: b.x0, to: b.x1 }).collect())
}

/// The upright rules that these narrow boxes draw, from left to right.
pub fn upright(boxes: impl IntoIterator<Item = Rect>) -> Vec<Rule> {
    merged(boxes.into_iter().map(|b| Rule { at: f32::midpoint(b.x0, b.x1), from: b.y0, to: b.y1 }).collect())
}

fn merged(mut pieces: Vec<Rule>) -> Vec<Rule> {
    pieces.sort_by(|a, b| a.at.total_cmp(&b.at).then(a.from.total_cmp(&b.from)));
    let mut rules = Vec::new();
    let mut rest = pieces.as_mut_slice();
    while let Some(first) = rest.first().map(|piece| piece.at) {
        let end = rest.partition_point(|piece| piece.at <= first + ACROSS);
        let (group, later) = rest.split_at_mut(end.max(1));
        group.sort_by(|a, b| a.from.total_cmp(&b.from));
        join(group, &mut rules);
        rest = later;
    }
    rules.retain(|rule: &Rule| rule.length() >= SHORTEST);
    rules
}

/// Joins pieces of one line, which are sorted, where they touch.
fn join(pieces: &[Rule], rules: &mut Vec<Rule>) {
    let mut open: Option<Rule> = None;
    for piece in pieces {
        match &mut open {
            Some(rule) if piece.from <= rule.to + ALONG => rule.to = rule.to.max(piece.to),
            _ => rules.extend(open.replace(*piece)),
        }
    }
    rules.extend(open);
}

/// The places of some rules, those that lie within `near` of each other as one.
pub fn places(rules: impl IntoIterator<Item = f32>, near: f32) -> Vec<f32> {
    let mut all: Vec<f32> = rules.into_iter().collect();
    all.sort_by(f32::total_cmp);
    let groups = all.chunk_by(|a, b| b - a <= near);
    groups.filter_map(|group| Some(f32::midpoint(*group.first()?, *group.last()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(y: f32, x0: f32, x1: f32) -> Rect {
        Rect { x0, y0: y, x1, y1: y }
    }

    #[test]
    fn dots_make_a_rule() {
        let dots = (0..20).map(|dot| flat(10.0, dot as f32 * 3.0, dot as f32 * 3.0 + 1.0));
        assert_eq!(level(dots), [Rule { at: 10.0, from: 0.0, to: 58.0 }]);
    }

    #[test]
    fn rules_on_one_line_may_be_apart() {
        assert_eq!(level([flat(10.0, 0.0, 50.0), flat(10.4, 100.0, 150.0)]).len(), 2);
        assert_eq!(level([flat(10.0, 0.0, 3.0)]), []);
    }

    #[test]
    fn a_double_rule_has_one_place() {
        assert_eq!(places([10.0, 12.0, 40.0], 3.0), [11.0, 40.0]);
    }
}
