//! How do bytes reach what lies behind an archive? They are the parts of a package that is whole: sums and lists of files,
//! which a fuzzer breaks at every step, are made here.

use std::io::{Cursor, Write};

use esteira_document::fuzzing::Format;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Between the parts of an input.
const BETWEEN: &[u8] = b"\n=====\n";

/// A package of a format: the parts that an input brings, one after the other, and those that are always the same.
pub struct Package {
    pub format: Format,
    pub parts: &'static [&'static str],
    pub fixed: &'static [(&'static str, &'static str)],
}

impl Package {
    /// Reads the package whose parts are in `bytes`; what is left out is not in it.
    pub fn read(&self, bytes: &[u8]) {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let mut rest = bytes;
        let mut add = |name: &str, bytes: &[u8]| {
            let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
            zip.start_file(name, options).expect("a name that can be");
            zip.write_all(bytes).expect("nothing refuses it");
        };
        for (name, text) in self.fixed {
            add(name, text.as_bytes());
        }
        for name in self.parts {
            let end = rest.windows(BETWEEN.len()).position(|part| part == BETWEEN);
            let (part, after) =
                end.map_or((rest, None), |end| (&rest[..end], Some(&rest[end + BETWEEN.len()..])));
            add(name, part);
            let Some(after) = after else { break };
            rest = after;
        }
        let packed = zip.finish().expect("nothing refuses it").into_inner();
        crate::read(self.format, &packed);
    }
}

pub const DOCX: Package = Package {
    format: Format::Docx,
    parts: &[
        "word/document.xml",
        "word/styles.xml",
        "word/numbering.xml",
        "word/footnotes.xml",
        "word/header1.xml",
    ],
    fixed: &[
        (
            "_rels/.rels",
            "<Relationships><Relationship Id='a' Type='x/officeDocument' Target='word/document.xml'/></Relationships>",
        ),
        (
            "word/_rels/document.xml.rels",
            "<Relationships><Relationship Id='l' Type='x/hyperlink' Target='https://example.org/' TargetMode='External'/>\
             <Relationship Id='s' Type='x/styles' Target='styles.xml'/><Relationship Id='n' Type='x/numbering' Target='numbering.xml'/>\
             <Relationship Id='f' Type='x/footnotes' Target='footnotes.xml'/><Relationship Id='h' Type='x/header' Target='header1.xml'/>\
             </Relationships>",
        ),
    ],
};

pub const XLSX: Package = Package {
    format: Format::Xlsx,
    parts: &["xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/sharedStrings.xml", "xl/workbook.xml"],
    fixed: &[
        (
            "_rels/.rels",
            "<Relationships><Relationship Id='a' Type='x/officeDocument' Target='xl/workbook.xml'/></Relationships>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id='r1' Type='x/worksheet' Target='worksheets/sheet1.xml'/>\
             <Relationship Id='r3' Type='x/sharedStrings' Target='sharedStrings.xml'/>\
             <Relationship Id='r4' Type='x/styles' Target='styles.xml'/></Relationships>",
        ),
    ],
};

pub const XLSB: Package = Package {
    format: Format::Xlsb,
    parts: &["xl/s.bin", "xl/t.bin", "xl/styles.bin", "xl/workbook.bin"],
    fixed: &[(
        "xl/_rels/workbook.bin.rels",
        "<Relationships><Relationship Id='r1' Type='x/worksheet' Target='s.bin'/>\
         <Relationship Id='r2' Type='x/sharedStrings' Target='t.bin'/>\
         <Relationship Id='r3' Type='x/styles' Target='styles.bin'/></Relationships>",
    )],
};

pub const PPTX: Package = Package {
    format: Format::Pptx,
    parts: &["ppt/slides/slide1.xml", "ppt/notesSlides/n.xml", "ppt/charts/c.xml", "ppt/diagrams/d.xml"],
    fixed: &[
        (
            "_rels/.rels",
            "<Relationships><Relationship Id='a' Type='x/officeDocument' Target='ppt/presentation.xml'/></Relationships>",
        ),
        (
            "ppt/presentation.xml",
            "<p:presentation xmlns:r='r' xmlns:p='p'><p:sldIdLst><p:sldId id='256' r:id='r1'/></p:sldIdLst>\
             <p:sldSz cx='9144000' cy='6858000'/></p:presentation>",
        ),
        (
            "ppt/_rels/presentation.xml.rels",
            "<Relationships><Relationship Id='r1' Type='x/slide' Target='slides/slide1.xml'/></Relationships>",
        ),
        (
            "ppt/slides/_rels/slide1.xml.rels",
            "<Relationships><Relationship Id='n' Type='x/notesSlide' Target='../notesSlides/n.xml'/>\
             <Relationship Id='c' Type='x/chart' Target='../charts/c.xml'/>\
             <Relationship Id='d' Type='x/diagramData' Target='../diagrams/d.xml'/></Relationships>",
        ),
    ],
};

const fn open(format: Format, media_type: &'static [(&'static str, &'static str)]) -> Package {
    Package { format, parts: &["content.xml", "styles.xml", "meta.xml"], fixed: media_type }
}

pub const ODT: Package = open(Format::Odt, &[("mimetype", "application/vnd.oasis.opendocument.text")]);
pub const ODS: Package = open(Format::Ods, &[("mimetype", "application/vnd.oasis.opendocument.spreadsheet")]);
pub const ODP: Package =
    open(Format::Odp, &[("mimetype", "application/vnd.oasis.opendocument.presentation")]);

pub const EPUB: Package = Package {
    format: Format::Epub,
    parts: &["OPS/a.xhtml", "OPS/toc.ncx", "OPS/nav.xhtml"],
    fixed: &[
        ("mimetype", "application/epub+zip"),
        (
            "META-INF/container.xml",
            "<container><rootfiles><rootfile full-path='OPS/book.opf'/></rootfiles></container>",
        ),
        (
            "OPS/book.opf",
            "<package><metadata><title>x</title></metadata><manifest><item id='a' href='a.xhtml'/>\
             <item id='n' href='toc.ncx' media-type='application/x-dtbncx+xml'/>\
             <item id='v' href='nav.xhtml' properties='nav'/></manifest><spine><itemref idref='a'/></spine></package>",
        ),
    ],
};
