//! Writes the schema of `document.json`, as `docs/document.schema.json` has it.

use std::io::{self, Write};

fn main() -> io::Result<()> {
    writeln!(io::stdout(), "{:#}", esteira_document::schema())
}
