//! Which formats can be read, and what are they called?

use super::error::ReadError;

/// A format that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// Portable Document Format.
    Pdf,
    /// A text of Word, 2007 and later.
    Docx,
    /// A workbook of Excel, 2007 and later.
    Xlsx,
    /// A workbook of Excel in its binary form.
    Xlsb,
    /// A presentation of PowerPoint, 2007 and later.
    Pptx,
    /// A text of OpenDocument.
    Odt,
    /// A workbook of OpenDocument.
    Ods,
    /// A presentation of OpenDocument.
    Odp,
    /// A book.
    Epub,
    /// A document of Office, 2007 and later, that a password locks; which one is told only by unlocking it.
    EncryptedOffice,
    /// A text of Word, 97 to 2003.
    Doc,
    /// A workbook of Excel, 97 to 2003.
    Xls,
    /// A presentation of PowerPoint, 97 to 2003.
    Ppt,
    /// A message of Outlook.
    Msg,
    /// Rich Text Format.
    Rtf,
    /// A page of the web.
    Html,
    /// XML of any vocabulary.
    Xml,
    /// A message of Internet mail, or a page of the web saved as one (MHTML).
    Eml,
    /// Values apart by commas, semicolons, tabs or bars.
    Csv,
    /// Markdown.
    Markdown,
    /// Plain text.
    Text,
    /// A picture.
    Png,
    /// A picture.
    Jpeg,
    /// A picture of one page or many.
    Tiff,
    /// A picture.
    Webp,
    /// A picture.
    Bmp,
    /// A picture.
    Gif,
    /// A bundle of documents.
    Zip,
}

/// Which part of the crate reads a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// `pdf`.
    Pdf,
    /// `ocr`, by way of `extract`.
    Picture,
    /// `office`.
    Office,
    /// `flow`.
    Flow,
}

impl Format {
    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Xlsb => "application/vnd.ms-excel.sheet.binary.macroenabled.12",
            Self::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            Self::Odt => "application/vnd.oasis.opendocument.text",
            Self::Ods => "application/vnd.oasis.opendocument.spreadsheet",
            Self::Odp => "application/vnd.oasis.opendocument.presentation",
            Self::Epub => "application/epub+zip",
            Self::EncryptedOffice => "application/x-ole-storage",
            Self::Doc => "application/msword",
            Self::Xls => "application/vnd.ms-excel",
            Self::Ppt => "application/vnd.ms-powerpoint",
            Self::Msg => "application/vnd.ms-outlook",
            Self::Rtf => "application/rtf",
            Self::Html => "text/html",
            Self::Xml => "application/xml",
            Self::Eml => "message/rfc822",
            Self::Csv => "text/csv",
            Self::Markdown => "text/markdown",
            Self::Text => "text/plain",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Tiff => "image/tiff",
            Self::Webp => "image/webp",
            Self::Bmp => "image/bmp",
            Self::Gif => "image/gif",
            Self::Zip => "application/zip",
        }
    }

    /// The refusal of a document that was brought to a room where it is not read.
    pub fn misplaced(self) -> ReadError {
        ReadError::new(
            "unsupported_document",
            format!("a document of the type {} is not read here", self.media_type()),
        )
    }

    /// Where it is read.
    pub fn room(self) -> Room {
        match self {
            Self::Pdf => Room::Pdf,
            Self::Png | Self::Jpeg | Self::Tiff | Self::Webp | Self::Bmp | Self::Gif => Room::Picture,
            Self::Docx
            | Self::EncryptedOffice
            | Self::Xlsx
            | Self::Xlsb
            | Self::Pptx
            | Self::Odt
            | Self::Ods
            | Self::Odp
            | Self::Epub
            | Self::Doc
            | Self::Xls
            | Self::Ppt
            | Self::Rtf => Room::Office,
            Self::Msg
            | Self::Html
            | Self::Xml
            | Self::Eml
            | Self::Csv
            | Self::Markdown
            | Self::Text
            | Self::Zip => Room::Flow,
        }
    }
}
