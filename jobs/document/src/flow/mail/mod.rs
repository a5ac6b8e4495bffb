//! How is a message of Internet mail read? `parts` finds its parts, `body` tells which of them are its text, `choose` takes
//! one of two versions, and what is attached is handed on.

mod body;
mod choose;
mod head;
mod mbox;
mod parts;
mod transfer;

use super::super::error::ReadError;
use super::super::limits::DocumentLimits;
use super::super::model::{Block, Metadata, PageKind, Warning};
use super::super::sink::{Flow, Inner, PageSink};
use super::charset::decode;
use super::gather::{self, Gather};
use super::letter::file_name;
use super::{html, text};
use body::Piece;
pub use choose::prefers_page;
pub use head::envelope;
use parts::{Part, Parts, parts};

/// Reads a message, or a box of many.
pub fn read(bytes: &[u8], limits: &DocumentLimits, sink: &mut dyn PageSink) -> Result<Metadata, ReadError> {
    if let Some((messages, is_cut)) = mbox::messages(bytes, limits.mime_parts as usize) {
        return read_box(&messages, is_cut, sink);
    }
    let parts = parts(mbox::without_line(bytes), limits);
    if parts.is_cut {
        sink.warn(gather::truncation(
            "the message has more parts, or parts nested deeper, than the limits allow",
        ));
    }
    let letter = parts.all.first().map(|part| head::envelope(part.headers)).unwrap_or_default();
    let mut gather = Gather::new(limits);
    let pieces = body::pieces(&parts);
    for piece in &pieces {
        for warning in write(&parts, *piece, limits, &mut gather) {
            sink.warn(warning);
        }
    }
    sink.letterhead(letter.fields());
    gather::hand_over(PageKind::Part, None, gather, sink)?;
    hand_attachments(&parts, &pieces, sink)?;
    Ok(letter.metadata())
}

fn read_box(messages: &[&[u8]], is_cut: bool, sink: &mut dyn PageSink) -> Result<Metadata, ReadError> {
    if is_cut {
        sink.warn(gather::truncation("the box has more messages than the limits allow"));
    }
    sink.expect_pages(0);
    for (number, message) in (1..).zip(messages) {
        let inner = Inner { name: format!("message-{number}.eml"), bytes: message.to_vec() };
        if sink.inner(inner)? == Flow::Enough {
            break;
        }
    }
    Ok(Metadata { pages: Some(0), ..Metadata::default() })
}

fn write(parts: &Parts<'_>, piece: Piece, limits: &DocumentLimits, gather: &mut Gather) -> Vec<Warning> {
    match piece {
        Piece::Attached(_) => Vec::new(),
        Piece::Text(number) => {
            parts.all.get(number).map(|part| read_text(part, limits, gather)).unwrap_or_default()
        }
        Piece::Either { text, html } => {
            let (Some(text), Some(html)) = (parts.all.get(text), parts.all.get(html)) else {
                return Vec::new();
            };
            let room = gather.room();
            let read = |part| {
                let mut gather = Gather::with_room(room);
                let warnings = read_text(part, limits, &mut gather);
                let (blocks, truncated) = gather.finish();
                (blocks, truncated, warnings)
            };
            let (plain, page) = (read(text), read(html));
            let (blocks, truncated, warnings) = if prefers_page(&plain.0, &page.0) { page } else { plain };
            take(blocks, truncated, gather);
            warnings
        }
    }
}

fn take(blocks: Vec<Block>, truncated: bool, gather: &mut Gather) {
    blocks.into_iter().for_each(|block| gather.push(block));
    if truncated {
        gather.note_loss();
    }
}

fn read_text(part: &Part<'_>, limits: &DocumentLimits, gather: &mut Gather) -> Vec<Warning> {
    let head = &part.head;
    let bytes = head.transfer.decode(part.body);
    let is_page = head.is("text", "html");
    let declared = head.charset.clone().or_else(|| is_page.then(|| html::declared(&bytes)).flatten());
    let decoded = decode(&bytes, declared.as_deref());
    let mut warnings = Vec::new();
    if decoded.lossy {
        warnings.push(super::broken_letters(decoded.charset));
    }
    if is_page {
        warnings.extend(html::read_into(&decoded.text, limits, gather).1);
    } else if let Some(drop_blanks) = head.flowed {
        text::read_into(&unflowed(&decoded.text, drop_blanks), gather);
    } else {
        text::read_into(&decoded.text, gather);
    }
    warnings
}

/// Joins lines that were broken softly (RFC 3676): those that end in a blank go on in the next one.
fn unflowed(text: &str, drop_blanks: bool) -> String {
    let mut joined = String::with_capacity(text.len());
    let depth = |line: &str| line.len() - line.trim_start_matches('>').len();
    let mut lines = text::lines(text).peekable();
    let mut is_joined = false;
    while let Some(line) = lines.next() {
        let quotes = depth(line);
        let content = line.get(quotes..).unwrap_or_default();
        let content = content.strip_prefix(' ').unwrap_or(content);
        if !is_joined {
            joined.extend(std::iter::repeat_n('>', quotes));
            joined.push_str(if quotes > 0 { " " } else { "" });
        }
        let goes_on = content.ends_with(' ') && content != "-- ";
        is_joined = goes_on && lines.peek().is_some_and(|next| depth(next) == quotes && *next != "-- ");
        joined.push_str(if drop_blanks && is_joined { content.trim_end_matches(' ') } else { content });
        if !is_joined {
            joined.push('\n');
        }
    }
    joined
}

fn hand_attachments(parts: &Parts<'_>, pieces: &[Piece], sink: &mut dyn PageSink) -> Result<(), ReadError> {
    let encrypted = parts.all.iter().any(|part| part.head.is("multipart", "encrypted"));
    if encrypted {
        sink.warn(Warning::new("encrypted_part", "a part of the message is encrypted").with_loss());
    }
    for piece in pieces {
        let Piece::Attached(number) = piece else { continue };
        let Some(part) = parts.all.get(*number) else { continue };
        let name = file_name(part.head.file.as_deref(), *number, extension(part));
        let inner = Inner { name, bytes: part.head.transfer.decode(part.body) };
        if sink.inner(inner)? == Flow::Enough {
            break;
        }
    }
    Ok(())
}

/// How the name of a part ends that has none.
fn extension<'a>(part: &'a Part<'_>) -> &'a str {
    match (part.head.kind.as_str(), part.head.subkind.as_str()) {
        ("message", _) => "eml",
        ("text", "plain") => "txt",
        ("text", "calendar") => "ics",
        ("image", "jpeg") => "jpg",
        ("application", "octet-stream") => "bin",
        (_, subkind) if subkind.len() <= 5 && subkind.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            subkind
        }
        _ => "bin",
    }
}

#[cfg(test)]
mod tests;
