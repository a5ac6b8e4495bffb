//! How is it drawn? A line of sums, the depth of the queue over time, a table of kinds, a table of workers.

use std::time::Duration;

use indicatif::HumanDuration;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Row, Sparkline, Table};
use serde_json::Value;

use super::seen::Seen;
use crate::table;

/// A job that has waited for longer is worth a colour.
const OLD_SECONDS: f64 = 900.0;
/// Lines of the depth over time, with its frame.
const DEPTH_LINES: u16 = 5;

const KINDS: [(&str, u16); 8] = [
    ("KIND", 24),
    ("QUEUED", 9),
    ("RUNNING", 9),
    ("SLOTS", 7),
    ("SCHEDULED", 10),
    ("BLOCKED", 9),
    ("OLDEST QUEUED", 15),
    ("OLDEST RUNNING", 15),
];
const WORKERS: [(&str, u16); 6] =
    [("WORKER", 38), ("STATE", 9), ("RUNNING", 8), ("HOST", 20), ("PID", 8), ("VERSION", 9)];

/// Draws what was seen.
pub fn draw(frame: &mut Frame<'_>, seen: &Seen) {
    let kinds = u16::try_from(seen.kinds.len()).unwrap_or(u16::MAX).saturating_add(3);
    let areas = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(DEPTH_LINES),
        Constraint::Length(kinds),
        Constraint::Min(3),
        Constraint::Length(1),
    ]);
    let [head, depth, kinds, workers, foot] = areas.areas(frame.area());
    frame.render_widget(sums(seen), head);
    let depths: Vec<u64> = seen.depths.iter().rev().take(usize::from(depth.width)).rev().copied().collect();
    let graph = Sparkline::default().data(depths).style(Style::new().fg(Color::Cyan));
    frame.render_widget(graph.block(framed("Queued over time")), depth);
    let rows = seen.kinds.iter().map(kind_row).collect();
    frame.render_widget(grid(&KINDS, rows, "Kinds"), kinds);
    let rows = seen.workers.iter().map(worker_row).collect();
    frame.render_widget(grid(&WORKERS, rows, "Workers"), workers);
    frame.render_widget(last_line(seen), foot);
}

/// The sums of all kinds.
fn sums(seen: &Seen) -> Line<'static> {
    let (running, slots) = (seen.sum("running"), seen.sum("slots"));
    let oldest = seen.oldest();
    let age = oldest.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let age = age.map_or_else(|| "-".to_owned(), |age| format!("{:#}", HumanDuration(age)));
    let is_old = oldest.is_some_and(|seconds| seconds > OLD_SECONDS);
    Line::from(vec![
        Span::styled("Esteira  ", Style::new().add_modifier(Modifier::BOLD)),
        Span::raw(format!("queued {}   running {running} of {slots} slots   oldest ", seen.sum("queued"))),
        Span::styled(age, if is_old { Style::new().fg(Color::Red) } else { Style::new() }),
        Span::raw(format!("   workers {}   pauses {}", seen.workers.len(), seen.pauses.len())),
    ])
}

/// What was wrong, or how it ends.
fn last_line(seen: &Seen) -> Line<'static> {
    match &seen.fault {
        Some(fault) => Line::styled(format!("what is shown is old: {fault}"), Style::new().fg(Color::Red)),
        None if seen.any => Line::raw("q ends"),
        None => Line::raw("asking the server; q ends"),
    }
}

fn kind_row(kind: &Value) -> Row<'static> {
    let mut cells = table::cells(kind, &["kind", "queued", "running", "slots", "scheduled", "blocked"]);
    cells.extend(["oldest_ready_seconds", "oldest_running_seconds"].map(|field| table::age(kind, field)));
    let is = |field: &str| kind.get(field).and_then(Value::as_bool) == Some(true);
    let number = |field: &str| kind.get(field).and_then(Value::as_u64).unwrap_or(0);
    let style = if is("paused") {
        Style::new().fg(Color::Yellow)
    } else if number("queued") > 0 && number("slots") == 0 {
        Style::new().fg(Color::Red)
    } else {
        Style::new()
    };
    Row::new(cells).style(style)
}

fn worker_row(worker: &Value) -> Row<'static> {
    let cells = table::cells(worker, &["id", "state", "running", "host", "pid", "version"]);
    let is_live = worker.get("state").and_then(Value::as_str) == Some("live");
    Row::new(cells).style(if is_live { Style::new() } else { Style::new().fg(Color::Yellow) })
}

fn grid(columns: &[(&'static str, u16)], rows: Vec<Row<'static>>, title: &'static str) -> Table<'static> {
    let heading =
        Row::new(columns.iter().map(|(name, _)| *name)).style(Style::new().add_modifier(Modifier::BOLD));
    Table::new(rows, columns.iter().map(|(_, width)| Constraint::Length(*width)))
        .header(heading)
        .block(framed(title))
}

fn framed(title: &'static str) -> Block<'static> {
    Block::new().borders(Borders::TOP).title(title)
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use serde_json::json;

    use super::*;

    fn drawn(seen: &Seen, width: u16, height: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(frame, seen)).unwrap();
        terminal.backend().to_string()
    }

    #[test]
    fn kinds_workers_and_sums_are_shown() {
        let mut seen = Seen::default();
        assert!(drawn(&seen, 120, 20).contains("asking the server"));
        let kind = json!({"kind": "video.generate", "queued": 7, "running": 2, "slots": 4, "scheduled": 1, "blocked": 0,
                          "oldest_ready_seconds": 12.0, "oldest_running_seconds": null, "paused": false});
        let worker = json!({"id": "0192f0c6", "state": "draining", "running": 2, "host": "one", "pid": 9, "version": "0.1.0"});
        seen.add(Ok((json!({"items": [kind], "pauses": []}), vec![worker])));
        let screen = drawn(&seen, 120, 20);
        for part in ["queued 7   running 2 of 4 slots   oldest 12s", "video.generate", "draining", "q ends"] {
            assert!(screen.contains(part), "no {part:?} in\n{screen}");
        }
        seen.add(Err("no connection".to_owned()));
        assert!(drawn(&seen, 120, 20).contains("what is shown is old: no connection"));
    }

    #[test]
    fn a_window_of_any_size_is_drawn() {
        let mut seen = Seen::default();
        seen.add(Ok((json!({"items": [{"kind": "a"}, {"kind": "b"}], "pauses": []}), Vec::new())));
        for (width, height) in [(1, 1), (3, 2), (20, 4), (300, 100)] {
            drawn(&seen, width, height);
        }
    }
}
