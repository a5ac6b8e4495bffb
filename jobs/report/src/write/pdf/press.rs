//! What may a source see? The files that it is given, the fonts in the program, and nothing else: no disk, no network, no
//! packages, no clock.

use chrono::{DateTime, Datelike, Timelike, Utc};
use typst::diag::{FileError, FileResult, PackageError, SourceDiagnostic, Warned};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use super::fonts::Shelf;

/// The stack of the thread in which Typst works: deeply nested sources go deep.
const STACK: usize = 256 << 20;

/// Faults of a source that are told.
const MOST_FAULTS: usize = 5;

/// What a source is set with.
pub struct Press {
    library: LazyHash<Library>,
    shelf: &'static Shelf,
    main: Source,
    files: Vec<(FileId, Bytes)>,
    now: DateTime<Utc>,
}

impl Press {
    /// A press for a source, with files beside it by their names; `now` is the moment that the source is told.
    pub fn new(
        source: String,
        files: Vec<(&'static str, Vec<u8>)>,
        shelf: &'static Shelf,
        now: DateTime<Utc>,
    ) -> Option<Self> {
        let id =
            |name: &str| Some(RootedPath::new(VirtualRoot::Project, VirtualPath::new(name).ok()?).intern());
        let files = files.into_iter().map(|(name, bytes)| Some((id(name)?, Bytes::new(bytes))));
        Some(Self {
            library: LazyHash::new(Library::default()),
            shelf,
            main: Source::new(id("/main.typ")?, source),
            files: files.collect::<Option<_>>()?,
            now,
        })
    }

    /// Sets the source, in a thread of its own; `standards` are promised of the PDF, whose identity is `ident`.
    ///
    /// # Errors
    /// What is wrong with the source, each with its line; why the PDF cannot keep the promise.
    pub fn print(&self, ident: &str, standards: &[PdfStandard]) -> Result<Vec<u8>, Vec<Fault>> {
        std::thread::scope(|scope| {
            let work = || self.set(ident, standards);
            let thread = std::thread::Builder::new().name("typst".to_owned()).stack_size(STACK);
            let thread =
                thread.spawn_scoped(scope, work).map_err(|_| vec![Fault::plain("no thread is left")])?;
            // A source that makes Typst panic is at fault, as far as anybody can tell.
            thread.join().unwrap_or_else(|_| Err(vec![Fault::plain("Typst gave up on it")]))
        })
    }

    fn set(&self, ident: &str, standards: &[PdfStandard]) -> Result<Vec<u8>, Vec<Fault>> {
        let Warned { output, .. } = typst::compile::<PagedDocument>(self);
        let document = output.map_err(|faults| self.told(&faults))?;
        let options = PdfOptions {
            ident: Smart::Custom(ident.to_owned()),
            creator: Smart::Custom(Some("Esteira".to_owned())),
            timestamp: datetime(self.now).map(Timestamp::new_utc),
            page_ranges: None,
            standards: PdfStandards::new(standards).map_err(|error| vec![Fault::plain(error.message())])?,
            tagged: true,
            pretty: false,
        };
        typst_pdf::pdf(&document, &options).map_err(|faults| self.told(&faults))
    }

    fn told(&self, faults: &[SourceDiagnostic]) -> Vec<Fault> {
        faults.iter().take(MOST_FAULTS).map(|fault| self.fault(fault)).collect()
    }

    /// A fault with the place in the tenant's own source that led to it.
    fn fault(&self, fault: &SourceDiagnostic) -> Fault {
        let place = |range: Option<std::ops::Range<usize>>| {
            let (line, column) = self.main.lines().byte_to_line_column(range?.start)?;
            Some((line + 1, column + 1))
        };
        let mut found =
            (fault.span.id() == Some(self.main.id())).then(|| place(self.range(fault.span))).flatten();
        for call in &fault.trace {
            if found.is_none() && call.span.id() == Some(self.main.id()) {
                found = place(self.range(call.span));
            }
        }
        let hints = fault.hints.iter().take(3).map(|hint| hint.v.as_str());
        let message = std::iter::once(fault.message.as_str()).chain(hints).collect::<Vec<_>>().join("; ");
        Fault { place: found, message }
    }
}

fn datetime(at: DateTime<Utc>) -> Option<Datetime> {
    let part = |part: u32| u8::try_from(part).ok();
    Datetime::from_ymd_hms(
        at.year(),
        part(at.month())?,
        part(at.day())?,
        part(at.hour())?,
        part(at.minute())?,
        part(at.second())?,
    )
}

/// What is wrong with a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line and the column, from one on.
    pub place: Option<(usize, usize)>,
    /// What Typst says.
    pub message: String,
}

impl Fault {
    fn plain(message: impl AsRef<str>) -> Self {
        Self { place: None, message: message.as_ref().to_owned() }
    }
}

impl World for Press {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.shelf.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() { Ok(self.main.clone()) } else { Err(refusal(id)) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let found = self.files.iter().find(|(name, _)| *name == id);
        found.map(|(_, bytes)| bytes.clone()).ok_or_else(|| refusal(id))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.shelf.fonts.get(index).cloned()
    }

    fn today(&self, offset: Option<Duration>) -> Option<Datetime> {
        // The moment at which the data end, whatever day it is: the same data give the same bytes.
        let ahead = offset.map_or(0, |offset| offset.seconds() as i64);
        let there = self.now.checked_add_signed(chrono::TimeDelta::try_seconds(ahead)?)?;
        Datetime::from_ymd(there.year(), u8::try_from(there.month()).ok()?, u8::try_from(there.day()).ok()?)
    }
}

fn refusal(id: FileId) -> FileError {
    match id.root() {
        VirtualRoot::Package(_) => {
            FileError::Package(PackageError::Other(Some("packages are not available here".into())))
        }
        VirtualRoot::Project => FileError::NotFound(id.vpath().get_with_slash().into()),
    }
}
