//! How exact are lengths that are written? To a hundredth of a point; what is no number is left out.

use super::super::model::{BlockKind, Page, Rect};

/// Beyond it nothing lies on a page: 100 km in points are 283 million.
const FARTHEST: f32 = 1e9;

/// Makes the numbers of a page fit to be written: lengths to a hundredth of a point, confidences to a thousandth, and
/// whatever is not a finite number is gone. Twice is the same as once.
pub fn tidy(page: &mut Page) {
    tidy_length(&mut page.width);
    tidy_length(&mut page.height);
    page.rotation = if page.rotation.is_finite() { rounded(page.rotation, 100.0) } else { 0.0 };
    tidy_share(&mut page.confidence);
    for block in &mut page.blocks {
        tidy_rect(&mut block.bounds);
        tidy_share(&mut block.confidence);
        for word in &mut block.words {
            let mut bounds = Some(word.bounds);
            tidy_rect(&mut bounds);
            word.bounds = bounds.unwrap_or_default();
            tidy_share(&mut word.confidence);
        }
        if let BlockKind::Table(table) = &mut block.kind {
            for cell in &mut table.cells {
                tidy_rect(&mut cell.bounds);
                cell.value = cell.value.filter(|value| value.is_finite());
            }
        }
    }
}

fn tidy_length(length: &mut Option<f32>) {
    *length = length.filter(|length| length.is_finite()).map(|length| rounded(length, 100.0));
}

fn tidy_share(share: &mut Option<f32>) {
    *share = share.filter(|share| share.is_finite()).map(|share| rounded(share.clamp(0.0, 1.0), 1000.0));
}

fn tidy_rect(rect: &mut Option<Rect>) {
    *rect = rect.filter(|r| [r.x0, r.y0, r.x1, r.y1].iter().all(|side| side.is_finite())).map(|r| Rect {
        x0: rounded(r.x0, 100.0),
        y0: rounded(r.y0, 100.0),
        x1: rounded(r.x1, 100.0),
        y1: rounded(r.y1, 100.0),
    });
}

/// In double precision, so that what was rounded stays as it is when it is rounded again.
fn rounded(value: f32, parts: f64) -> f32 {
    let value = f64::from(value.clamp(-FARTHEST, FARTHEST));
    // Adding zero makes -0 a plain 0.
    ((value * parts).round() / parts) as f32 + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Block, Word};
    use proptest::prelude::*;

    #[test]
    fn what_is_no_number_is_left_out() {
        let bad = Rect { x0: f32::NAN, y0: 0.0, x1: f32::INFINITY, y1: 1.0 };
        let block = Block {
            bounds: Some(bad),
            confidence: Some(f32::NAN),
            words: vec![Word { text: "a".into(), bounds: bad, confidence: Some(7.0) }],
            ..Block::default()
        };
        let mut page =
            Page { width: Some(f32::NAN), rotation: f32::NAN, blocks: vec![block], ..Page::default() };
        tidy(&mut page);
        let block = &page.blocks[0];
        assert_eq!((page.width, page.rotation, block.bounds, block.confidence), (None, 0.0, None, None));
        assert_eq!((block.words[0].bounds, block.words[0].confidence), (Rect::default(), Some(1.0)));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn twice_is_the_same_as_once(value in any::<f32>()) {
            let mut page = Page { width: Some(value), ..Page::default() };
            tidy(&mut page);
            let once = page.clone();
            tidy(&mut page);
            prop_assert_eq!(once, page);
        }
    }
}
