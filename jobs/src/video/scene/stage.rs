//! What does a frame look like? The stage asks its actors, draws what can be seen, and keeps what stays.

use esteira_engine::job::KindError;

use super::actor::{Actor, Props};
use super::layer::Layer;
use super::passage::{Change, Step, step};
use crate::video::picture::{Canvas, Shape, Yuv};

/// The tracks of a video, in play.
pub struct Stage {
    tracks: Vec<Row>,
    props: Props,
    background: Yuv,
    canvas: Canvas,
    /// The second side of a mix, made when the first transition needs it.
    side: Option<Canvas>,
    last: Option<Vec<Item>>,
}

/// The actors of one track.
struct Row {
    actors: Vec<Actor>,
    /// Actors before this one have left for good.
    first: usize,
}

/// A layer and the actor that shows it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Shown {
    track: usize,
    actor: usize,
    serial: u64,
    layer: Layer,
}

/// Layers that are drawn together: plainly, or as the two sides of a transition.
#[derive(Debug, Clone, PartialEq)]
struct Item {
    old: Vec<Shown>,
    new: Vec<Shown>,
    step: Option<Step>,
}

impl Stage {
    /// A stage of `width` × `height` pixels.
    #[must_use]
    pub fn new(width: usize, height: usize, background: Yuv, tracks: Vec<Vec<Actor>>, props: Props) -> Self {
        let tracks = tracks.into_iter().map(|actors| Row { actors, first: 0 }).collect();
        Self { tracks, props, background, canvas: Canvas::new(width, height), side: None, last: None }
    }

    /// Composes a frame; frames must not go back.
    ///
    /// # Errors
    /// What is wrong with a clip's file, with its label.
    pub fn compose(&mut self, frame: u32) -> Result<&Canvas, KindError> {
        let items = self.items(frame)?;
        if self.last.as_ref() != Some(&items) {
            self.draw(&items);
            self.last = Some(items);
        }
        Ok(&self.canvas)
    }

    /// Things that worked and may not be meant.
    pub fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.props.warnings)
    }

    fn items(&mut self, frame: u32) -> Result<Vec<Item>, KindError> {
        let size = self.props.frame;
        let mut items = Vec::new();
        for (track, row) in self.tracks.iter_mut().enumerate() {
            let mut plain = Vec::new();
            row.leave(frame);
            for (index, actor) in row.actors.iter_mut().enumerate().skip(row.first) {
                if frame < actor.span().start || frame >= actor.span().end {
                    continue;
                }
                actor.prepare(frame, &mut self.props)?;
                let layers = actor.layers(frame, self.props.rate).into_iter();
                let shown = layers.map(|layer| Shown { track, actor: index, serial: actor.serial(), layer });
                match passage_at(actor, frame, size) {
                    Some((step, true)) => {
                        items.push(Item {
                            old: std::mem::take(&mut plain),
                            new: shown.collect(),
                            step: Some(step),
                        });
                    }
                    Some((step, false)) => {
                        items.push(Item { old: std::mem::take(&mut plain), new: Vec::new(), step: None });
                        items.push(Item { old: shown.collect(), new: Vec::new(), step: Some(step) });
                    }
                    None => plain.extend(shown),
                }
            }
            items.push(Item { old: plain, new: Vec::new(), step: None });
        }
        items.retain(|item| !(item.old.is_empty() && item.new.is_empty()));
        Ok(items)
    }

    fn draw(&mut self, items: &[Item]) {
        let (first, hidden) = self.first_visible(items);
        if !hidden {
            self.canvas.fill(self.background);
        }
        for item in &items[first..] {
            self.draw_item(item);
        }
    }

    /// The last item that hides everything below it, and whether there is one.
    fn first_visible(&self, items: &[Item]) -> (usize, bool) {
        let hides = |item: &Item| item.step.is_none() && item.old.iter().any(|shown| self.hides(shown));
        items.iter().rposition(hides).map_or((0, false), |index| (index, true))
    }

    fn hides(&self, shown: &Shown) -> bool {
        let picture = self.tracks[shown.track].actors[shown.actor].picture_of(shown.layer.role);
        picture.is_some_and(|picture| {
            shown.layer.paint(picture).hides(self.canvas.width(), self.canvas.height())
        })
    }

    fn draw_item(&mut self, item: &Item) {
        let none = Change::default();
        match item.step {
            None => self.draw_side(&item.old, none, Side::Canvas),
            Some(Step::Mix(Shape::Everywhere(share))) if item.new.len() == 1 && self.hides(&item.new[0]) => {
                self.draw_side(&item.old, none, Side::Canvas);
                self.draw_side(&item.new, Change { opacity: share, ..none }, Side::Canvas);
            }
            Some(Step::Mix(shape)) => {
                let (width, height) = (self.canvas.width(), self.canvas.height());
                let mut side = self.side.take().unwrap_or_else(|| Canvas::new(width, height));
                side.copy_from(&self.canvas);
                self.side = Some(side);
                self.draw_side(&item.old, none, Side::Canvas);
                self.draw_side(&item.new, none, Side::Second);
                if let Some(side) = &self.side {
                    self.canvas.mix(side, &shape);
                }
            }
            Some(Step::Both(old, new)) => {
                self.draw_side(&item.old, old, Side::Canvas);
                self.draw_side(&item.new, new, Side::Canvas);
            }
            Some(Step::Old(change)) => self.draw_side(&item.old, change, Side::Canvas),
            Some(Step::New(change)) => self.draw_side(&item.new, change, Side::Canvas),
        }
    }

    fn draw_side(&mut self, side: &[Shown], change: Change, onto: Side) {
        let canvas = match (onto, &mut self.side) {
            (Side::Second, Some(second)) => second,
            _ => &mut self.canvas,
        };
        for shown in side {
            let actor = &self.tracks[shown.track].actors[shown.actor];
            if let Some(picture) = actor.picture_of(shown.layer.role) {
                change.of(shown.layer, self.props.frame).draw(picture, canvas);
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Side {
    Canvas,
    Second,
}

impl Row {
    /// Lets the actors go whose time is over.
    fn leave(&mut self, frame: u32) {
        for actor in self.actors.iter_mut().skip(self.first).filter(|actor| actor.span().end <= frame) {
            actor.release();
        }
        while self.actors.get(self.first).is_some_and(|actor| actor.span().end <= frame) {
            self.first += 1;
        }
    }
}

/// The transition that an actor is in, and whether it enters (or else leaves).
fn passage_at(actor: &Actor, frame: u32, size: (f64, f64)) -> Option<(Step, bool)> {
    let progress = |at: u32, frames: u32| (f64::from(at) + 0.5) / f64::from(frames);
    if let Some(enter) = actor.span().enter
        && frame - actor.span().start < enter.frames
    {
        return Some((step(enter.kind, progress(frame - actor.span().start, enter.frames), size), true));
    }
    let leave = actor.span().leave?;
    let left = actor.span().end - frame;
    (left <= leave.frames)
        .then(|| (step(leave.kind, progress(leave.frames - left, leave.frames), size), false))
}
