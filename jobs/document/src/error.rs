//! Why can a document not be read?

/// The code of what is no fault of the document.
const DISK: &str = "storage_failed";

/// A refusal, in words fit for the person who sent the document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ReadError {
    /// A stable code in `snake_case`.
    pub code: &'static str,
    /// What is wrong, with the page or the part where that is known.
    pub message: String,
}

impl ReadError {
    /// A refusal with `code`.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// The bytes are not what their format says.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new("malformed_document", message)
    }

    /// A limit is passed, and nothing of the document is fit to be given back.
    pub fn too_large(message: impl Into<String>) -> Self {
        Self::new("document_too_large", message)
    }

    /// The disk did not give the file: no fault of the document.
    #[expect(clippy::needless_pass_by_value, reason = "it is mapped over results")]
    pub fn disk(error: std::io::Error) -> Self {
        Self::new(DISK, format!("the work directory: {error}"))
    }

    /// Whether the same document may be read another time.
    pub fn is_of_the_disk(&self) -> bool {
        self.code == DISK
    }

    /// It is encrypted, and the password is missing or another one.
    pub fn locked(message: impl Into<String>) -> Self {
        Self::new("document_locked", message)
    }
}
