//! What have readers laid over a page? Notes, and values in the fields of a form.

use super::geometry::Frame;
use super::native::{Annotation, CharBox, FieldKind, OpenPage};
use crate::model::{Block, BlockKind, Rect};

/// Annotations of a page that are read.
const MOST_NOTES: u32 = 5_000;

/// A note or a field.
#[derive(Debug, Clone)]
pub struct Note {
    /// What it becomes.
    pub block: Block,
}

/// Kinds of annotations (`FPDF_ANNOT_…`).
const LINK: i32 = 2;
const POPUP: i32 = 16;
const WIDGET: i32 = 20;

/// Reads the notes of a page that is seen by `frame`.
pub fn read(page: &OpenPage<'_>, frame: Frame) -> Vec<Note> {
    let mut notes = Vec::new();
    for index in 0..page.annotation_count().min(MOST_NOTES) {
        let Some(annotation) = page.annotation(index).filter(|annotation| !annotation.is_hidden()) else {
            continue;
        };
        let text = match annotation.subtype() {
            LINK | POPUP => None,
            WIDGET => field(&annotation).map(|text| (BlockKind::Field, text)),
            // Notes say what they say in their own text; marks over text have one where somebody wrote it.
            _ => annotation.text("Contents").map(|text| (BlockKind::Comment, text)),
        };
        let Some((kind, text)) = text else { continue };
        let text = text.replace('\r', "\n").trim().to_owned();
        if !text.is_empty() {
            let bounds = annotation.bounds().map(|bounds| seen(frame, bounds));
            notes.push(Note { block: Block { kind, text, bounds, ..Block::default() } });
        }
    }
    notes
}

fn seen(frame: Frame, bounds: Rect) -> Rect {
    frame.rect(CharBox { left: bounds.x0, bottom: bounds.y1, right: bounds.x1, top: bounds.y0 })
}

/// A field as `Name: value`; none where it is empty.
fn field(annotation: &Annotation<'_>) -> Option<String> {
    let name = annotation.field_name().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    let value = match annotation.field_kind()? {
        FieldKind::Button => return None,
        FieldKind::Tick => if annotation.is_ticked() { "☒" } else { "☐" }.to_owned(),
        // The one that is chosen tells what all of them say.
        FieldKind::OneOf if !annotation.is_ticked() => return None,
        FieldKind::OneOf => {
            let value = annotation.field_value().map(|value| value.trim().to_owned());
            value.filter(|value| !value.is_empty()).unwrap_or_else(|| "☒".to_owned())
        }
        FieldKind::Text => {
            annotation.field_value().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())?
        }
    };
    Some(match name {
        Some(name) => format!("{name}: {value}"),
        None => value,
    })
}
