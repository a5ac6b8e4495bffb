//! What is drawn on a page, as its tables need it? Rules, shades, and the grids that they make.

use super::super::geometry::Area;
use super::super::shape::Shapes;
use super::grid::{Grid, grids};
use super::rule::{self, Rule};
use super::sheet::Hints;
use crate::model::Rect;

/// What is drawn on a page, as tables need it.
#[derive(Debug, Default)]
pub struct Drawing {
    /// Level rules.
    pub level: Vec<Rule>,
    upright: Vec<Rule>,
    fills: Vec<Rect>,
    /// What tells rows and columns apart where there is no grid.
    pub hints: Hints,
}

impl Drawing {
    /// What `shapes` draw on a page of this size.
    pub fn of(shapes: &Shapes, (width, height): (f32, f32)) -> Self {
        // A frame around the page, and its ground, are no part of a table.
        let is_ground = |area: &&Rect| area.width() * area.height() < 0.6 * width * height;
        let fills: Vec<Rect> = shapes.fills.iter().filter(is_ground).copied().collect();
        let level = rule::level(shapes.level.iter().copied());
        let shades = rule::level(
            fills.iter().flat_map(|area| [Rect { y1: area.y0, ..*area }, Rect { y0: area.y1, ..*area }]),
        );
        let upright = rule::upright(shapes.upright.iter().copied());
        Self { hints: Hints { rules: level.clone(), shades }, level, upright, fills }
    }

    /// The filled areas.
    pub fn fills(&self) -> &[Rect] {
        &self.fills
    }

    /// Level rules, and edges of shades.
    pub fn bars(&self) -> Vec<Rule> {
        self.hints.rules.iter().chain(&self.hints.shades).copied().collect()
    }

    /// The grids of its rules.
    pub fn ruled(&self) -> Vec<Grid> {
        grids(&self.level, &self.upright, false)
    }

    /// The grids of its shaded cells, with the rules between them.
    pub fn shaded(&self) -> Vec<Grid> {
        if self.fills.len() < 3 {
            return Vec::new();
        }
        let sides =
            self.fills.iter().flat_map(|area| [Rect { x1: area.x0, ..*area }, Rect { x0: area.x1, ..*area }]);
        let upright = rule::upright(sides);
        let mut grids = grids(&self.hints.shades, &upright, true);
        grids.retain(|grid| self.tiles(grid));
        grids
    }

    /// Whether nearly all cells of a grid are filled: where every second row is, text says more of the others.
    fn tiles(&self, grid: &Grid) -> bool {
        let near: Vec<&Rect> =
            self.fills.iter().filter(|area| grid.bounds().holds(area, 0.0)).take(4_000).collect();
        let middle = |pair: &[f32]| pair.iter().sum::<f32>() / 2.0;
        let middles =
            grid.ys.windows(2).flat_map(|ys| grid.xs.windows(2).map(move |xs| (middle(xs), middle(ys))));
        let is_filled = |&(x, y): &(f32, f32)| {
            near.iter().any(|area| area.x0 <= x && x <= area.x1 && area.y0 <= y && y <= area.y1)
        };
        let all = grid.rows() * grid.columns();
        all <= 4_000 && middles.filter(is_filled).count() * 100 >= all * 85
    }
}
