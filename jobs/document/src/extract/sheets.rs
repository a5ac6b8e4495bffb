//! How do pages of paper reach the desk? In their order, their pictures read by several threads.

use std::cell::RefCell;
use std::fs::File;
use std::io::BufWriter;

use super::super::error::ReadError;
use super::super::model::Warning;
use super::super::ocr::{AddError, SearchablePdf, in_order};
use super::super::sink::{Flow, PageSink};
use super::desk::Desk;
use super::scan::{Kept, Plan, Reader, Ready, Sheet};

/// Pages that are worked on at the same time: each has its picture, and an engine with its models, in the child's memory.
const MOST_READERS: usize = 4;

const SEARCHABLE: &str = "searchable.pdf";

/// Hands the pages that are wanted to the desk, in their order.
pub fn sheets(
    desk: &mut Desk<'_>,
    plan: &Plan,
    wanted: &[u32],
    mut open: impl FnMut(u32, bool) -> Sheet,
) -> Result<(), ReadError> {
    let mut searchable = open_searchable(desk, plan)?;
    let threads = desk.work().parallelism().min(wanted.len()).clamp(1, MOST_READERS);
    let mut told_models = false;
    let before = desk.before();
    let desk = RefCell::new(desk);
    let mut outcome = Ok(());
    let inputs = wanted.iter().map(|number| {
        let mut desk = desk.borrow_mut();
        let key = desk.checkpoint_key(before + number);
        let kept = desk.work().checkpoint(&key).ok().flatten();
        let kept = kept.and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok());
        let mut sheet = open(*number, kept.is_some());
        if !sheet.scan {
            return sheet;
        }
        if !std::mem::replace(&mut told_models, true) {
            plan.warnings.iter().cloned().for_each(|warning| desk.warn(warning));
        }
        sheet.kept = kept;
        if plan.models.is_empty() {
            desk.note_unread_scan();
        }
        if plan.models.is_empty() || !desk.allow_scan() {
            sheet.scan = false;
            sheet.kept = None;
            sheet.warnings.push(not_read(*number, plan));
        }
        sheet
    });
    in_order(
        threads,
        || Ok::<_, ReadError>(Reader::default()),
        inputs,
        |reader, sheet| plan.finish(reader, sheet),
        |ready| {
            let mut desk = desk.borrow_mut();
            let delivered = ready.and_then(|ready| deliver(&mut desk, plan, ready, &mut searchable));
            match delivered {
                Ok(flow) => flow == Flow::Go,
                Err(error) => {
                    outcome = Err(error);
                    false
                }
            }
        },
    )?;
    outcome?;
    let desk = desk.into_inner();
    if let Some(searchable) = searchable {
        let finished = searchable.finish().map_err(super::storage);
        desk.or_stop(finished)?;
        desk.finish_drawn(SEARCHABLE, "application/pdf")?;
    }
    Ok(())
}

type Searchable = SearchablePdf<BufWriter<File>>;

/// A searchable PDF is made of the document itself, not of what lies inside it.
fn open_searchable(desk: &mut Desk<'_>, plan: &Plan) -> Result<Option<Searchable>, ReadError> {
    if !plan.is_searchable() || desk.is_in_part() {
        return Ok(None);
    }
    let path = desk.work().artifact_path(SEARCHABLE);
    let path = desk.or_stop(path)?;
    let opened = File::create(path).map(BufWriter::new).and_then(SearchablePdf::new).map_err(super::storage);
    desk.or_stop(opened).map(Some)
}

/// Writes a page that is ready.
fn deliver(
    desk: &mut Desk<'_>,
    plan: &Plan,
    ready: Ready,
    searchable: &mut Option<Searchable>,
) -> Result<Flow, ReadError> {
    let going_on = desk.work().check_stop();
    desk.or_stop(going_on)?;
    let number = ready.page.number;
    let name = desk.before() + number;
    let (extension, media_type) = plan.image_type();
    for warning in ready.warnings {
        desk.warn(warning);
    }
    if let Some(keep) = &ready.keep
        && let Ok(bytes) = serde_json::to_vec(keep)
    {
        let key = desk.checkpoint_key(name);
        let kept = desk.work().keep_checkpoint(&key, &bytes);
        desk.or_stop(kept)?;
    }
    if let Some(bytes) = &ready.image {
        desk.draw(&format!("pages/{name:04}.{extension}"), media_type, bytes)?;
    }
    if let Some(bytes) = &ready.thumbnail {
        desk.draw(&format!("thumbnails/{name:04}.{extension}"), media_type, bytes)?;
    }
    if let (Some(pdf), Some((picture, recognised, jpeg))) = (searchable, &ready.searchable) {
        match pdf.add(picture, recognised, jpeg.as_deref()) {
            Ok(()) => {}
            Err(AddError::Picture(error)) => desk.warn(Warning::from(error).of_page(number)),
            Err(AddError::Write(error)) => desk.or_stop(Err(super::storage(error)))?,
        }
    }
    let mut page = ready.page;
    if !desk.input().words {
        page.blocks.iter_mut().for_each(|block| block.words.clear());
    }
    desk.page(page)
}

fn not_read(page: u32, plan: &Plan) -> Warning {
    let message = if plan.models.is_empty() {
        "none of the languages that were asked for is installed; the picture of the page was not read"
    } else {
        "as many pages as may be were read from their pictures; this one was not"
    };
    Warning::new("not_recognised", message).of_page(page).with_loss()
}
