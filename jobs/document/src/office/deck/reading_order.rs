//! In which order are the shapes of a slide read?
//!
//! The slide is cut where a straight line touches no shape, first from side to side, then from top to bottom (the XY cut of
//! Nagy and Seth, 1984); what no line parts is read from the top left on.

/// A shape's place: left, top, right, bottom.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Place {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

/// How much shapes may overlap and still be parted, as a share of the lower or narrower one.
const OVERLAP: f64 = 0.1;
/// How often a piece is cut again.
const DEEPEST: u32 = 16;

/// Sorts shapes by their places.
pub fn sort<T>(shapes: Vec<(Place, T)>) -> Vec<T> {
    let mut sorted = Vec::with_capacity(shapes.len());
    cut(shapes, true, false, 0, &mut sorted);
    sorted
}

fn cut<T>(shapes: Vec<(Place, T)>, by_row: bool, is_whole: bool, depth: u32, sorted: &mut Vec<T>) {
    let pieces = if by_row {
        parted(shapes, |it| (it.top, it.bottom))
    } else {
        parted(shapes, |it| (it.left, it.right))
    };
    let was_cut = pieces.len() > 1;
    for mut piece in pieces {
        if piece.len() == 1 || depth >= DEEPEST || (!was_cut && is_whole) {
            piece.sort_by(|(a, _), (b, _)| a.top.total_cmp(&b.top).then(a.left.total_cmp(&b.left)));
            sorted.extend(piece.into_iter().map(|(_, shape)| shape));
        } else {
            cut(piece, !by_row, !was_cut, depth + 1, sorted);
        }
    }
}

fn parted<T>(mut shapes: Vec<(Place, T)>, reach: impl Fn(&Place) -> (f64, f64)) -> Vec<Vec<(Place, T)>> {
    shapes.sort_by(|(a, _), (b, _)| reach(a).0.total_cmp(&reach(b).0));
    let mut pieces: Vec<Vec<(Place, T)>> = Vec::new();
    let mut end = f64::MIN;
    let mut size = f64::MAX;
    for (place, shape) in shapes {
        let (from, to) = reach(&place);
        let is_apart = from >= end - OVERLAP * size.min(to - from);
        match pieces.last_mut().filter(|_| !is_apart) {
            Some(piece) => piece.push((place, shape)),
            None => {
                pieces.push(vec![(place, shape)]);
                size = f64::MAX;
            }
        }
        end = end.max(to);
        size = size.min(to - from);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(left: f64, top: f64, right: f64, bottom: f64) -> Place {
        Place { left, top, right, bottom }
    }

    #[test]
    fn columns_are_read_one_after_the_other() {
        let shapes = vec![
            (place(60.0, 32.0, 90.0, 70.0), "right top"),
            (place(10.0, 60.0, 40.0, 80.0), "left bottom"),
            (place(10.0, 30.0, 40.0, 52.0), "left top"),
            (place(60.0, 71.0, 90.0, 95.0), "right bottom"),
            (place(0.0, 0.0, 100.0, 20.0), "title"),
        ];
        assert_eq!(sort(shapes), ["title", "left top", "left bottom", "right top", "right bottom"]);
    }

    #[test]
    fn places_that_are_no_numbers_do_no_harm() {
        let nowhere = place(f64::NAN, f64::NAN, f64::NAN, f64::NAN);
        assert_eq!(sort(vec![(nowhere, 1), (nowhere, 2)]).len(), 2);
    }
}
