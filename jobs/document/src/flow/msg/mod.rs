//! How is a message of Outlook read? `properties` finds what it says in its compound file; its text is a page of the web, plain
//! text, or RTF, which `packed` unpacks and `rich` reads.

mod embedded;
mod packed;
mod properties;
mod rich;

use std::io::Cursor;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use mail_parser::DateTime;

use super::super::error::ReadError;
use super::super::limits::DocumentLimits;
use super::super::model::{Block, Metadata, PageKind, Warning};
use super::super::sink::{Flow, Inner, PageSink};
use super::charset::decode;
use super::gather::{self, Gather, truncation};
use super::letter::{Letter, file_name};
use super::mail::{envelope, prefers_page};
use super::{html, text};
use properties::{Compound, Object};
use rich::Rich;

/// RTF is unpacked into at most so many times the limit of text: most of it is not text.
const RTF_FOR_TEXT: u64 = 2;

/// Reads a message.
pub fn read(bytes: &[u8], limits: &DocumentLimits, sink: &mut dyn PageSink) -> Result<Metadata, ReadError> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes))
        .map_err(|error| ReadError::malformed(format!("the message is no compound file: {error}")))?;
    let message = Object::message(&mut file);
    let storages: Vec<String> = file
        .read_root_storage()
        .filter(cfb::Entry::is_storage)
        .map(|entry| entry.name().to_owned())
        .take(limits.mime_parts as usize * 2)
        .collect();
    let letter = letter(&mut file, &message, &storages);
    let mut gather = Gather::new(limits);
    for warning in write_body(&mut file, &message, limits, &mut gather) {
        sink.warn(warning);
    }
    sink.letterhead(letter.fields());
    gather::hand_over(PageKind::Part, None, gather, sink)?;
    hand_attachments(&mut file, &message, &storages, limits, sink)?;
    Ok(letter.metadata())
}

/// The encoding that Windows knows by a number.
fn code_page(number: u32) -> &'static Encoding {
    let label = match number {
        65001 => return UTF_8,
        932 => "shift_jis".to_owned(),
        936 => "gbk".to_owned(),
        949 => "euc-kr".to_owned(),
        950 => "big5".to_owned(),
        20866 => "koi8-r".to_owned(),
        28591..=28606 => format!("iso-8859-{}", number - 28590),
        _ => format!("windows-{number}"),
    };
    Encoding::for_label(label.as_bytes()).unwrap_or(WINDOWS_1252)
}

fn letter(file: &mut Compound<'_>, message: &Object, storages: &[String]) -> Letter {
    // PidTagTransportMessageHeaders: what came over the wire tells more than what Outlook made of it.
    let wire = message.text(file, 0x007d).map(|headers| envelope(headers.as_bytes())).unwrap_or_default();
    let sender = named(
        message.line(file, 0x0c1a).or(message.line(file, 0x0042)),
        message.line(file, 0x5d01).or(message.line(file, 0x0c1f)).or(message.line(file, 0x0065)),
    );
    let mut letter = Letter {
        subject: message.line(file, 0x0037).or(wire.subject),
        from: sender.into_iter().collect(),
        date: wire.date,
        instant: wire.instant,
        producer: wire.producer,
        ..Letter::default()
    };
    if letter.from.is_empty() {
        letter.from = wire.from;
    }
    recipients(file, message, storages, &mut letter);
    // PidTagDisplayTo and PidTagDisplayCc, where there are no recipients.
    if letter.to.is_empty() && letter.cc.is_empty() {
        letter.to = message.line(file, 0x0e04).into_iter().collect();
        letter.cc = message.line(file, 0x0e03).into_iter().collect();
    }
    // PidTagClientSubmitTime, PidTagMessageDeliveryTime.
    if let Some(sent) = message.instant(file, 0x0039).or(message.instant(file, 0x0e06)) {
        let sent = DateTime::from_timestamp(sent);
        letter.date.get_or_insert_with(|| sent.to_rfc3339());
        letter.instant.get_or_insert_with(|| sent.to_rfc3339());
    }
    letter
}

fn recipients(file: &mut Compound<'_>, message: &Object, storages: &[String], letter: &mut Letter) {
    for name in storages.iter().filter(|name| name.starts_with("__recip_version1.0_")) {
        let recipient = message.part(name);
        let address = recipient.line(file, 0x39fe).or(recipient.line(file, 0x3003));
        let Some(who) = named(recipient.line(file, 0x3001), address) else { continue };
        // PidTagRecipientType.
        match recipient.number(file, 0x0c15) {
            Some(2) => letter.cc.push(who),
            Some(3) => letter.bcc.push(who),
            _ => letter.to.push(who),
        }
    }
}

/// `Name <address>`. Addresses within an organisation, which begin with a slash, say nothing to people.
fn named(name: Option<String>, address: Option<String>) -> Option<String> {
    let address = address.filter(|address| address.contains('@'));
    match (name, address) {
        (Some(name), Some(address)) if !name.eq_ignore_ascii_case(&address) => {
            Some(format!("{name} <{address}>"))
        }
        (name, address) => address.or(name),
    }
}

fn write_body(
    file: &mut Compound<'_>,
    message: &Object,
    limits: &DocumentLimits,
    gather: &mut Gather,
) -> Vec<Warning> {
    let room = gather.room();
    let mut plain = Gather::with_room(room);
    if let Some(body) = message.text(file, 0x1000) {
        text::read_into(&body, &mut plain);
    }
    let mut page = Gather::with_room(room);
    let mut warnings = Vec::new();
    match html_of(file, message, limits) {
        Some(Rich::Page(body)) => warnings = html::read_into(&body, limits, &mut page).1,
        Some(Rich::Text(body)) => text::read_into(&body, &mut page),
        None => {}
    }
    let ((plain, plain_cut), (page, page_cut)) = (plain.finish(), page.finish());
    let (blocks, is_cut): (Vec<Block>, bool) =
        if prefers_page(&plain, &page) { (page, page_cut) } else { (plain, plain_cut) };
    blocks.into_iter().for_each(|block| gather.push(block));
    if is_cut {
        gather.note_loss();
    }
    warnings
}

/// The text with its form: PidTagHtml, as bytes or as a text, or PidTagRtfCompressed.
fn html_of(file: &mut Compound<'_>, message: &Object, limits: &DocumentLimits) -> Option<Rich> {
    if let Some(bytes) = message.bytes(file, 0x1013) {
        let declared = html::declared(&bytes);
        let declared = declared.as_deref().unwrap_or(code_page(message.charset).name());
        return Some(Rich::Page(decode(&bytes, Some(declared)).text.into_owned()));
    }
    if let Some(text) = message.text(file, 0x1013) {
        return Some(Rich::Page(text));
    }
    let most = usize::try_from(limits.text_bytes.saturating_mul(RTF_FOR_TEXT)).unwrap_or(usize::MAX);
    let rtf = packed::unpacked(&message.bytes(file, 0x1009)?, most)?;
    Some(rich::read(&rtf))
}

fn hand_attachments(
    file: &mut Compound<'_>,
    message: &Object,
    storages: &[String],
    limits: &DocumentLimits,
    sink: &mut dyn PageSink,
) -> Result<(), ReadError> {
    let attached = storages.iter().filter(|name| name.starts_with("__attach_version1.0_"));
    for (number, storage) in (1..).zip(attached) {
        if number > limits.mime_parts as usize {
            sink.warn(truncation("the message has more attachments than the limits allow"));
            break;
        }
        let attachment = message.part(storage);
        // PidTagAttachLongFilename, PidTagAttachFilename, PidTagDisplayName.
        let name =
            attachment.line(file, 0x3707).or(attachment.line(file, 0x3704)).or(attachment.line(file, 0x3001));
        let inner = attachment.path.join("__substg1.0_3701000D");
        let inner = if file.is_storage(&inner) {
            let name = name.map(|name| format!("{name}.msg"));
            let bytes = embedded::file_of(file, &inner, limits.bytes);
            bytes.map(|bytes| Inner { name: file_name(name.as_deref(), number, "msg"), bytes })
        } else {
            let bytes = attachment.bytes(file, 0x3701);
            bytes.map(|bytes| Inner { name: file_name(name.as_deref(), number, "bin"), bytes })
        };
        let Some(inner) = inner else { continue };
        if sink.inner(inner)? == Flow::Enough {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
