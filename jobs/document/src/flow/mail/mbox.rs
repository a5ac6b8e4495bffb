//! Is this one message, or a box of many, one after the other behind lines that begin with `From `?

/// The messages in a box; nothing where the bytes are no box, or one of a single message.
pub fn messages(bytes: &[u8], most: usize) -> Option<(Vec<&[u8]>, bool)> {
    if !bytes.starts_with(b"From ") {
        return None;
    }
    let mut starts: Vec<usize> = memchr::memmem::find_iter(bytes, b"\nFrom ")
        .map(|at| at + 1)
        .filter(|&at| follows_blank_line(bytes, at) && leads_headers(bytes, at))
        .take(most)
        .collect();
    if starts.is_empty() {
        return None;
    }
    let is_cut = starts.len() >= most;
    starts.insert(0, 0);
    let ends = starts.iter().skip(1).copied().chain([bytes.len()]);
    let messages =
        starts.iter().zip(ends).filter_map(|(&start, end)| bytes.get(start..end)).map(without_line);
    Some((messages.collect(), is_cut))
}

/// The message without the line of a box before it.
pub fn without_line(message: &[u8]) -> &[u8] {
    if !message.starts_with(b"From ") {
        return message;
    }
    memchr::memchr(b'\n', message).and_then(|end| message.get(end + 1..)).unwrap_or_default()
}

fn follows_blank_line(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(..at).unwrap_or_default();
    before.ends_with(b"\n\n") || before.ends_with(b"\r\n\r\n")
}

fn leads_headers(bytes: &[u8], at: usize) -> bool {
    let rest = bytes.get(at..at.saturating_add(2000).min(bytes.len())).unwrap_or_default();
    let header = without_line(rest).split(|&byte| byte == b':').next().unwrap_or_default();
    (2..60).contains(&header.len()) && header.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_in_a_box_are_told_apart() {
        let mbox = b"From a@x Mon\nSubject: 1\n\nFrom here it is text\n\nFrom b@x Tue\nSubject: 2\n\ntwo\n";
        let (found, is_cut) = messages(mbox, 100).unwrap();
        assert_eq!(found, [&b"Subject: 1\n\nFrom here it is text\n\n"[..], b"Subject: 2\n\ntwo\n"]);
        assert!(!is_cut);
        assert!(messages(b"From a@x Mon\nSubject: 1\n\none\n", 100).is_none());
        assert!(messages(b"Subject: 1\n\none\n", 100).is_none());
    }
}
