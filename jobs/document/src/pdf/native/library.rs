//! Where does PDFium come from, and whose turn is it? It is bound once in a process, and serves one thread at a time.

use std::cell::RefCell;
use std::fmt;
use std::path::Path;
use std::rc::{Rc, Weak};
use std::sync::{Mutex, MutexGuard, PoisonError};

use pdfium_render::prelude::{Pdfium, PdfiumError, PdfiumLibraryBindings, PdfiumLibraryBindingsAccessor};

use super::super::super::error::ReadError;

/// Held by the thread that has documents open: PDFium keeps state between its calls, and guards none of it.
static TURN: Mutex<()> = Mutex::new(());

thread_local! {
    /// The turn of this thread, while it has one: it may have several documents open.
    static MINE: RefCell<Weak<MutexGuard<'static, ()>>> = const { RefCell::new(Weak::new()) };
}

/// PDFium, bound, and this thread's turn to call it.
#[derive(Clone)]
pub struct Library {
    calls: &'static dyn PdfiumLibraryBindings,
    _turn: Rc<MutexGuard<'static, ()>>,
}

impl Library {
    /// Binds the shared library at `path`, or finds it bound; waits while another thread has documents open.
    ///
    /// # Errors
    /// When there is no such library, or it lacks a function.
    pub fn at(path: &Path) -> Result<Self, ReadError> {
        let turn = turn();
        match Pdfium::bind_to_library(path) {
            Ok(bindings) => drop(Pdfium::new(bindings)),
            Err(PdfiumError::PdfiumLibraryBindingsAlreadyInitialized) => {}
            Err(error) => {
                return Err(ReadError::new("reader_missing", format!("PDFium cannot be loaded: {error}")));
            }
        }
        Ok(Self { calls: Bound.bindings(), _turn: turn })
    }

    /// The functions of the library.
    pub fn calls(&self) -> &'static dyn PdfiumLibraryBindings {
        self.calls
    }
}

impl fmt::Debug for Library {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Library")
    }
}

/// Stands for the bindings that the process has.
struct Bound;

impl PdfiumLibraryBindingsAccessor<'static> for Bound {}

/// The turn of this thread: the one that it has, or else the next that is free.
fn turn() -> Rc<MutexGuard<'static, ()>> {
    MINE.with_borrow_mut(|mine| {
        mine.upgrade().unwrap_or_else(|| {
            // A panic elsewhere has closed its documents while it unwound: nothing half done is left.
            let turn = Rc::new(TURN.lock().unwrap_or_else(PoisonError::into_inner));
            *mine = Rc::downgrade(&turn);
            turn
        })
    })
}
